// One publisher: a kept-alive connection that sends its next request when the last one was answered with 202 for all of
// its events. Anything else ends the bench with the answer's text.
#pragma once

#include <chrono>
#include <cstdint>

#include "tests/bench/http_connection.hpp"
#include "tests/bench/request.hpp"

namespace statecast::bench {

class Publisher {
 public:
  using Time = std::chrono::steady_clock::time_point;

  Publisher(std::uint16_t port, const RequestForm& form, std::uint64_t number);

  int descriptor() const { return connection_.descriptor(); }
  std::size_t events() const { return request_.events(); }
  Time sent_at() const { return sent_at_; }

  void send_next();
  // What the socket allows now; true when an answer came to its end.
  bool on_ready();

 private:
  HttpConnection connection_;
  Request request_;
  Time sent_at_{};
};

}  // namespace statecast::bench

// Publishes messages one by one over a few kept-alive connections. A topic's messages all go over one of them, each when
// the one before it was answered, so that their order is that of their numbers.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/http_connection.hpp"
#include "tests/bench/load/pattern.hpp"

namespace statecast::bench {

class Publishing {
 public:
  Publishing(const std::string& target, const std::string& type, const std::string& body);
  ~Publishing();
  Publishing(const Publishing&) = delete;
  Publishing& operator=(const Publishing&) = delete;

  // Shortly before the first message: servers close connections that ask for nothing.
  void open(std::uint16_t port, std::size_t connections);
  void publish(std::uint64_t topic, std::uint64_t number);
  // Takes the answers that are there; any but a 2xx ends the load.
  void poll();
  std::size_t under_way() const { return under_way_; }  // published and not answered

 private:
  struct Message {
    std::uint64_t topic, number;
  };
  struct Line {
    HttpConnection connection;
    Pattern request;
    std::deque<Message> messages;  // the first one is under way
  };

  void send_first(Line& line);
  void on_answer(Line& line);

  const int epoll_;
  const Pattern request_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::size_t under_way_ = 0;
};

}  // namespace statecast::bench

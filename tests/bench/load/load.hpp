// One load: clients that subscribe, one message to each topic that proves it, and then messages at a rate, first some that
// do not count and then those that do. One thread, which never sleeps while it measures.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/bench/load/clients.hpp"
#include "tests/bench/load/publishing.hpp"
#include "tests/bench/load/server_time.hpp"
#include "tests/bench/load/tally.hpp"

namespace statecast::bench {

struct LoadOptions {
  std::uint16_t port = 0;
  ::pid_t server = 0;
  Form form = Form::sse;
  std::size_t clients = 1, slow = 0, topics = 1, each = 1, first_topic = 0;
  std::string stream, topic, publish, type, body;
  double rate = 10;  // messages a second
  std::size_t warm_up = 0, messages = 0;
};

class Load {
 public:
  explicit Load(const LoadOptions& options);

  void run();
  // One JSON object, as a line.
  void print() const;

 private:
  using Clock = std::chrono::steady_clock;

  void prove_subscribed();
  void publish_at_rate(std::size_t messages);
  void publish_next();
  void turn();
  void turn_until(const std::function<bool()>& done);
  void on_message(std::size_t client, std::uint64_t number, std::size_t bytes);
  Clock::time_point due(std::uint64_t number) const;

  const LoadOptions options_;
  const Plan plan_;
  const ServerTime server_;
  Tally tally_;
  Clients clients_;
  Publishing publishing_;
  // Of the messages that are being published at a rate: the first, and when it was due.
  std::uint64_t first_ = 0;
  Clock::time_point begin_{};
  bool counts_ = false;
  // Of those that count.
  std::uint64_t server_ns_ = 0;
  double opening_s_ = 0, late_ms_ = 0;
  std::vector<float> times_ms_;
  std::uint64_t bytes_ = 0;
};

}  // namespace statecast::bench

// Lets a line of the log through at most once a minute, for what may happen at any rate. [any]
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace statecast::host {

class Seldom {
 public:
  // Whether it is time again; of those who ask at once, one is told so.
  bool now() {
    const std::int64_t at = std::chrono::steady_clock::now().time_since_epoch().count();
    std::int64_t next = next_.load(std::memory_order_relaxed);
    return at >= next && next_.compare_exchange_strong(next, at + kPause.count(), std::memory_order_relaxed);
  }

 private:
  static constexpr std::chrono::nanoseconds kPause = std::chrono::minutes(1);

  std::atomic<std::int64_t> next_{INT64_MIN};
};

}  // namespace statecast::host

// The circuit breaker of one plugin instance: after five failures in a row it opens, and the instance is left alone until
// the next try is due; a try that fails makes the next one later, a try that succeeds closes it.
//
//   closed --five failures--> open --half_open()--> half-open --on_recovered()--> closed
//                              ^------- on_failure() ----'
//
// Owned by the thread that calls the instance, which tells it how each call went: a call that goes well costs one
// comparison. What it is like can be read from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace statecast::host {

enum class BreakerState : std::uint8_t { kClosed, kHalfOpen, kOpen };  // by number as the metric tells them

struct BreakerStatus {
  BreakerState state = BreakerState::kOpen;
  std::int64_t since_ns = 0;   // when it first opened, whatever tries failed since; as Clock::mono_ns
  std::string reason;          // of the newest failure
  std::uint64_t failures = 0;  // in a row
};

class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Random = std::function<double()>;  // from 0 to 1

  static constexpr std::uint64_t kFailuresToOpen = 5;
  static constexpr std::chrono::milliseconds kFirstPause{1000}, kLongestPause{60'000};

  explicit Breaker(Random random = system_random());

  // A call went well: closed, the count begins anew. Half-open it means little, since a way back takes many calls.
  void on_success() {
    if (state() == BreakerState::kClosed) failures_ = 0;
  }
  // A call, or a try to come back, failed.
  void on_failure(std::string_view reason, Time now);

  bool closed() const { return state() == BreakerState::kClosed; }
  // When the next try is due; far away unless open.
  Time retry_at() const { return state() == BreakerState::kOpen ? retry_at_ : Time::max(); }
  // A try begins. Without effect unless open.
  void half_open();
  // The try has come to its end well: all is as before.
  void on_recovered();

  BreakerState state() const { return state_.load(std::memory_order_relaxed); }  // [any]
  // Nothing while closed. [any]
  std::optional<BreakerStatus> status() const;

 private:
  static Random system_random();
  void open(Time now);
  std::chrono::milliseconds next_pause();

  const Random random_;
  std::uint64_t failures_ = 0;
  unsigned tries_ = 0;  // that failed, since it first opened
  Time retry_at_{};
  std::atomic<BreakerState> state_{BreakerState::kClosed};

  mutable std::mutex mutex_;  // never taken while closed and calls go well
  BreakerStatus status_;      // guarded by mutex_; written by the owner alone
};

}  // namespace statecast::host

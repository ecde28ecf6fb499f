// The pauses between tries of what fails: twice as long each time, up to a bound, and spread, so that many do not try at
// the same moment.
//
// Owned by whoever tries; one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace statecast::host {

class Backoff {
 public:
  using Pause = std::chrono::milliseconds;

  // The next pause: between half of its length and all of it.
  Pause next() {
    const Pause longest = std::min(kLongest, kFirst * (1 << std::min(failures_++, 7u)));
    return longest / 2 + longest * static_cast<long>(random_() % 1000) / 2000;
  }
  void reset() { failures_ = 0; }

 private:
  static constexpr Pause kFirst{50}, kLongest{5000};
  unsigned failures_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace statecast::host

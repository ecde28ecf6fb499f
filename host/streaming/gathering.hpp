// How long an append waits for company. Publishers that were answered mostly come back at once, and others came while the
// append lasted. Were the next append of these alone, the two would take turns for ever, each waiting for two appends of
// half the size. So the next one waits for both, but no longer than an append lasts.
//
// Owned by the Appender. [append]
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace statecast::host {

class Gathering {
 public:
  using Time = std::chrono::nanoseconds;

  // An append of so many requests has ended; so many others wait already, and nobody was answered yet.
  void on_append(std::size_t requests, std::size_t waiting, Time took) {
    wanted_ = requests + waiting;
    patience_ = std::min(took, kLongest);
    if (pause_ > 0) --pause_;
  }

  // How many requests the next append should have; 0 = whatever is there.
  std::size_t wanted() const { return pause_ > 0 || patience_ < kShortest ? 0 : wanted_; }
  Time patience() const { return patience_; }

  // So many were there before and after. Where few come, as when publishers have pauses or come but once, it is tried
  // ever more seldom.
  void on_waited(std::size_t before, std::size_t after) {
    const bool came = after >= wanted_ || 2 * after >= 3 * before;
    misses_ = came ? 0 : std::min(misses_ + 1, kMostMisses);
    pause_ = came ? 0 : 1u << misses_;
  }

 private:
  static constexpr Time kShortest = std::chrono::microseconds(100);  // less is spent by falling asleep and waking
  static constexpr Time kLongest = std::chrono::milliseconds(1);    // who is not back by then takes its time
  static constexpr unsigned kMostMisses = 6;

  std::size_t wanted_ = 0;
  Time patience_{0};
  unsigned misses_ = 0;
  unsigned pause_ = 0;  // so many appends do not wait
};

}  // namespace statecast::host

// How far the stream has come, by the times that its events carry. The clock plays no part.
//
// The watermark says that no more events before it are expected: the newest time seen, less the lateness allowed. An
// event far ahead of all others is not believed by itself, since one producer's wrong clock would close every window.
// Owned by a WindowState, on its lane.
#pragma once

#include <cstdint>
#include <optional>

namespace statecast::window {

class StreamTime {
 public:
  // Microseconds. An event more than `max_ahead_us` beyond the newest is not believed; 0 = each is.
  StreamTime(std::int64_t lateness_us, std::int64_t max_ahead_us)
      : lateness_us_(lateness_us), max_ahead_us_(max_ahead_us) {}

  bool believes(std::int64_t time_us) const;
  // Moves on to a time that is believed; true when it is newer than all before.
  bool reach(std::int64_t time_us);

  std::optional<std::int64_t> newest() const { return newest_us_; }  // nothing = no event yet
  std::optional<std::int64_t> watermark() const;

 private:
  const std::int64_t lateness_us_, max_ahead_us_;
  std::optional<std::int64_t> newest_us_;
};

}  // namespace statecast::window

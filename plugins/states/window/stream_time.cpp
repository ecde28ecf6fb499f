#include "plugins/states/window/stream_time.hpp"

namespace statecast::window {

bool StreamTime::believes(std::int64_t time_us) const {
  return !newest_us_ || max_ahead_us_ == 0 || time_us <= *newest_us_ + max_ahead_us_;
}

bool StreamTime::reach(std::int64_t time_us) {
  if (newest_us_ && time_us <= *newest_us_) return false;
  newest_us_ = time_us;
  return true;
}

std::optional<std::int64_t> StreamTime::watermark() const {
  if (!newest_us_) return std::nullopt;
  return *newest_us_ - lateness_us_;
}

}  // namespace statecast::window

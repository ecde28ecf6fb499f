#include "plugins/states/order/event_clock.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace statecast::order {
namespace {

// Differences of times within this are no overflow.
constexpr std::int64_t kFurthest = std::numeric_limits<std::int64_t>::max() / 4;

}  // namespace

void EventClock::note(std::int64_t time_us) {
  time_us = std::clamp(time_us, -kFurthest, kFurthest);
  const std::int64_t ahead = time_us - newest_us_.value_or(time_us);
  if (ahead > near_us_ || ahead < -near_us_) return note_far(time_us);
  if (!far_.empty()) far_.clear();
  if (ahead < 0) return;
  passed_us_ += ahead;
  newest_us_ = time_us;
}

void EventClock::note_far(std::int64_t time_us) {
  far_.push_back(time_us);
  if (far_.size() < kBelievedInARow) return;
  auto far = std::exchange(far_, {});
  std::ranges::nth_element(far, far.begin() + kBelievedInARow / 2);
  newest_us_ = far[kBelievedInARow / 2];
}

nlohmann::ordered_json EventClock::save() const {
  return {{"newest", newest_us_ ? nlohmann::ordered_json(*newest_us_) : nullptr}, {"passed", passed_us_}, {"far", far_}};
}

void EventClock::load(const nlohmann::ordered_json& saved) {
  if (const auto& newest = saved.at("newest"); !newest.is_null()) newest_us_ = newest.get<std::int64_t>();
  passed_us_ = saved.at("passed").get<std::int64_t>();
  far_ = saved.at("far").get<std::vector<std::int64_t>>();
}

}  // namespace statecast::order

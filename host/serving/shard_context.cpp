#include "host/serving/shard_context.hpp"

namespace statecast::host {

bool LanePosts::try_post(std::uint16_t lane, LaneMessage message) {
  if (waiting_[lane].size() >= kWaitingAtMost || service_.lane(lane).closed()) return false;
  post(lane, std::move(message));
  return true;
}

void LanePosts::post(std::uint16_t lane, LaneMessage message) {
  if (waiting_[lane].empty() && service_.lane(lane).post_or_ask(message, shard_)) return;
  waiting_[lane].push_back(std::move(message));
}

void LanePosts::retry() {
  for (std::uint16_t lane = 0; lane < waiting_.size(); ++lane) {
    auto& waiting = waiting_[lane];
    while (!waiting.empty() && service_.lane(lane).post_or_ask(waiting.front(), shard_)) waiting.pop_front();
  }
}

}  // namespace statecast::host

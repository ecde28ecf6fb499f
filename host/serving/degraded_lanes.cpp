#include "host/serving/degraded_lanes.hpp"

#include <algorithm>

#include "host/streaming/json.hpp"

namespace statecast::host {

std::string degraded_text(std::string_view state) {
  return "The state '" + std::string(state) + "' is degraded and answers no requests until it has recovered: try again later.";
}

std::string unanswered_text(std::string_view state) { return "The state '" + std::string(state) + "' did not answer in time: try again."; }

DegradedLanes::DegradedLanes(std::vector<std::string> states, std::vector<std::size_t> state_of)
    : state_of_(std::move(state_of)), degraded_(state_of_.size()) {
  for (std::string& id : states) states_.push_back({std::move(id), {}, 0});
}

void DegradedLanes::note(const LaneHealth& health) {
  if (degraded_[health.lane] == health.degraded) return;
  degraded_[health.lane] = health.degraded;
  State& state = states_[state_of_[health.lane]];
  if (!health.degraded) {
    --state.lanes;
    return;
  }
  ++state.lanes;
  state.reason = health.reason;
}

const std::string* DegradedLanes::find(std::span<const std::uint16_t> lanes) const {
  const auto found = std::ranges::find_if(lanes, [&](std::uint16_t lane) { return contains(lane); });
  return found == lanes.end() ? nullptr : &state_id(*found);
}

bool DegradedLanes::concerns(std::span<const Leg> legs, std::size_t state, bool only_degraded) const {
  return std::ranges::any_of(legs, [&](const Leg& leg) { return state_of_[leg.lane] == state && (!only_degraded || degraded_[leg.lane]); });
}

std::vector<DegradedLanes::News> DegradedLanes::news_for(std::span<const Leg> legs, std::vector<std::uint16_t>& told) const {
  std::vector<News> news;
  std::erase_if(told, [&](std::uint16_t state) {
    const bool over = !concerns(legs, state, true);
    if (over && concerns(legs, state, false)) news.push_back({state, false});  // else it has left the state's topics
    return over;
  });
  for (const Leg& leg : legs) {
    const auto state = static_cast<std::uint16_t>(state_of_[leg.lane]);
    if (!degraded_[leg.lane] || std::ranges::find(told, state) != told.end()) continue;
    told.push_back(state);
    news.push_back({state, true});
  }
  return news;
}

std::string DegradedLanes::message(const News& news) const {
  const State& state = states_[news.state];
  if (!news.degraded) return R"({"type":"recovered","state":)" + json_quote(state.id) + "}";
  return R"({"type":"degraded","state":)" + json_quote(state.id) + R"(,"reason":)" + json_quote(state.reason) + "}";
}

}  // namespace statecast::host

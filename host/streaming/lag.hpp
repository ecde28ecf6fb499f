// How far a lane is behind its sources: behind the newest event that the source's tail has read.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/streaming/feed.hpp"

namespace statecast::host {

struct Lag {
  std::string source;
  // Events not folded yet, whether the state consumes them or not. Nothing when the source's positions do not count events.
  std::optional<std::uint64_t> events;
  // Time since the last folded event happened; 0 when there is nothing newer, nothing when none was folded.
  std::optional<double> seconds;
};

// For each source of the lane, over all its partitions.
std::vector<Lag> lags_of(const LaneStatus& lane, std::span<const std::unique_ptr<Feed>> feeds, std::int64_t now_us);

}  // namespace statecast::host

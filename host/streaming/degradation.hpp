// Whether something is wrong with a lane, as it can be seen from outside without asking it: its breaker is not closed, or
// its turn has lasted for too long, which is what a State that hangs looks like.
//
// Plain values and functions. [any]
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "host/config/settings.hpp"
#include "host/streaming/breaker.hpp"

namespace statecast::host {

struct Plugin;
class Lane;

// What one look at a lane shows. Times are those of Clock::mono_ns.
struct LaneLook {
  std::int64_t busy_since_ns = 0;    // when its turn began, 0 = between turns
  const char* under_way = nullptr;   // the plugin function that has not returned
  std::optional<BreakerStatus> breaker{};
};
LaneLook look_at(const Lane& lane);

struct Degradation {
  std::int64_t since_ns = 0;
  bool hangs = false;
  std::string reason;      // for operators
  std::string for_clients; // what they may expect, nothing of what is inside
};
// Nothing = the lane is well.
std::optional<Degradation> degradation_of(const LaneLook& look, std::uint64_t hang_after_ms, std::int64_t now_ns);

// "state 'runs' (plugin delivery 0.1.0)"; of several partitions it says which.
std::string lane_title(const StateSettings& settings, const Plugin& plugin, std::uint32_t partition);
// "<title> is degraded since 2026-11-21T15:29:01Z: it has not returned from apply"
std::string sentence_of(const Degradation& degradation, const std::string& title, std::int64_t now_ns, std::int64_t now_us);
// When it began, to the second: "2026-11-21T15:29:01Z".
std::string since_text(const Degradation& degradation, std::int64_t now_ns, std::int64_t now_us);

}  // namespace statecast::host

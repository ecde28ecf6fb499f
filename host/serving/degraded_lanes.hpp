// What a shard knows of the lanes' health, as main has told it: whether a request that needs a lane is refused at once, and
// what its clients are to be told.
//
// Part of the shard's context. [shard]
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/serving/session.hpp"
#include "host/streaming/messages.hpp"

namespace statecast::host {

inline constexpr unsigned kRetryDegraded = 5;  // seconds after which a refused client may come back
std::string degraded_text(std::string_view state);     // the problem of a request that needs a degraded state
std::string unanswered_text(std::string_view state);   // that it waited for in vain

class DegradedLanes {
 public:
  // `state_of` gives each lane's state by its place in `states`, which are their ids.
  DegradedLanes(std::vector<std::string> states, std::vector<std::size_t> state_of);

  void note(const LaneHealth& health);
  bool contains(std::uint16_t lane) const { return degraded_[lane]; }
  // The id of a state of which one of the lanes is degraded; null = all are well.
  const std::string* find(std::span<const std::uint16_t> lanes) const;

  const std::string& state_id(std::uint16_t lane) const { return states_[state_of_[lane]].id; }
  std::size_t state_of(std::uint16_t lane) const { return state_of_[lane]; }

  struct News {
    std::size_t state;
    bool degraded;
  };
  // What is new to a session: a state of which it has legs on degraded lanes, or has no longer. `told` are the degraded
  // states that it knows of; afterwards it knows this.
  std::vector<News> news_for(std::span<const Leg> legs, std::vector<std::uint16_t>& told) const;
  // {"type":"degraded","state":"runs","reason":...} or {"type":"recovered","state":"runs"}
  std::string message(const News& news) const;

 private:
  struct State {
    std::string id, reason;  // of the newest degradation
    std::size_t lanes = 0;   // degraded ones
  };
  bool concerns(std::span<const Leg> legs, std::size_t state, bool only_degraded) const;

  std::vector<State> states_;
  const std::vector<std::size_t> state_of_;  // by lane
  std::vector<bool> degraded_;               // by lane
};

}  // namespace statecast::host

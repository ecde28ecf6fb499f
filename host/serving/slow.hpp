// What is kept for clients that are slower than what is sent to them: how far each has come, so that what it misses can be
// brought once it has taken what waits.
//
// Owned by Streams. [shard]
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace statecast::host {

// A place in what a lane sends: after the change of this number (Change::id), where a client may resume by the cursor.
struct LaneMark {
  std::uint64_t change = 0;
  std::string cursor{};
};

// How far each lane has come on this shard, and how far it had before the round under way. A client for which nothing waited
// when the round began has all of that.
class LaneMarks {
 public:
  explicit LaneMarks(std::size_t lanes) : lanes_(lanes) {}

  void note_change(std::uint16_t lane, std::uint64_t change) { in_round(lane).change = change; }
  // Of the newest change noted, or of what the lane has come to since.
  void note_cursor(std::uint16_t lane, const std::string& cursor) { in_round(lane).cursor = cursor; }
  std::uint64_t newest_change(std::uint16_t lane) const { return lanes_[lane].newest.change; }
  const LaneMark& before_round(std::uint16_t lane) const {
    return lanes_[lane].round == round_ ? lanes_[lane].before : lanes_[lane].newest;
  }
  void end_round() { ++round_; }

 private:
  struct Lane {
    LaneMark newest{}, before{};
    std::uint64_t round = 0;  // in which it was noted last
  };
  LaneMark& in_round(std::uint16_t lane) {
    Lane& at = lanes_[lane];
    if (at.round != round_) {
      at.before = at.newest;
      at.round = round_;
    }
    return at.newest;
  }

  std::vector<Lane> lanes_;
  std::uint64_t round_ = 1;
};

// Of one session, from when the kernel takes less than there is until all is taken.
struct Slow {
  struct Lane {
    std::uint16_t lane = 0;
    LaneMark taken{};  // the client has, or is about to be sent, everything up to here
  };
  struct Held {  // a group of legs that is no longer fed: what comes after the mark is asked for when all is taken
    std::uint32_t group = 0;
    std::uint16_t lane = 0;
    LaneMark from{};
  };
  struct Dropped {
    std::uint32_t topic = 0;  // in SessionTopics
    std::uint64_t messages = 0;
  };
  std::vector<Lane> lanes{};
  std::vector<Held> held{};
  std::vector<Dropped> dropped{};  // since the client was last told
  std::size_t bytes = 0;           // of its queue, as counted in BufferBudget

  LaneMark& taken(std::uint16_t lane) {
    const auto found = std::ranges::find(lanes, lane, &Lane::lane);
    return (found != lanes.end() ? *found : lanes.emplace_back(Lane{lane})).taken;
  }
  // What waits of the lane up to this change must not be dropped: what is asked for later comes after it.
  std::uint64_t keeps(std::uint16_t lane) {
    std::uint64_t change = taken(lane).change;
    for (const Held& group : held)
      if (group.lane == lane) change = std::max(change, group.from.change);
    return change;
  }
  void count_dropped(std::uint32_t topic) {
    const auto found = std::ranges::find(dropped, topic, &Dropped::topic);
    ++(found != dropped.end() ? *found : dropped.emplace_back(Dropped{topic})).messages;
  }
};

}  // namespace statecast::host

// What a session is subscribed to, lane by lane, and what it needs beside its record while there is more than one topic, or
// anything under way.
//
// Part of a session. [shard]
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/serving/slow.hpp"

namespace statecast::host {

inline constexpr std::uint32_t kNone = 0xffffffff;

// One topic of the session on one lane.
struct Leg {
  std::uint32_t id = 0;        // the shard's, never used again
  std::uint32_t group = 0;     // of the snapshot that it was last in
  std::uint32_t topic = 0;     // in SessionTopics
  std::uint32_t channel = kNone, place = 0;  // where in the lane's channel it stands
  std::uint16_t lane = 0;
  bool settled : 1 = false;      // see Commit
  bool listing : 1 = true;       // its snapshot is under way
  bool with_cursor : 1 = false;  // subscribed for frames with cursors
  bool appended : 1 = false;
  bool ended : 1 = false;        // nothing more will come from this lane
  bool held : 1 = false;         // the client is too slow to be fed: a refill is due
};

// The pages that one lane still has to send for one subscribe request.
struct SnapshotGroup {
  enum class Due : std::uint8_t { kNothing, kPull, kRefill };
  struct Listed {
    std::uint32_t leg = 0;
    std::string through{};  // keys up to this one have been listed
  };
  std::uint32_t number = 0;
  std::uint16_t lane = 0;
  Due due = Due::kNothing;  // what to ask for when the client has taken all: else a page is on its way
  bool again = false;       // updates of listed keys were dropped meanwhile (Pull)
  std::vector<Listed> listed{};

  void note_listed(std::uint32_t leg, std::string through) {
    const auto found = std::ranges::find(listed, leg, &Listed::leg);
    (found != listed.end() ? *found : listed.emplace_back(Listed{leg})).through = std::move(through);
  }
  bool has_listed(std::uint32_t leg, std::string_view key) const {
    const auto found = std::ranges::find(listed, leg, &Listed::leg);
    return found != listed.end() && key <= found->through;
  }
};

// The newest cursor of one lane, for sessions that get cursors of their own.
struct LaneCursor {
  std::uint16_t lane = 0;
  std::string cursor;
  bool ended = false;  // of a topic that has ended: it stays part of the session's cursor
};

struct SessionDetails {
  std::vector<Leg> legs;  // all of them, where there are several
  std::vector<SnapshotGroup> listing;
  std::vector<LaneCursor> cursors;
  std::vector<std::uint16_t> told_degraded;  // states that the client knows to be degraded
  std::uint32_t asked = 0;                   // subscribe commands that wait for verdicts
  std::unique_ptr<Slow> slow;                // null when nothing waits

  // False when the record alone says all.
  bool needed() const {
    return legs.size() > 1 || !listing.empty() || !cursors.empty() || !told_degraded.empty() || asked != 0 || slow != nullptr;
  }
};

}  // namespace statecast::host

// What a shard keeps of one streaming client, by slot. The record itself is what delivery touches; the rest, needed only
// when something changes, hangs behind it.
//
// Owned by its shard's SessionTable. [shard]
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "host/serving/connection_limits.hpp"
#include "host/serving/emitter.hpp"
#include "host/serving/session_end.hpp"
#include "host/serving/slow.hpp"
#include "host/streaming/messages.hpp"

namespace statecast::host {

inline constexpr std::uint32_t kNone = 0xffffffff;

// One topic of the session on one lane.
struct Leg {
  std::uint32_t id = 0, group = 0, topic = 0;   // topic: place in SessionDetails::topics
  std::uint16_t lane = 0;
  std::uint32_t channel = kNone, place = 0;     // where in the lane's channel it stands
  bool settled = false;                         // see Commit
  bool listing = true;                          // its snapshot is under way
  bool with_cursor = false;                     // subscribed for frames with cursors
  bool appended = false;
  bool ended = false;                           // nothing more will come from this lane
  bool held = false;                            // the client is too slow to be fed: a refill is due
  std::string listed_through;                   // keys up to this one have been listed
};

struct SessionTopic {
  std::string name;
  std::size_t prefix = 0;
  bool gone = false;  // unsubscribed, or ended
};

// The pages that one lane still has to send for one subscribe request.
struct SnapshotGroup {
  std::uint32_t number = 0;
  std::uint16_t lane = 0;
  enum class Due : std::uint8_t { kNothing, kPull, kRefill };
  Due due = Due::kNothing;  // what to ask for when the client has taken all: else a page is on its way
  bool again = false;       // updates of listed keys were dropped meanwhile (Pull)
};

// The newest cursor of one lane, for sessions that get cursors of their own.
struct LaneCursor {
  std::uint16_t lane = 0;
  std::string cursor;
  bool ended = false;  // of a topic that has ended: it stays part of the session's cursor
};

struct SessionDetails {
  Ref<RequestContext> context;
  ConnectionLimits::Ticket ticket;
  std::vector<SessionTopic> topics;
  std::vector<Leg> legs;
  std::vector<SnapshotGroup> listing;
  std::vector<LaneCursor> cursors;
  std::uint32_t next_leg = 0, next_group = 0;
  std::vector<std::uint16_t> told_degraded;  // states that the client knows to be degraded
  std::uint32_t asked = 0;  // subscribe commands that wait for verdicts
  bool may_publish = false;
  EndedBy ended_by = EndedBy::kClient;  // unless something else ends it first
  std::int64_t opened_ms = 0, expires_ms = 0, pinged_ms = 0;  // expires 0 = never
  std::uint64_t bytes = 0, frames = 0;
  std::unique_ptr<Slow> slow;  // null when nothing waits

  // Enters a topic where one is gone, or at the end, so that the list stays as long as the most topics at one time.
  std::uint32_t place_for(SessionTopic topic) {
    const auto free = std::ranges::find(topics, true, &SessionTopic::gone);
    if (free == topics.end()) return topics.push_back(std::move(topic)), static_cast<std::uint32_t>(topics.size() - 1);
    *free = std::move(topic);
    return static_cast<std::uint32_t>(free - topics.begin());
  }
};

struct Session {
  enum class Stage : std::uint8_t { kFree, kOpening, kOpen, kClosing };

  Emitter emitter;
  std::unique_ptr<SessionDetails> details;
  void* plugin_session = nullptr;
  std::uint64_t last_change = 0;    // the newest change queued: one that is on two topics is sent once
  int fd = -1;
  std::uint32_t generation = 0;
  std::int64_t sent_ms = 0;         // when bytes last left, or the queue was last empty
  std::int64_t heard_ms = 0;        // when the client last answered
  std::uint16_t encoding = 0;       // host-wide, the one with cursors
  std::uint16_t transport = 0;
  Stage stage = Stage::kFree;
  bool own_cursor = false;          // gets cursors of its own: its topics live on several lanes, or came one by one
  bool cursor_due = false, dirty = false, watches_write = false;
  bool plugin_open = false;         // the transport has accepted the session, and was not told of its end
};

}  // namespace statecast::host

// What a shard keeps of one streaming client, by slot. The record is all that an idle client costs, and what delivery touches
// stands at its beginning. What only some moments need hangs behind it while they last: a snapshot, several topics, cursors of
// the session's own, commands that wait for an answer, slowness.
//
// Owned by its shard's SessionTable. [shard]
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "host/serving/connection_limits.hpp"
#include "host/serving/emitter.hpp"
#include "host/serving/kept_requests.hpp"
#include "host/serving/session_details.hpp"
#include "host/serving/session_end.hpp"

namespace statecast::host {

// A time on the monotonic clock in tenths of a second: what sessions keep of it takes half the room, and lasts 13 years.
using Tenths = std::uint32_t;
inline constexpr std::int64_t kTenthMs = 100;

struct Session {
  enum class Stage : std::uint8_t { kFree, kOpening, kOpen, kClosing };

  // ---- what delivery touches: 64 bytes
  Emitter emitter;
  std::unique_ptr<SessionDetails> details;  // null = not needed
  std::uint64_t last_change = 0;            // the newest change queued: one that is on two topics is sent once
  std::uint64_t bytes = 0;                  // sent
  std::uint32_t frames = 0;                 // queued
  Tenths sent = 0;                          // when bytes last left, or the queue was last empty
  int fd = -1;
  std::uint16_t transport = 0;
  Stage stage : 2 = Stage::kFree;
  bool own_cursor : 1 = false;              // gets cursors of its own: its topics live on several lanes, or came one by one
  bool cursor_due : 1 = false;
  bool dirty : 1 = false;
  bool watches_write : 1 = false;
  bool plugin_open : 1 = false;             // the transport has accepted the session, and was not told of its end
  bool may_publish : 1 = false;
  bool has_leg : 1 = false;                 // `leg` is the only one
  bool urgent : 1 = false;                  // more than changes is queued, which waits for no window
  bool waits_for_window : 1 = false;        // see FlushWindow
  bool hurried : 1 = false;                 // was written to before the end of the window under way

  // ---- the rest
  void* plugin_session = nullptr;
  KeptRequests::Kept request;               // of a client that may subscribe later
  ConnectionLimits::Ticket ticket;
  std::uint64_t number = 0;                 // of all sessions of the process
  std::uint32_t generation = 0;
  Tenths opened = 0;
  Tenths expires = 0;                       // 0 = never
  Tenths heard = 0;                         // when the client last answered
  Tenths pinged = 0;
  std::uint16_t encoding = 0;               // host-wide, the one with cursors
  EndedBy ended_by = EndedBy::kClient;      // unless something else ends it first
  Leg leg;

  std::span<Leg> legs() {
    if (details && !details->legs.empty()) return details->legs;
    return {&leg, has_leg ? 1u : 0u};
  }
  std::span<const Leg> legs() const { return const_cast<Session*>(this)->legs(); }
  const Leg* find_leg(std::uint32_t id) const {
    const auto found = std::ranges::find(legs(), id, &Leg::id);
    return found == legs().end() ? nullptr : &*found;
  }
  Leg* find_leg(std::uint32_t id) { return const_cast<Leg*>(std::as_const(*this).find_leg(id)); }

  // The only leg stands in the record, several in the details, which must be there then.
  void add(const Leg& more) {
    if (legs().empty()) {
      leg = more;
      has_leg = true;
      return;
    }
    if (has_leg) details->legs.push_back(leg);
    has_leg = false;
    details->legs.push_back(more);
  }
  // Returns how many legs were on the topic.
  std::size_t erase_legs(std::uint32_t topic) {
    if (details && !details->legs.empty()) return std::erase_if(details->legs, [&](const Leg& other) { return other.topic == topic; });
    if (!has_leg || leg.topic != topic) return 0;
    has_leg = false;
    return 1;
  }
  // Gives back the details when they say nothing that the record does not. Returns whether they are gone.
  bool fold_details() {
    if (!details || details->needed()) return false;
    if (!details->legs.empty()) {
      leg = details->legs.front();
      has_leg = true;
    }
    details.reset();
    return true;
  }
};

static_assert(sizeof(Session) <= 144, "every idle client pays for it");

// As logs and clients name it: s-1f.
std::string session_name(std::uint64_t number);

}  // namespace statecast::host

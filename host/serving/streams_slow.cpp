#include <algorithm>

#include "host/serving/streams.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

constexpr std::string_view kTooSlow = "the client is too slow for every value: the current ones are sent";

template <class Legs>
bool any_leg(const Legs& legs, std::uint16_t lane, bool appended) {
  return std::ranges::any_of(legs, [&](const Leg& leg) { return leg.lane == lane && leg.appended == appended; });
}

}  // namespace

// ---- how far the client has come

void Streams::note_change(std::uint16_t lane, std::uint64_t change) {
  marks_.note_change(lane, change);
  for (const auto& window : windows_)
    if (window) window->marks().note_change(lane, change);
}

void Streams::note_come_to(std::uint16_t lane, const std::string& cursor) {
  marks_.note_cursor(lane, cursor);
  for (const auto& window : windows_)
    if (window) window->marks().note_cursor(lane, cursor);
}

// Nothing waited for it when the round, or the window, began.
Slow& Streams::slow_of(Session& session) {
  SessionDetails& details = details_of(session);
  if (details.slow) return *details.slow;
  details.slow = std::make_unique<Slow>();
  for (const Leg& leg : session.legs()) details.slow->taken(leg.lane) = marks_of(session).before_round(leg.lane);
  return *details.slow;
}

void Streams::note_taken(Slow& slow) {
  for (const Ref<Frame>& frame : taken_) {
    const Change* change = frame->change();
    if (change == nullptr) continue;
    LaneMark& taken = slow.taken(change->lane);
    if (taken.change < change->id) taken = {change->id, change->cursor};
  }
}

// ---- what is dropped

DroppedBy Streams::policy_of(const Session& session, bool appended) const {
  if (appended) return DroppedBy::kBlocked;
  switch (settings_of(session).slow_updated) {
    case SlowUpdated::kDropOldest: return DroppedBy::kDropOldest;
    case SlowUpdated::kDropNewest: return DroppedBy::kDropNewest;
    case SlowUpdated::kConflate:
    case SlowUpdated::kDisconnect: break;
  }
  return DroppedBy::kConflated;
}

// Of a change that was for this leg; kNoLeg = it was the session's cursor. What an appended topic leaves out comes later.
void Streams::count_dropped(Session& session, std::uint32_t leg_id) {
  const Leg* leg = session.find_leg(leg_id);
  context_.stats.count_held_back(policy_of(session, leg != nullptr && leg->appended));
  if (leg != nullptr && !leg->appended) slow_of(session).count_dropped(leg->topic);
}

bool Streams::over(const Session& session, unsigned times) const {
  const auto& settings = settings_of(session);
  return session.emitter.over(times * settings.buffer_bytes, std::size_t{times} * settings.buffer_messages);
}

// Whether what this lane sends the session may be dropped, since it can be brought again.
bool Streams::may_hold(const Session& session, std::uint16_t lane) const {
  const auto legs = session.legs();
  const auto& settings = settings_of(session);
  return !(any_leg(legs, lane, false) && settings.slow_updated == SlowUpdated::kDisconnect) &&
         !(any_leg(legs, lane, true) && settings.slow_appended == SlowAppended::kDisconnect);
}

// More waits than may: what can be brought again goes, the values first. False when the rest is too much all the same. What was
// queued before the end of a snapshot cannot be told from it by any cursor, and stays: so twice as much may wait for a moment.
bool Streams::make_room(std::uint32_t slot) {
  Session& session = sessions_[slot];
  if (session.stage != Session::Stage::kOpen) return false;
  hold(session, false);
  if (over(session)) hold(session, true);
  if (!over(session)) return true;
  const bool at_fault = std::ranges::any_of(session.legs(), [&](const Leg& leg) {
    return !may_hold(session, leg.lane) && session.emitter.newest_change(leg.lane) != nullptr;
  });
  return !at_fault && !over(session, 2);
}

// The lanes that send appended messages, or those that send none.
void Streams::hold(Session& session, bool appended) {
  std::vector<std::uint16_t> lanes;
  for (const Leg& leg : session.legs())
    if (std::ranges::find(lanes, leg.lane) == lanes.end()) lanes.push_back(leg.lane);
  const bool keep_oldest = appended || settings_of(session).slow_updated == SlowUpdated::kDropNewest;
  for (const auto lane : lanes)
    if (may_hold(session, lane) && any_leg(session.legs(), lane, true) == appended) hold(session, lane, keep_oldest);
}

// Feeds the session nothing more from the lane until it has taken what is left, when its legs are refilled from there. One whose
// snapshot is still under way has it listed again instead; while a page is on its way that has to wait for it.
void Streams::hold(Session& session, std::uint16_t lane, bool keep_oldest) {
  SessionDetails& details = details_of(session);
  const auto is_coming = [&](const SnapshotGroup& group) { return group.lane == lane && group.due == SnapshotGroup::Due::kNothing; };
  if (std::ranges::any_of(details.listing, is_coming)) return;
  Slow& slow = slow_of(session);
  const auto after = slow.keeps(lane);
  const auto& settings = settings_of(session);
  const auto count = [&](std::uint32_t leg) { count_dropped(session, leg); };
  if (keep_oldest) session.emitter.drop_newest(lane, after, settings.buffer_bytes, settings.buffer_messages, count);
  else session.emitter.drop_changes(lane, after, count);
  for (SnapshotGroup& group : details.listing)
    if (group.lane == lane && group.due == SnapshotGroup::Due::kPull) group.again = true;

  const auto is_live = [&](const Leg& leg) {
    return leg.lane == lane && std::ranges::none_of(details.listing, [&](const SnapshotGroup& g) { return g.lane == lane && g.number == leg.group; });
  };
  const auto number = next_group_++;
  bool any = false;
  for (Leg& leg : session.legs()) {
    if (!is_live(leg)) continue;
    leg.group = number;
    leg.held = leg.listing = any = true;
  }
  if (!any) return;
  details.listing.push_back({number, lane, SnapshotGroup::Due::kRefill});
  const Change* left = session.emitter.newest_change(lane);
  const LaneMark& taken = slow.taken(lane);
  slow.held.push_back({number, lane, left != nullptr && left->id > taken.change ? LaneMark{left->id, left->cursor} : taken});
}

// ---- the client has taken all

void Streams::on_drained(Session& session, std::uint32_t slot) {
  SessionDetails& details = *session.details;
  if (details.slow && !details.slow->dropped.empty()) tell_dropped(slot);
  for (SnapshotGroup& group : details.listing) {
    if (group.due == SnapshotGroup::Due::kRefill) {
      refill(session, slot, group);
    } else if (std::exchange(group.due, SnapshotGroup::Due::kNothing) == SnapshotGroup::Due::kPull) {
      context_.posts.post(group.lane, Pull{ref_of(slot), group.number, std::exchange(group.again, false)});
    }
  }
  if (details.slow && session.emitter.empty() && details.slow->held.empty()) details.slow.reset();
  fold_details(session);
}

void Streams::tell_dropped(std::uint32_t slot) {
  for (const Slow::Dropped& dropped : std::exchange(sessions_[slot].details->slow->dropped, {}))
    push_control(slot, R"({"type":"dropped","topic":)" + json_quote(topics_.name(dropped.topic)) + R"(,"reason":)" + json_quote(kTooSlow) +
                           R"(,"messages":)" + std::to_string(dropped.messages) + "}");
}

// A leg that changes its channel just now delays its group until the commit that tells the new one.
void Streams::refill(Session& session, std::uint32_t slot, SnapshotGroup& group) {
  SessionDetails& details = *session.details;
  const auto in_group = [&](const Leg& leg) { return leg.group == group.number && leg.lane == group.lane; };
  if (std::ranges::any_of(session.legs(), [&](const Leg& leg) { return in_group(leg) && !leg.settled; })) return;
  const auto held = std::ranges::find(details.slow->held, group.number, &Slow::Held::group);
  Subscribe request{ref_of(slot), group.number, session.encoding, session.own_cursor, page_bytes(session), {}};
  for (Leg& leg : session.legs()) {
    if (!in_group(leg)) continue;
    request.legs.push_back({leg.id, {}, {}, held->from.cursor, leg.appended, leg.channel});
    leg.held = leg.settled = false;
    leg.with_cursor = !session.own_cursor;
  }
  details.slow->held.erase(held);
  group.due = SnapshotGroup::Due::kNothing;
  context_.posts.post(group.lane, std::move(request));
}

std::uint32_t Streams::page_bytes(const Session& session) const {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(settings_of(session).buffer_bytes / 2, 64 * 1024));
}

// ---- what waits for all clients

// What waits for a flush window counts for nobody: it is on its way.
bool Streams::is_slow(const Session& session) { return session.details && session.details->slow; }

void Streams::note_waiting(const Session& session) {
  const auto bytes = session.emitter.bytes();
  largest_ = std::max(largest_, bytes);
  waiting_change_ += static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(std::exchange(session.details->slow->bytes, bytes));
}

// The clients for which most waits go first, whichever shards they are on.
void Streams::keep_within_budget() {
  BufferBudget& budget = context_.buffers;
  const auto note = [&] {
    context_.stats.waiting_bytes.add(waiting_change_);
    budget.add(std::exchange(waiting_change_, 0));
  };
  if (waiting_change_ != 0) note();
  if (!budget.over() || !budget.is_largest(context_.number, largest_)) return;
  std::vector<std::pair<std::size_t, std::uint32_t>> waiting;
  for (std::uint32_t slot = 0; slot < sessions_.size(); ++slot)
    if (sessions_[slot].stage != Session::Stage::kFree && is_slow(sessions_[slot])) waiting.emplace_back(sessions_[slot].emitter.bytes(), slot);
  std::ranges::sort(waiting, std::greater());
  largest_ = 0;
  for (const auto& [bytes, slot] : waiting) {
    largest_ = bytes;
    if (!budget.over() || !budget.is_largest(context_.number, bytes)) break;
    sessions_[slot].ended_by = EndedBy::kBuffer;
    destroy(slot, "it is the slowest: more than limits.buffers (" + std::to_string(budget.bytes()) + " bytes) waits for all clients together");
    note();
  }
  context_.buffers.publish_largest(context_.number, largest_);
}

}  // namespace statecast::host

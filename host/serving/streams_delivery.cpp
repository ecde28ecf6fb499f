#include <algorithm>

#include "host/ops/log.hpp"
#include "host/serving/streams.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

void Streams::on(LaneBatch& batch) {
  const std::string* come_to = nullptr;  // the lane: by its last change, or the end of a listing after that
  const auto note = [&] {
    if (come_to != nullptr) note_come_to(batch.lane, *std::exchange(come_to, nullptr));
  };
  for (ShardItem& item : batch.items) {
    if (auto* delivery = std::get_if<Delivery>(&item)) {
      on(batch, *delivery);
      come_to = &delivery->change->cursor;
    } else if (auto* page = std::get_if<Page>(&item)) {
      on(batch, *page);
      if (page->last) come_to = &page->cursor;
    } else if (auto* verdict = std::get_if<Verdict>(&item)) {
      note();  // a refusal may let its connection open another stream at once, which ends the round
      on(batch.lane, *verdict);
    } else if (auto* commit = std::get_if<Commit>(&item)) {
      on(batch, *commit);
    } else if (auto* ended = std::get_if<Ended>(&item)) {
      on(batch, *ended);
    } else if (std::holds_alternative<Lost>(item)) {
      lose(batch.lane);
    }
  }
  note();
}

// ---- who listens to which channel

void Streams::on(const LaneBatch& batch, Commit& commit) {
  Session* session = find(commit.session);
  const auto slot = commit.session.slot;
  Leg* leg = session != nullptr ? session->find_leg(commit.leg) : nullptr;
  if (leg == nullptr) {
    if (commit.settled) context_.posts.post(batch.lane, Unsubscribe{context_.number, commit.channel});
    return;
  }
  leave(*leg);
  enter(*leg, slot, commit.channel);
  leg->settled = commit.settled;
  if (!commit.cursor.empty()) note_cursor(*session, slot, batch.lane, commit.cursor);
  if (leg->held) mark_dirty(*session, slot);
  if (leg->settled && leg->with_cursor && session->own_cursor) {
    // Settled for cursors in its frames just before the session got its own.
    leg->settled = leg->with_cursor = false;
    context_.posts.post(batch.lane, Recode{commit.session, leg->id, leg->channel});
  }
}

void Streams::enter(Leg& leg, std::uint32_t slot, std::uint32_t channel) {
  leg.channel = channel;
  leg.place = subscriptions_.enter(leg.lane, channel, {slot, leg.id});
}

// Takes a leg off its channel; another may take its place.
void Streams::leave(const Leg& leg) {
  if (leg.channel == kNone) return;
  const auto last = subscriptions_.leave(leg.lane, leg.channel, leg.place);
  if (!last) return;
  if (Leg* moved = sessions_[last->slot].find_leg(last->leg)) moved->place = leg.place;
}

// ---- snapshots

void Streams::on(const LaneBatch& batch, Page& page) {
  Session* session = find(page.session);
  if (session == nullptr || session->stage != Session::Stage::kOpen || !session->details) return;
  const auto slot = page.session.slot;
  auto& listing = session->details->listing;
  const auto group = std::ranges::find_if(
      listing, [&](const SnapshotGroup& g) { return g.number == page.group && g.lane == batch.lane; });
  if (group == listing.end()) return;  // unsubscribed meanwhile
  if (page.lost && has_other_lanes(*session, *group)) {
    session->ended_by = EndedBy::kBuffer;
    return destroy(slot, "it was too slow: what it missed is no longer kept");
  }
  session->urgent = true;
  // A session that got its own cursor meanwhile has topics that the lane's does not cover.
  for (Ref<Frame>& frame : page.frames_for(session->own_cursor)) about_to_push(*session, slot).push_page(std::move(frame));
  for (Page::Progress& progress : page.progress) {
    Leg* leg = session->find_leg(progress.leg);
    if (leg == nullptr) continue;
    group->note_listed(leg->id, std::move(progress.listed_through));
    leg->listing = !progress.done;
  }
  if (page.last) {
    listing.erase(group);
    note_cursor(*session, slot, batch.lane, page.cursor);
    slow_of(*session).taken(batch.lane) = {marks_.newest_change(batch.lane), page.cursor};
    mark_dirty(*session, slot);
    end_topics(slot);
  } else {
    group->due = SnapshotGroup::Due::kPull;
    mark_dirty(*session, slot);
  }
}

// On a reset a client forgets the whole topic, which its other lanes do not send again: only a new stream starts over.
bool Streams::has_other_lanes(const Session& session, const SnapshotGroup& group) const {
  return std::ranges::any_of(session.legs(), [&](const Leg& leg) {
    return leg.lane == group.lane && leg.group == group.number &&
           std::ranges::any_of(session.legs(), [&](const Leg& other) { return other.topic == leg.topic && other.lane != leg.lane; });
  });
}

// ---- changes

void Streams::on(const LaneBatch& batch, const Delivery& delivery) {
  const Change& change = *delivery.change;
  note_change(batch.lane, change.id);
  std::uint64_t sent = 0;
  for (std::uint32_t i = delivery.first; i < delivery.first + delivery.count; ++i) {
    const ChannelFrame& out = batch.frames[i];
    for (const Subscriber& subscriber : subscriptions_.of(batch.lane, out.channel)) {
      Session& session = sessions_[subscriber.slot];
      if (session.last_change == change.id || session.stage != Session::Stage::kOpen) continue;
      if (session.details && !wants(session, subscriber.leg, change)) continue;
      session.last_change = change.id;
      push_change(session, subscriber, out.frame);
      if (session.own_cursor) note_cursor(session, subscriber.slot, batch.lane, change.cursor);
      ++sent;
    }
  }
  if (log::enabled(log::Level::kDebug))
    log::debug(context_.service.lane_name(batch.lane), "key '" + change.key + "' to " + std::to_string(sent) + " clients");
}

// While a leg's snapshot is under way, a page still to come carries what is not listed yet. One that is held gets nothing.
bool Streams::wants(Session& session, std::uint32_t leg_id, const Change& change) {
  const auto& listing = session.details->listing;
  if (listing.empty()) return true;
  const Leg* leg = session.find_leg(leg_id);
  if (leg == nullptr) return false;
  if (!leg->listing) return true;
  if (leg->held) {
    context_.stats.frames_queued.add();
    count_dropped(session, leg_id);
    return false;
  }
  return !change.appended && std::ranges::any_of(listing, [&](const SnapshotGroup& group) {
    return group.number == leg->group && group.lane == leg->lane && group.has_listed(leg->id, change.key);
  });
}

void Streams::on(const LaneBatch& batch, const Ended& ended) {
  const auto there = subscriptions_.of(batch.lane, ended.channel);
  const std::vector<Subscriber> subscribers(there.begin(), there.end());  // leaving changes the table
  for (const Subscriber& subscriber : subscribers) {
    Session& session = sessions_[subscriber.slot];
    if (session.stage != Session::Stage::kOpen) continue;
    Leg* leg = session.find_leg(subscriber.leg);
    if (leg == nullptr) continue;
    leg->ended = true;
    end_topics(subscriber.slot);
  }
}

// On every lane, and its snapshot has been given.
bool Streams::has_ended(const Session& session, std::uint32_t topic) const {
  return std::ranges::all_of(session.legs(), [&](const Leg& leg) {
    const auto is_its = [&](const SnapshotGroup& g) { return g.number == leg.group && g.lane == leg.lane; };
    const bool listing = session.details && std::ranges::any_of(session.details->listing, is_its);
    return leg.topic != topic || (leg.ended && !listing);
  });
}

void Streams::end_topics(std::uint32_t slot) {
  Session& session = sessions_[slot];
  bool any = false;
  for (const auto topic : topics_of(session)) {
    if (!has_ended(session, topic)) continue;
    if (session.own_cursor) keep_cursors(session, topic);
    push_control(slot, R"({"type":"ended","topic":)" + json_quote(topics_.name(topic)) + "}");
    remove_topic(slot, topic);
    any = true;
  }
  if (!any || takes_commands(session) || !session.legs().empty()) return;
  push_own_cursor(session);
  close(slot, SC_CLOSE_ENDED, "nothing more will come on its topics");
}

// ---- cursors of a session's own

// Of the lanes of a topic that has ended.
void Streams::keep_cursors(Session& session, std::uint32_t topic) {
  for (LaneCursor& cursor : details_of(session).cursors)
    cursor.ended = cursor.ended || std::ranges::any_of(session.legs(), [&](const Leg& leg) { return leg.topic == topic && leg.lane == cursor.lane; });
}

void Streams::note_cursor(Session& session, std::uint32_t slot, std::uint16_t lane, const std::string& cursor) {
  if (!session.own_cursor) return;
  auto& cursors = details_of(session).cursors;
  const auto found = std::ranges::find(cursors, lane, &LaneCursor::lane);
  if (found == cursors.end()) cursors.push_back({lane, cursor});
  else found->cursor = cursor;
  session.cursor_due = true;
  mark_dirty(session, slot);
}

// A client that left while a snapshot is under way has not seen the rest, so its cursor must not move until then.
void Streams::push_own_cursor(Session& session) {
  if (!session.cursor_due || !session.details->listing.empty()) return;
  const SessionDetails& details = *session.details;
  const auto legs = session.legs();
  std::string cursor;
  for (const LaneCursor& part : details.cursors) {
    if (!part.ended && std::ranges::find(legs, part.lane, &Leg::lane) == legs.end()) continue;
    cursor += (cursor.empty() ? "" : "~") + part.cursor;
  }
  for (const Leg& leg : legs)
    if (std::ranges::find(details.cursors, leg.lane, &LaneCursor::lane) == details.cursors.end()) return;
  session.cursor_due = false;
  if (cursor.empty()) return;
  if (auto frame = encode(session, SC_MESSAGE_CURSOR, {}, cursor)) {
    context_.stats.frames_queued.add();
    if (session.emitter.empty() && !session.emitter.blocked()) session.sent = context_.now;
    if (session.emitter.push_cursor(std::move(frame))) context_.stats.count_held_back(DroppedBy::kConflated);
  }
}

}  // namespace statecast::host

#include "host/streaming/snapshots.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

constexpr std::string_view kTrimmed = "the history was trimmed while it was being read";
constexpr std::string_view kUnreadable = "the older part of the history cannot be read now: some of it is missing";

std::vector<Position> places_of(const Positions& positions) {
  std::vector<Position> out;
  for (const Positions::Slot& slot : positions.slots()) out.push_back(slot.position);
  return out;
}

}  // namespace

void Snapshots::begin(const Subscribe& request) {
  Group group{request.session, request.group, request.encoding, request.own_cursor, request.page_bytes, {}};
  group.began = places_of(positions_);
  for (const Subscribe::Leg& leg : request.legs) group.legs.push_back(entered(request, leg));
  std::ranges::stable_partition(group.legs, [](const Leg& leg) { return !leg.appended; });
  for (const Leg& leg : group.legs) commit(group, leg, false);
  if (!send_page(group)) groups_.insert_or_assign(key_of(request.session, request.group), std::move(group));
}

Snapshots::Leg Snapshots::entered(const Subscribe& request, const Subscribe::Leg& leg) {
  Leg made{.leg = leg.leg, .topic = leg.topic, .view = leg.view, .appended = leg.appended};
  made.refill = leg.channel != Subscribe::kNewLeg;
  if (made.refill) {
    const auto& channel = interest_.channel(leg.channel);
    made.topic = interest_.topic(channel.topic).name;
    made.view = interest_.view_name(channel.view);
  }
  made.resume = positions_.judge(leg.cursor, made.after);
  made.channel = interest_.add(made.topic, made.view, encodings_[request.encoding].bare, request.session.shard);
  if (made.refill) interest_.remove(leg.channel, request.session.shard);
  return made;
}

void Snapshots::next(const Pull& request) {
  const auto found = groups_.find(key_of(request.session, request.group));
  if (found == groups_.end()) return;
  found->second.again = found->second.again || request.again;
  if (send_page(found->second)) groups_.erase(found);
}

void Snapshots::cancel(const Cancel& request) {
  const auto found = groups_.find(key_of(request.session, request.group));
  if (found == groups_.end()) return;  // its last page, and so the commits that settle its legs, are on their way
  Group& group = found->second;
  const auto leg = std::ranges::find(group.legs, request.leg, &Leg::leg);
  if (leg == group.legs.end()) return;
  let_go(*leg);
  interest_.remove(leg->channel, request.session.shard);
  if (static_cast<std::size_t>(leg - group.legs.begin()) < group.at) --group.at;
  group.legs.erase(leg);
  group.listed.clear();  // what the leg had listed, it no longer keeps up to date for the others
  if (!group.legs.empty()) return;
  if (group.asked != 0) older_.forget(group.asked);
  groups_.erase(found);
}

void Snapshots::recode(const Recode& request) {
  if (!interest_.holds(request.channel, request.session.shard)) return;
  const auto channel = interest_.channel(request.channel);
  const auto topic = interest_.topic(channel.topic).name;
  const auto view = interest_.view_name(channel.view);
  const auto bare = interest_.add(topic, view, encodings_[channel.encoding].bare, request.session.shard);
  interest_.remove(request.channel, request.session.shard);
  outbox_.to(request.session.shard).items.emplace_back(Commit{request.session, request.leg, bare, true, positions_.cursor()});
}

void Snapshots::commit(const Group& group, const Leg& leg, bool settled) {
  outbox_.to(group.session.shard).items.emplace_back(Commit{group.session, leg.leg, leg.channel, settled, {}});
}

bool Snapshots::full(const Group& group, const PageUnderWay& out) const {
  return out.page.frames.size() >= kKeysAPage || out.bytes >= group.page_bytes || out.looked_at >= kLooksAPage;
}

// True when it was the last. While older messages are on their way the client has to wait.
bool Snapshots::send_page(Group& group) {
  group.owes_page = true;
  if (group.asked != 0) return false;
  PageUnderWay out;
  out.page.session = group.session;
  out.page.group = group.group;
  const Listed listed = fill(group, out);
  if (listed == Listed::kLacking) ask(group);
  if (listed == Listed::kLacking && out.page.frames.empty() && out.page.progress.empty()) return false;
  group.owes_page = false;
  out.page.last = listed == Listed::kAll;
  if (out.page.last) finish(group, out);
  else if (!group.come_to.empty() && !out.last_json.empty()) put_cursor(group, out, positions_.cursor_at(group.come_to));
  outbox_.to(group.session.shard).items.emplace_back(std::move(out.page));
  if (older_bytes_ > kOlderBytes)
    for (Leg& leg : group.legs) let_go(leg);
  return listed == Listed::kAll;
}

Snapshots::Listed Snapshots::fill(Group& group, PageUnderWay& out) {
  for (;;) {
    const Listed listed = list(group, out);
    if (listed != Listed::kAll || !std::exchange(group.again, false)) return listed;
    begin_again(group, out);
  }
}

// Everything has been listed, but not all that went out meanwhile reached the client: what changed since the listing began is
// listed as for one that resumes from there. Until then no leg takes updates beyond.
void Snapshots::begin_again(Group& group, PageUnderWay& out) {
  for (Leg& leg : group.legs) {
    out.page.progress.push_back({leg.leg, {}, false});
    if (leg.appended) continue;
    leg.resume = Resume::kExact;
    leg.after = group.began;
    leg.after_key.clear();
  }
  group.began = places_of(positions_);
  group.listed.clear();
  group.at = 0;
}

Snapshots::Listed Snapshots::list(Group& group, PageUnderWay& out) {
  for (; group.at < group.legs.size() && !group.legs[group.at].appended; ++group.at) {
    Leg& leg = group.legs[group.at];
    if (!leg.started) begin_leg(group, leg, out);
    const bool done = list_updated(group, leg, out);
    out.page.progress.push_back({leg.leg, leg.after_key, done});
    if (!done) return Listed::kPart;
  }
  if (group.at == group.legs.size()) return Listed::kAll;
  const Listed listed = list_appended(group, out);
  if (listed != Listed::kAll) return listed;
  for (; group.at < group.legs.size(); ++group.at) out.page.progress.push_back({group.legs[group.at].leg, {}, true});
  return Listed::kAll;
}

void Snapshots::begin_leg(Group& group, Leg& leg, PageUnderWay& out) {
  leg.started = true;
  if (leg.resume == Resume::kFresh) return;
  if (leg.resume == Resume::kExact && leg.appended && !changes_.histories().reaches_back_to(leg.topic, leg.after))
    leg.resume = Resume::kTrimmed;
  if (leg.resume == Resume::kExact) return;
  out.page.lost = out.page.lost || leg.refill;
  add_notice(group, out, leg, "reset", reset_reason(leg.resume));
}

bool Snapshots::list_updated(Group& group, Leg& leg, PageUnderWay& out) {
  std::vector<std::string> keys;
  while (!full(group, out)) {
    if (state_.list(leg.topic, leg.after_key, kKeysAPage, keys) != SC_OK) {
      add_notice(group, out, leg, "error", "the state failed while its snapshot was read: some of it is missing");
      return true;
    }
    for (const std::string& key : keys) {
      if (full(group, out)) return false;
      leg.after_key = key;
      ++out.looked_at;
      if (leg.resume == Resume::kExact && !changes_.keys().changed_since(key, leg.after)) continue;
      if (group.legs.size() > 1 && !group.listed.insert(key).second) continue;  // an earlier leg brought it
      std::string json;
      if (state_.render(key, leg.view, json) == SC_OK) add(group, out, json);
    }
    if (keys.size() < kKeysAPage) return true;
  }
  return false;
}

// The histories of several topics as one, in the order in which the messages came; what is in more than one is sent once.
Snapshots::Listed Snapshots::list_appended(Group& group, PageUnderWay& out) {
  const std::span<Leg> legs(group.legs.begin() + static_cast<std::ptrdiff_t>(group.at), group.legs.end());
  for (Leg& leg : legs) {
    if (!leg.started) begin_leg(group, leg, out);
    find_history(group, leg, out);
  }
  if (!std::exchange(group.in_histories, true)) enter_histories(group);
  for (;;) {
    if (std::ranges::any_of(legs, [&](const Leg& leg) { return lacks_older(leg); })) return Listed::kLacking;
    const AppendedMessage* oldest = nullptr;
    for (const Leg& leg : legs)
      if (const auto* next = next_of(leg); next != nullptr && (oldest == nullptr || next->number < oldest->number)) oldest = next;
    if (oldest == nullptr) return Listed::kAll;
    if (full(group, out)) return Listed::kPart;
    ++out.looked_at;
    const auto number = oldest->number;
    bool wanted = false;
    for (const Leg& leg : legs) {
      if (const auto* next = next_of(leg); next == nullptr || next->number != number) continue;
      const bool has_it = leg.resume == Resume::kExact && !oldest->moment.missed_by(leg.after);
      wanted = wanted || (!has_it && (oldest->view.empty() || oldest->view == leg.view));
    }
    if (wanted) add(group, out, oldest->json);
    if (!group.come_to.empty()) {
      Position& come_to = group.come_to[oldest->moment.slot];
      come_to = std::max(come_to, oldest->moment.position);
    }
    for (Leg& leg : legs)
      if (const auto* next = next_of(leg); next != nullptr && next->number == number) pass(leg);
  }
}

// With values beside them no one cursor would do: those are of another moment than the messages.
void Snapshots::enter_histories(Group& group) {
  if (group.own_cursor || group.at != 0) return;
  const auto& legs = group.legs;
  const std::vector<Position> beginning(positions_.slots().size(), whole({}));
  const auto from = [&](const Leg& leg) -> const std::vector<Position>& { return leg.resume == Resume::kExact ? leg.after : beginning; };
  if (std::ranges::all_of(legs, [&](const Leg& leg) { return from(leg) == from(legs.front()); }))
    group.come_to = from(legs.front());
}

// Where the leg stands in the history, which may have been trimmed, forgotten, or begun anew since it was looked at.
void Snapshots::find_history(Group& group, Leg& leg, PageUnderWay& out) {
  const TopicHistory* history = changes_.histories().find(leg.topic);
  if (const auto lost = std::exchange(leg.lost, {}); !lost.empty()) {
    group.come_to.clear();
    add_notice(group, out, leg, lost == kTrimmed ? "reset" : "error", lost);
  }
  if (history == nullptr) {
    if (leg.found && leg.next_message < leg.end) add_notice(group, out, leg, "reset", kTrimmed);
    let_go(leg);
    leg.found = false;
    return;
  }
  if (!std::exchange(leg.found, true)) {
    leg.next_message = leg.resume == Resume::kExact ? history->first_after(leg.after) : history->first();
  } else if ((leg.next_message < history->first() && leg.older.empty()) || leg.next_message > history->end()) {
    group.come_to.clear();
    add_notice(group, out, leg, "reset", kTrimmed);
    let_go(leg);
    leg.next_message = history->first();
  }
  leg.end = history->end();
}

const AppendedMessage* Snapshots::next_of(const Leg& leg) const {
  if (!leg.older.empty()) return leg.older.front().message.get();
  const TopicHistory* history = changes_.histories().find(leg.topic);
  return history == nullptr || leg.next_message >= history->end() ? nullptr : history->at(leg.next_message).get();
}

bool Snapshots::lacks_older(const Leg& leg) const {
  const TopicHistory* history = changes_.histories().find(leg.topic);
  return history != nullptr && leg.older.empty() && leg.next_message < history->resident();
}

void Snapshots::pass(Leg& leg) {
  ++leg.next_message;
  if (leg.older.empty()) return;
  older_bytes_ -= leg.older.front().message->bytes();
  leg.older.pop_front();
}

// ---- older messages

void Snapshots::ask(Group& group) {
  const auto leg = std::ranges::find_if(group.legs, [&](const Leg& l) { return l.found && lacks_older(l); });
  const auto end = changes_.histories().find(leg->topic)->resident();
  group.asked = older_.ask(leg->topic, leg->next_message, end, [this, key = key_of(group.session, group.group), number = leg->leg, end](Fetched& fetched) {
    on_older(key, number, end, fetched);
  });
}

void Snapshots::on_older(const Key& key, std::uint32_t number, std::uint64_t end, Fetched& fetched) {
  const auto found = groups_.find(key);
  if (found == groups_.end()) return;
  Group& group = found->second;
  group.asked = 0;
  if (const auto leg = std::ranges::find(group.legs, number, &Leg::leg); leg != group.legs.end()) take_older(*leg, end, fetched);
  if (group.owes_page && send_page(group)) groups_.erase(found);
}

// The places of what came follow one another; where some are missing, they were trimmed meanwhile.
void Snapshots::take_older(Leg& leg, std::uint64_t end, Fetched& fetched) {
  if (!fetched.why.empty()) {
    leg.lost = kUnreadable;
    leg.next_message = end;
  } else if (fetched.messages.empty()) {
    leg.lost = kTrimmed;
    leg.next_message = end;
  } else if (fetched.messages.front().at != leg.next_message) {
    leg.lost = kTrimmed;
    leg.next_message = fetched.messages.front().at;
  }
  for (SavedMessage& saved : fetched.messages) {
    if (saved.at != leg.next_message + leg.older.size()) break;
    older_bytes_ += saved.message->bytes();
    leg.older.push_back(std::move(saved));
  }
}

void Snapshots::let_go(Leg& leg) {
  for (const SavedMessage& saved : leg.older) older_bytes_ -= saved.message->bytes();
  leg.older.clear();
}

// ---- frames

void Snapshots::add(Group& group, PageUnderWay& out, std::string_view json, std::uint32_t kind) {
  auto frame = fanout_.encode(encodings_[group.encoding].bare, json, {}, {}, kind);
  if (!frame) return;
  out.bytes += frame->bytes().size();
  out.page.frames.push_back(std::move(frame));
  out.last_json = kind == SC_MESSAGE_DATA ? json : std::string_view{};
}

void Snapshots::add_notice(Group& group, PageUnderWay& out, const Leg& leg, const std::string& type, std::string_view reason) {
  add(group, out, R"({"type":")" + type + R"(","topic":)" + json_quote(leg.topic) + R"(,"reason":)" + json_quote(reason) + "}",
      SC_MESSAGE_CONTROL);
}

// With the page's last message, where it ends with one.
void Snapshots::put_cursor(Group& group, PageUnderWay& out, const std::string& cursor) {
  out.page.in_place = !out.last_json.empty();
  out.page.with_cursor = fanout_.encode(group.encoding, out.last_json, cursor, {}, out.page.in_place ? SC_MESSAGE_DATA : SC_MESSAGE_CURSOR);
}

// The client has everything up to the lane's positions: say so, and settle its legs on channels with cursors, unless the
// session gets cursors of its own.
void Snapshots::finish(Group& group, PageUnderWay& out) {
  out.page.cursor = positions_.cursor();
  if (!group.own_cursor) {
    put_cursor(group, out, out.page.cursor);
    for (Leg& leg : group.legs) {
      const auto bare = leg.channel;
      leg.channel = interest_.add(leg.topic, leg.view, group.encoding, group.session.shard);
      interest_.remove(bare, group.session.shard);
    }
  }
  for (const Leg& leg : group.legs) commit(group, leg, true);
  for (const Leg& leg : group.legs)
    if (changes_.has_ended(leg.topic)) outbox_.to(group.session.shard).items.emplace_back(Ended{leg.channel, leg.topic});
}

}  // namespace statecast::host

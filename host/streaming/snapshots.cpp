#include "host/streaming/snapshots.hpp"

#include <algorithm>
#include <span>

#include "host/streaming/json.hpp"

namespace statecast::host {

void Snapshots::begin(const Subscribe& request) {
  Group group{request.session, request.group, request.encoding, request.own_cursor, request.page_bytes, {}};
  for (const Subscribe::Leg& leg : request.legs) {
    Leg& made = group.legs.emplace_back(Leg{.leg = leg.leg, .topic = leg.topic, .view = leg.view, .appended = leg.appended});
    made.resume = positions_.judge(leg.cursor, made.after);
    made.channel = interest_.add(leg.topic, leg.view, encodings_[group.encoding].bare, group.session.shard);
  }
  std::ranges::stable_partition(group.legs, [](const Leg& leg) { return !leg.appended; });
  for (const Leg& leg : group.legs) commit(group, leg, false);
  if (!send_page(group)) groups_.insert_or_assign(key_of(request.session, request.group), std::move(group));
}

void Snapshots::next(const SessionRef& session, std::uint32_t number) {
  const auto found = groups_.find(key_of(session, number));
  if (found != groups_.end() && send_page(found->second)) groups_.erase(found);
}

void Snapshots::cancel(const Cancel& request) {
  const auto found = groups_.find(key_of(request.session, request.group));
  if (found == groups_.end()) return;  // its last page, and so the commits that settle its legs, are on their way
  Group& group = found->second;
  const auto leg = std::ranges::find(group.legs, request.leg, &Leg::leg);
  if (leg == group.legs.end()) return;
  interest_.remove(leg->channel, request.session.shard);
  if (static_cast<std::size_t>(leg - group.legs.begin()) < group.at) --group.at;
  group.legs.erase(leg);
  group.listed.clear();  // what the leg had listed, it no longer keeps up to date for the others
  if (group.legs.empty()) groups_.erase(found);
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

// True when it was the last.
bool Snapshots::send_page(Group& group) {
  PageUnderWay out;
  out.page.session = group.session;
  out.page.group = group.group;
  fill(group, out);
  out.page.last = group.at == group.legs.size();
  if (out.page.last) finish(group, out);
  const bool last = out.page.last;
  outbox_.to(group.session.shard).items.emplace_back(std::move(out.page));
  return last;
}

void Snapshots::fill(Group& group, PageUnderWay& out) {
  for (; group.at < group.legs.size() && !group.legs[group.at].appended; ++group.at) {
    Leg& leg = group.legs[group.at];
    if (!leg.started) begin_leg(group, leg, out);
    const bool done = list_updated(group, leg, out);
    out.page.progress.push_back({leg.leg, leg.after_key, done});
    if (!done) return;
  }
  if (group.at == group.legs.size()) return;
  const bool done = list_appended(group, out);
  for (std::size_t i = group.at; i < group.legs.size(); ++i) out.page.progress.push_back({group.legs[i].leg, {}, done});
  if (done) group.at = group.legs.size();
}

void Snapshots::begin_leg(Group& group, Leg& leg, PageUnderWay& out) {
  leg.started = true;
  const TopicHistory* history = leg.appended ? changes_.histories().find(leg.topic) : nullptr;
  if (history != nullptr) leg.next_message = history->first();
  if (leg.resume == Resume::kFresh) return;
  if (leg.resume != Resume::kExact) return add_notice(group, out, leg, "reset", reset_reason(leg.resume));
  if (!leg.appended) return;
  if (!changes_.histories().reaches_back_to(leg.topic, leg.after)) {
    leg.resume = Resume::kFresh;
    return add_notice(group, out, leg, "reset", reset_reason(Resume::kTrimmed));
  }
  if (history != nullptr) leg.next_message = history->first_after(leg.after);
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
bool Snapshots::list_appended(Group& group, PageUnderWay& out) {
  const std::span<Leg> legs(group.legs.begin() + static_cast<std::ptrdiff_t>(group.at), group.legs.end());
  const auto next_of = [&](const Leg& leg) -> const AppendedMessage* {
    const TopicHistory* history = changes_.histories().find(leg.topic);
    return history == nullptr || leg.next_message >= history->end() ? nullptr : history->at(leg.next_message).get();
  };
  for (Leg& leg : legs) {
    if (!leg.started) begin_leg(group, leg, out);
    const TopicHistory* history = changes_.histories().find(leg.topic);
    if (history == nullptr || leg.next_message >= history->first()) continue;
    add_notice(group, out, leg, "reset", "the history was trimmed while it was being read");
    leg.next_message = history->first();
  }
  for (;;) {
    const AppendedMessage* oldest = nullptr;
    for (const Leg& leg : legs)
      if (const auto* next = next_of(leg); next != nullptr && (oldest == nullptr || next->number < oldest->number)) oldest = next;
    if (oldest == nullptr) return true;
    if (full(group, out)) return false;
    ++out.looked_at;
    bool wanted = false;
    for (Leg& leg : legs) {
      if (next_of(leg) != oldest) continue;
      ++leg.next_message;
      const bool has_it = leg.resume == Resume::kExact && !oldest->moment.missed_by(leg.after);
      wanted = wanted || (!has_it && (oldest->view.empty() || oldest->view == leg.view));
    }
    if (wanted) add(group, out, oldest->json);
  }
}

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

// The client has everything up to the lane's positions: say so, and settle its legs on channels with cursors, unless the
// session gets cursors of its own.
void Snapshots::finish(Group& group, PageUnderWay& out) {
  out.page.cursor = positions_.cursor();
  if (!group.own_cursor) {
    const bool reuse = !out.last_json.empty();
    const auto kind = reuse ? SC_MESSAGE_DATA : SC_MESSAGE_CURSOR;
    if (auto frame = fanout_.encode(group.encoding, out.last_json, out.page.cursor, {}, kind)) {
      if (reuse) out.page.frames.pop_back();
      out.page.frames.push_back(std::move(frame));
    }
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

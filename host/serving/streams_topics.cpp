#include <algorithm>

#include "host/serving/streams.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

// ---- entering

// Enters the admitted topics and asks their lanes for snapshots and what follows.
void Streams::subscribe(std::uint32_t slot, const Admission& admission) {
  if (admission.topics.empty()) return;
  Session& session = sessions_[slot];
  const auto group = next_group_++;
  std::vector<std::pair<std::uint16_t, Subscribe>> requests;
  const bool first = session.legs().empty();
  const auto topics_before = topics_.size();
  for (const AdmittedTopic& topic : admission.topics) {
    // One lane that cannot resume means a snapshot from all: the client forgets the whole topic on a reset.
    const bool reset = topic.resume != Resume::kFresh && topic.resume != Resume::kExact;
    if (reset) push_control(slot, R"({"type":"reset","topic":)" + json_quote(topic.name) + R"(,"reason":)" + json_quote(reset_reason(topic.resume)) + "}");
    const std::string cursor = reset ? std::string() : admission.cursor;
    context_.stats.subscriptions[topic.place.prefix].add(1);
    for (const auto lane : topic.place.lanes) {
      auto found = std::ranges::find(requests, lane, &std::pair<std::uint16_t, Subscribe>::first);
      if (found == requests.end()) found = requests.insert(requests.end(), {lane, Subscribe{}});
      const Leg leg{.id = next_leg_++, .group = group, .topic = topics_.enter(topic.name, topic.place.prefix), .lane = lane, .appended = topic.place.appended};
      add_leg(session, leg);
      found->second.legs.push_back({leg.id, topic.name, topic.view, cursor, topic.place.appended});
    }
  }
  context_.stats.topics.add(static_cast<std::int64_t>(topics_.size() - topics_before));
  if (!first || requests.size() > 1) give_own_cursor(session, slot);
  for (Leg& leg : session.legs())
    if (leg.group == group) leg.with_cursor = !session.own_cursor;
  for (auto& [lane, request] : requests) {
    request.session = ref_of(slot);
    request.group = group;
    request.encoding = session.encoding;
    request.own_cursor = session.own_cursor;
    request.page_bytes = page_bytes(session);
    details_of(session).listing.push_back({group, lane});
    context_.posts.post(lane, std::move(request));
  }
  tell_health(slot);
}

// One lane's cursor no longer says where this session stands: it gets its own from here on, and frames without.
void Streams::give_own_cursor(Session& session, std::uint32_t slot) {
  if (session.own_cursor) return;
  session.own_cursor = true;
  for (Leg& leg : session.legs()) {
    if (!leg.settled) continue;
    leg.settled = leg.with_cursor = false;
    context_.posts.post(leg.lane, Recode{ref_of(slot), leg.id, leg.channel});
  }
}

// ---- what a record has no room for

SessionDetails& Streams::details_of(Session& session) {
  if (!session.details) {
    session.details = std::make_unique<SessionDetails>();
    context_.stats.details.add(1);
  }
  return *session.details;
}

void Streams::fold_details(Session& session) {
  if (session.fold_details()) context_.stats.details.add(-1);
}

void Streams::add_leg(Session& session, const Leg& leg) {
  if (!session.legs().empty()) details_of(session);
  session.add(leg);
}

std::vector<std::uint32_t> Streams::topics_of(const Session& session) {
  std::vector<std::uint32_t> topics;  // the legs of one stand together
  for (const Leg& leg : session.legs())
    if (topics.empty() || topics.back() != leg.topic) topics.push_back(leg.topic);
  return topics;
}

// ---- leaving

void Streams::leave_topics(std::uint32_t slot) {
  for (const auto topic : topics_of(sessions_[slot])) remove_topic(slot, topic);
}

void Streams::remove_topic(std::uint32_t slot, std::uint32_t topic) {
  Session& session = sessions_[slot];
  context_.stats.subscriptions[topics_.prefix(topic)].add(-1);
  for (const Leg& leg : session.legs())
    if (leg.topic == topic) remove_leg(session, slot, leg);
  if (session.details && session.details->slow) std::erase_if(session.details->slow->dropped, [&](const Slow::Dropped& d) { return d.topic == topic; });
  const auto topics_before = topics_.size();
  for (auto legs = session.erase_legs(topic); legs > 0; --legs) topics_.leave(topic);
  context_.stats.topics.add(-static_cast<std::int64_t>(topics_before - topics_.size()));
}

void Streams::remove_leg(Session& session, std::uint32_t slot, const Leg& leg) {
  leave(leg);
  const auto is_its = [&](const SnapshotGroup& group) { return group.number == leg.group && group.lane == leg.lane; };
  const bool listed = session.details && std::ranges::any_of(session.details->listing, is_its);
  if (leg.settled) {
    context_.posts.post(leg.lane, Unsubscribe{context_.number, leg.channel});
  } else if (listed && !leg.held) {
    context_.posts.post(leg.lane, Cancel{ref_of(slot), leg.group, leg.id});
  }  // else the commit that settles the leg is on its way, and will find it gone
  if (!listed) return;
  const bool shared = std::ranges::any_of(session.legs(), [&](const Leg& other) {
    return other.id != leg.id && other.lane == leg.lane && other.group == leg.group;
  });
  if (shared) return;
  std::erase_if(session.details->listing, is_its);
  if (session.details->slow)
    std::erase_if(session.details->slow->held, [&](const Slow::Held& held) { return held.group == leg.group && held.lane == leg.lane; });
}

}  // namespace statecast::host

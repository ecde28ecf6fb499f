#include <algorithm>
#include <cstdio>

#include "host/streaming/lane.hpp"

namespace statecast::host {

namespace {

// How long a publisher may wait for verdicts; its shard gives up earlier if it asked for less.
constexpr std::chrono::seconds kLongestAwait{60};
constexpr std::size_t kParkedAtMost = 10'000;

}  // namespace

// ---- what clients ask

void Lane::on(Admit& message) {
  auto ahead = cursors_ahead(message);
  if (ahead.empty() || parked_admits_.size() >= kParkedAtMost) return admit(message);
  parked_admits_.push_back({std::move(message), std::chrono::steady_clock::now() + kAheadWait, std::move(ahead)});
}

std::vector<std::vector<Position>> Lane::cursors_ahead(const Admit& message) const {
  std::vector<std::vector<Position>> out;
  std::vector<Position> after;
  for (const Admit::Leg& leg : message.legs)
    if (positions_.judge(leg.cursor, after) == Resume::kAhead) out.push_back(std::move(after));
  return out;
}

void Lane::admit(const Admit& message) {
  Verdict verdict{message.request, {}};
  const sc_client client = message.context->client();
  for (const Admit::Leg& leg : message.legs) {
    std::vector<Position> after;
    Resume resume = positions_.judge(leg.cursor, after);
    if (resume == Resume::kExact && leg.appended && !changes_.histories().reaches_back_to(leg.topic, after)) resume = Resume::kTrimmed;
    auto& out = verdict.legs.emplace_back(Verdict::Leg{leg.leg, SC_FAILED, {}, resume});
    out.status = state_->admit(client, leg.topic, out.text);
    out.finished = out.status == SC_OK && resume == Resume::kExact && changes_.has_ended(leg.topic) && has_all(leg, after);
  }
  outbox_.to(message.request.shard).items.emplace_back(std::move(verdict));
}

// Whether nothing on the topic is newer than these positions.
bool Lane::has_all(const Admit::Leg& leg, const std::vector<Position>& after) {
  constexpr std::size_t kPage = 256;
  if (const TopicHistory* history = changes_.histories().find(leg.topic); history != nullptr) return history->nothing_after(after);
  std::vector<std::string> keys;
  std::string last;
  do {
    if (state_->list(leg.topic, last, kPage, keys) != SC_OK) return false;
    for (const std::string& key : keys)
      if (changes_.keys().changed_since(key, after)) return false;
    if (!keys.empty()) last = keys.back();
  } while (keys.size() == kPage);
  return true;
}

void Lane::on(ReadValue& message) {
  Value value{message.request, SC_FAILED, {}, {}, false, {}};
  std::string view_name;
  value.status = state_->admit(message.context->client(), message.topic, view_name);
  if (value.status != SC_OK) {
    value.text = view_name;
  } else if (message.appended) {
    return reads_.begin(message, std::move(view_name));
  } else {
    std::vector<std::string> keys;
    value.status = state_->list(message.topic, message.after_key, message.limit, keys);
    value.more = keys.size() == message.limit;
    if (value.more) value.last = keys.back();
    for (const std::string& key : keys) {
      std::string json;
      const auto rendered = state_->render(key, view_name, json);
      if (rendered == SC_OK) value.items.emplace_back(key, std::move(json));
      if (rendered == SC_FAILED) value.status = SC_FAILED;
    }
    if (value.status == SC_FAILED) value.text = "the state failed: " + state_->error();
  }
  outbox_.to(message.request.shard).items.emplace_back(std::move(value));
}

void Lane::on(Await& message) {
  if (answer(message) || parked_awaits_.size() >= kParkedAtMost) return;
  parked_awaits_.push_back({std::move(message), std::chrono::steady_clock::now() + kLongestAwait});
}

// False when an event asked about is not folded yet.
bool Lane::answer(const Await& message) {
  AwaitReply reply{message.request, id(), {}};
  for (const Await::Event& event : message.events) {
    const auto& slot = positions_.slots()[positions_.slot_of(event.source, event.position.partition)];
    if (slot.position < whole(event.position)) return false;
    reply.events.push_back(outcome_of(event));
  }
  outbox_.to(message.request.shard).items.emplace_back(std::move(reply));
  return true;
}

// Of an event that was folded. That nothing is known against it says little of one whose rejection may have been forgotten.
AwaitReply::Event Lane::outcome_of(const Await::Event& event) const {
  const Rejections& rejections = changes_.rejections();
  if (const std::string* reason = rejections.find(event.source, event.position))
    return {event.index, rejections.is_held(event.source, event.position) ? Outcome::kHeld : Outcome::kRejected, *reason};
  if (rejections.remembers(event.source, event.position)) return {event.index, Outcome::kApplied, {}};
  if (changes_.dead_letters().contains(positions_.slot_of(event.source, event.position.partition), event.position))
    return {event.index, Outcome::kRejected, "it was rejected before: the dead letter says why"};
  return {event.index, Outcome::kUnknown, "it came too long ago for the state to remember what became of it"};
}

void Lane::answer_parked() {
  const auto now = std::chrono::steady_clock::now();
  const bool moved = std::exchange(moved_, false);
  if (serving_) std::erase_if(parked_admits_, [&](const ParkedAdmit& parked) {
    const bool due = now >= parked.until || (moved && std::ranges::all_of(parked.ahead, [&](const auto& after) { return positions_.reached(after); }));
    if (due) admit(parked.message);
    return due;
  });
  std::erase_if(parked_awaits_, [&](const ParkedAwait& parked) { return (moved && answer(parked.message)) || now >= parked.until; });
}

}  // namespace statecast::host

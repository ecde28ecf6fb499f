#include "shard_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace statecast::host::test {

std::string ModelClient::cursor() const {
  for (auto line = lines.rbegin(); line != lines.rend(); ++line)
    if (!line->starts_with('|')) return line->substr(0, line->find('|'));
  return "";
}

std::vector<std::string> ModelClient::bodies() const {
  std::vector<std::string> out;
  for (const std::string& line : lines) out.push_back(line.substr(line.find('|') + 1));
  return out;
}

bool ModelClient::listing() const { return std::ranges::any_of(legs, &ModelLeg::listing); }

// ---- asking

std::uint32_t ShardModel::subscribe(std::vector<Ask> topics, How how) {
  const auto number = static_cast<std::uint32_t>(clients_.size());
  ModelClient& made = clients_.emplace_back(ModelClient{.ref = {number_, number, 1}, .encoding = how.encoding});
  made.own_cursor = how.own_cursor;
  Subscribe request{made.ref, 1, how.encoding, how.own_cursor, how.page_bytes, {}};
  for (Ask& ask : topics) {
    const auto id = static_cast<std::uint32_t>(made.legs.size() + 1);
    made.legs.push_back(ModelLeg{.id = id, .group = 1, .topic = ask.topic, .appended = ask.appended});
    request.legs.push_back({id, ask.topic, ask.view, ask.cursor, ask.appended});
  }
  post(std::move(request));
  return number;
}

void ShardModel::unsubscribe(std::uint32_t number) {
  ModelClient& client = clients_[number];
  for (std::uint32_t leg = 1; leg <= client.legs.size(); ++leg) remove_leg(number, leg);
  client.gone = true;
}

void ShardModel::remove_leg(std::uint32_t number, std::uint32_t id) {
  ModelLeg& leg = *leg_of(clients_[number], id);
  leave(number, leg);
  leg.gone = true;
  leg.listing = false;
  // The real shard cancels only while it knows of pages to come; a lane must bear it at any time.
  if (leg.settled) post(Unsubscribe{number_, leg.channel});
  else post(Cancel{clients_[number].ref, leg.group, id});
}

void ShardModel::pull(std::uint32_t number, bool again) {
  for (const auto group : std::exchange(clients_[number].pulls_due, {})) post(Pull{clients_[number].ref, group, again});
}

void ShardModel::refill(std::uint32_t number, const std::string& cursor, std::uint32_t page_bytes) {
  ModelClient& client = clients_[number];
  Subscribe request{client.ref, 2, client.encoding, client.own_cursor, page_bytes, {}};
  for (ModelLeg& leg : client.legs) {
    request.legs.push_back({leg.id, {}, {}, cursor, leg.appended, leg.channel});
    leg.group = 2;
    leg.settled = false;
    leg.listing = true;
    leg.listed_through.clear();
  }
  post(std::move(request));
}

void ShardModel::recode(std::uint32_t number) {
  ModelClient& client = clients_[number];
  client.own_cursor = true;
  for (ModelLeg& leg : client.legs) {
    if (leg.settled) post(Recode{client.ref, leg.id, leg.channel});
    leg.settled = false;
  }
}

Ref<RequestContext> ShardModel::context(std::string claims) {
  auto* made = new RequestContext;
  made->claims = std::move(claims);
  return Ref<RequestContext>::adopt(made);
}

std::uint64_t ShardModel::post_admit(std::vector<Admit::Leg> legs, std::string claims) {
  const auto number = next_number();
  post(Admit{{number_, number}, context(std::move(claims)), std::move(legs)});
  return number;
}

std::uint64_t ShardModel::post_await(std::vector<Await::Event> events) {
  const auto number = next_number();
  post(Await{{number_, number}, std::move(events)});
  return number;
}

Verdict ShardModel::admit(std::vector<Admit::Leg> legs, std::string claims) {
  const auto number = post_admit(std::move(legs), std::move(claims));
  run_until([&] { return verdicts.contains(number); }, "a verdict");
  return verdicts[number];
}

Value ShardModel::read(std::string topic, std::string after_key, std::uint32_t limit, bool appended_topic) {
  const auto number = next_number();
  post(ReadValue{{number_, number}, context("{}"), std::move(topic), std::move(after_key), limit, appended_topic});
  run_until([&] { return values.contains(number); }, "a value");
  return values[number];
}

AwaitReply ShardModel::await(std::vector<Await::Event> events) {
  const auto number = post_await(std::move(events));
  run_until([&] { return awaited.contains(number); }, "what became of the events");
  return awaited[number];
}

void ShardModel::post(LaneMessage message) {
  if (!waiting_.empty() || !lane_->post(message)) waiting_.push_back(std::move(message));
}

// ---- being told

void ShardModel::run_until(const std::function<bool()>& so, const std::string& what) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  ShardMessage message;
  while (!so()) {
    while (!waiting_.empty() && lane_->post(waiting_.front())) waiting_.pop_front();
    if (inbox_.try_pop(message)) {
      handle(message);
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now > deadline) {
      ADD_FAILURE() << "still waiting for " << what;
      return;
    }
    inbox_.wait_until(waiting_.empty() ? deadline : now + std::chrono::milliseconds(1));
  }
}

void ShardModel::fence() { read("things/none"); }

void ShardModel::run_until_listed(std::uint32_t number) {
  run_until([&] { return !clients_[number].listing(); }, "the snapshot of client " + std::to_string(number));
}

void ShardModel::handle(ShardMessage& message) {
  if (auto* reply = std::get_if<AppendReply>(&message)) appended.push_back(std::move(*reply));
  auto* batch = std::get_if<LaneBatch>(&message);
  if (batch == nullptr) return;
  ++batches;
  for (ShardItem& item : batch->items) on(*batch, item);
}

void ShardModel::on(const LaneBatch& batch, ShardItem& item) {
  if (auto* delivery = std::get_if<Delivery>(&item)) on(batch, *delivery);
  if (auto* commit = std::get_if<Commit>(&item)) on(*commit);
  if (auto* page = std::get_if<Page>(&item)) on(*page);
  if (auto* ended = std::get_if<Ended>(&item)) on(*ended);
  if (auto* verdict = std::get_if<Verdict>(&item)) verdicts[verdict->request.number] = std::move(*verdict);
  if (auto* value = std::get_if<Value>(&item)) values[value->request.number] = std::move(*value);
  if (auto* reply = std::get_if<AwaitReply>(&item)) awaited[reply->request.number] = std::move(*reply);
}

ModelClient* ShardModel::find(const SessionRef& ref) {
  ModelClient& client = clients_.at(ref.slot);
  return client.gone ? nullptr : &client;
}

ModelLeg* ShardModel::leg_of(ModelClient& client, std::uint32_t id) {
  const auto found = std::ranges::find(client.legs, id, &ModelLeg::id);
  return found == client.legs.end() || found->gone ? nullptr : &*found;
}

void ShardModel::leave(std::uint32_t client, const ModelLeg& leg) {
  std::erase_if(channels_[leg.channel], [&](const Subscriber& s) { return s.client == client && s.leg == leg.id; });
}

void ShardModel::on(const Commit& commit) {
  trace.push_back(commit.settled ? "settled" : "commit");
  ModelClient* client = find(commit.session);
  ModelLeg* leg = client == nullptr ? nullptr : leg_of(*client, commit.leg);
  if (leg == nullptr) {
    if (commit.settled) post(Unsubscribe{number_, commit.channel});
    return;
  }
  leave(commit.session.slot, *leg);
  leg->channel = commit.channel;
  leg->settled = commit.settled;
  channels_[commit.channel].push_back({commit.session.slot, leg->id});
  if (!commit.cursor.empty()) client->lane_cursor = commit.cursor;
}

void ShardModel::on(Page& page) {
  trace.push_back(page.last ? "last page" : "page");
  ModelClient* client = find(page.session);
  if (client == nullptr) return;
  client->lost = client->lost || page.lost;
  for (const Ref<Frame>& frame : page.frames_for(client->own_cursor)) send(*client, frame->bytes());
  for (Page::Progress& progress : page.progress) {
    ModelLeg* leg = leg_of(*client, progress.leg);
    if (leg == nullptr) continue;
    leg->listed_through = std::move(progress.listed_through);
    leg->listing = !progress.done;
  }
  if (page.last) {
    client->lane_cursor = page.cursor;
  } else {
    client->pulls_due.push_back(page.group);
    if (pulls_at_once) pull(page.session.slot);
  }
}

void ShardModel::on(const LaneBatch& batch, const Delivery& delivery) {
  trace.push_back("delivery");
  ++deliveries;
  const Change& change = *delivery.change;
  for (std::uint32_t i = delivery.first; i < delivery.first + delivery.count; ++i) {
    for (const Subscriber& subscriber : channels_[batch.frames.at(i).channel]) {
      ModelClient& client = clients_[subscriber.client];
      if (client.last_change == change.id) continue;
      const ModelLeg* leg = leg_of(client, subscriber.leg);
      ASSERT_NE(leg, nullptr) << "a leg that is gone still stands in its channel";
      if (leg->listing && (change.appended || change.key > leg->listed_through)) continue;  // a page will carry it
      client.last_change = change.id;
      send(client, batch.frames[i].frame->bytes());
    }
  }
}

void ShardModel::on(const Ended& ended) {
  trace.push_back("ended");
  for (const Subscriber& subscriber : channels_[ended.channel]) clients_[subscriber.client].ended.push_back(ended.topic);
}

void ShardModel::send(ModelClient& client, std::string_view bytes) {
  ASSERT_TRUE(bytes.ends_with('\n'));
  client.lines.emplace_back(bytes.substr(0, bytes.size() - 1));
}

}  // namespace statecast::host::test

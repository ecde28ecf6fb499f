#include "lane_rig.hpp"

#include <cstdio>

namespace statecast::host::test {

LaneRig::~LaneRig() { stop(); }

void LaneRig::stop() {
  for (auto& shard : shards_) shard->inbox().close();
  if (store_) start_store();  // the lane's last checkpoint waits for it
  lane_.reset();
  store_.reset();
  shards_.clear();
  store_runs_ = false;
  generation_ = 0;
}

void LaneRig::start_store() {
  if (!std::exchange(store_runs_, true)) store_->start();
}

// Without a refresh of its own accord.
StateSettings LaneRig::quiet() {
  StateSettings settings;
  settings.id = "things";
  settings.refresh_ms = 3'600'000;
  return settings;
}

void LaneRig::start(std::size_t shards) {
  transport_ = make_transport();
  encodings_ = encodings_of(*transport_);
  std::vector<ShardInbox*> inboxes;
  for (std::size_t i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<ShardModel>(static_cast<std::uint16_t>(i)));
    inboxes.push_back(&shards_.back()->inbox());
  }
  if (!folder_.empty()) {
    store_ = std::move(*Store::open({.path = folder_}));
    ASSERT_TRUE(store_->add_file("things"));
  }
  bounds_.messages = settings_.history;
  Positions positions("things", {{0, "e1"}});
  lane_ = std::make_unique<Lane>(0, settings_, 0, make_state("things"), std::move(positions), encodings_,
                                 std::move(inboxes), system_clock(), bounds_, store_.get(), std::chrono::milliseconds(20));
  if (store_) store_->add_lane(*lane_);
  if (store_ && store_starts_) start_store();
  for (auto& shard : shards_) shard->attach(*lane_);
  lane_->start();
}

void LaneRig::publish(std::vector<OwnedEvent> events) {
  for (OwnedEvent& e : events) e.position = at(++published_);
  batches_.push_back(batch_of(events));
  post(batches_.back());
}

void LaneRig::post(const Ref<EventBatch>& batch) {
  LaneMessage message = Events{batch, all_of(*batch), generation_};
  ASSERT_TRUE(lane_->post_events_wait(message));
}

void LaneRig::feed_again(std::uint32_t generation) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  auto start = lane_->await_start();
  for (; start && start->generation < generation; start = lane_->await_start()) {  // that of before stands until it is taken back
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the lane has not begun anew";
    std::this_thread::yield();
  }
  ASSERT_TRUE(start.has_value());
  generation_ = start->generation;
  for (const auto& batch : batches_) post(batch);
}

std::string LaneRig::key(int i) {
  char name[16];
  std::snprintf(name, sizeof name, "k%03d", i);
  return name;
}

void LaneRig::set_keys(int n) {
  std::vector<OwnedEvent> events;
  for (int i = 0; i < n; ++i) events.push_back(event("Set", key(i), std::to_string(i)));
  publish(std::move(events));
}

std::string LaneRig::line(std::string_view position, std::string_view key, std::string_view value, std::string_view view) {
  std::string out;
  if (!position.empty()) out.append("things.e1.0.").append(position);
  return out.append(R"(|{"key":")").append(key).append(R"(","value":)").append(value).append(R"(,"view":")").append(view).append("\"}");
}

}  // namespace statecast::host::test

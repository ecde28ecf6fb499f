// Memory over a long simulated day: a platform that keeps making orders must not make the host grow.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <map>

#include "events.hpp"
#include "fake_plugins.hpp"
#include "host/streaming/router.hpp"
#include "shard_model.hpp"

#ifdef __SANITIZE_ADDRESS__
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // GCC ships the function without its header
#endif

namespace statecast::host::test {
namespace {

constexpr std::int64_t kMinute = 60'000'000, kHour = 60 * kMinute;
constexpr std::size_t kHours = 24, kSettled = 6;  // by then orders are let go of as fast as they come

std::size_t allocated_bytes() {
#ifdef __SANITIZE_ADDRESS__
  return __sanitizer_get_current_allocated_bytes();
#else
  return ::mallinfo2().uordblks;
#endif
}

class EventClock final : public Clock {
 public:
  std::int64_t now_us() const override { return now_us_.load(); }
  void set(std::int64_t us) { now_us_.store(us); }

 private:
  std::atomic<std::int64_t> now_us_{0};
};

// One State on its lane, with a client that follows all of it.
class Followed {
 public:
  Followed(const Plugin& plugin, const std::string& settings, ShardModel::Ask topic, const std::vector<Encoding>& encodings,
           const Clock& clock)
      : plugin_(plugin) {
    StateSettings lane;
    lane.id = plugin.id;
    lane.refresh_ms = 3'600'000;  // only when it is told to
    lane.history = 100;
    InstanceOptions options;
    options.id = plugin.id;
    options.settings = settings;
    options.clock = &clock;
    auto state = StateInstance::create(plugin, options);
    if (!state) throw std::runtime_error(state.error().text());
    lane_ = std::make_unique<Lane>(0, lane, 0, std::move(*state), Positions(plugin.id, {{0, "e1"}}), encodings,
                                   std::vector<ShardInbox*>{&shard_.inbox()}, clock);
    shard_.attach(*lane_);
    lane_->start();
    topic.view = shard_.admit({{0, topic.topic, {}}}, R"({"sub":"s-1","roles":["staff"]})").legs.at(0).text;
    client_ = shard_.subscribe({std::move(topic)});
    shard_.run_until_listed(client_);
  }
  ~Followed() { shard_.inbox().close(); }

  Lane& lane() { return *lane_; }
  const Plugin& plugin() const { return plugin_; }
  std::size_t messages() const { return messages_; }

  // Refreshes the State; returns when everything before has been folded and sent.
  void refresh() {
    lane_->wake();
    shard_.fence();
    ModelClient& client = shard_.client(client_);
    messages_ += client.lines.size();
    client.lines = {};
    shard_.trace = {};
  }

 private:
  const Plugin& plugin_;
  ShardModel shard_;
  std::unique_ptr<Lane> lane_;
  std::uint32_t client_ = 0;
  std::size_t messages_ = 0;
};

class Soak : public testing::Test {
 protected:
  void follow(const std::string& type, const std::string& settings, const ShardModel::Ask& topic) {
    states_.push_back(std::make_unique<Followed>(*catalog_.find(SC_KIND_STATE, type), settings, topic, encodings_, clock_));
    router_.add_state(states_.back()->plugin().manifest.consumes, {&states_.back()->lane()});
  }

  // The next events of the platform; false when it has come to its end.
  bool live_on() {
    EventBatch::Builder builder(0, false);
    if (reader_->poll(1024, 0, builder) != SC_OK) return false;
    const Ref<EventBatch> batch = builder.finish();
    std::map<std::size_t, std::vector<std::uint32_t>> routed;
    for (std::uint32_t i = 0; i < batch->events().size(); ++i)
      router_.route(batch->events()[i], [&](std::size_t place) { routed[place].push_back(i); });
    for (auto& [place, indices] : routed) {
      LaneMessage message = Events{batch, std::move(indices)};
      EXPECT_TRUE(router_.lanes()[place]->post_events_wait(message));
    }
    events_ += batch->events().size();
    clock_.set(batch->events().back().time_us);
    return true;
  }

  std::size_t keys() const {
    std::size_t sum = 0;
    for (const auto& state : states_) sum += state->lane().status().keys;
    return sum;
  }

  Script script_;  // of the transport
  EventClock clock_;
  const PluginCatalog catalog_ = PluginCatalog::load({PLUGINS});
  std::unique_ptr<TransportInstance> transport_ = make_transport();
  const std::vector<Encoding> encodings_ = encodings_of(*transport_);
  std::unique_ptr<SourceInstance> simulator_;
  std::unique_ptr<SourceReader> reader_;
  std::vector<std::unique_ptr<Followed>> states_;
  Router router_;
  std::size_t events_ = 0;
};

TEST_F(Soak, MemoryStaysFlatOverALongDay) {
  InstanceOptions options;
  options.id = "demo";
  options.settings = R"({"pace":0,"seed":1,"start":"2023-12-20T00:00:00Z","rate":3,"drivers":8,"location_interval":30000})";
  auto simulator = SourceInstance::create(*catalog_.find(SC_KIND_SOURCE, "simulator"), options);
  ASSERT_TRUE(simulator) << simulator.error().text();
  simulator_ = std::move(*simulator);
  reader_ = std::make_unique<SourceReader>(*simulator_);
  ASSERT_EQ(reader_->open({Position{}}), SC_OK);

  follow("order", R"({"keep":3600000})", {.topic = "orders/all"});
  follow("delivery", R"({"keep":3600000})", {.topic = "runs/all"});
  follow("merchant", "{}", {.topic = "merchants/all"});
  follow("window", R"({"size":60000})", {.topic = "windows/window", .appended = true});

  std::vector<std::size_t> bytes, keys_at;  // by the hour
  ASSERT_TRUE(live_on());
  std::int64_t next = clock_.now_us();
  const std::int64_t start = next;
  while (bytes.size() <= kHours && live_on()) {
    if (clock_.now_us() < next) continue;
    next += kMinute;
    for (auto& state : states_) state->refresh();
    if (clock_.now_us() < start + static_cast<std::int64_t>(bytes.size()) * kHour) continue;
    bytes.push_back(allocated_bytes());
    keys_at.push_back(keys());
  }
  ASSERT_EQ(bytes.size(), kHours + 1);
  for (const auto& state : states_) {
    EXPECT_GT(state->messages(), 100u) << state->plugin().id;
    EXPECT_EQ(state->lane().status().failures, 0u) << state->plugin().id;
    EXPECT_EQ(state->lane().status().rejected, 0u) << state->plugin().id;
  }
  const auto settled = bytes.begin() + kSettled, late = bytes.begin() + kHours / 2;
  const auto most_early = *std::max_element(settled, late), most_late = *std::max_element(late, bytes.end());
  EXPECT_LE(most_late, most_early + most_early / 10) << "allocated bytes at the end of each hour: " << testing::PrintToString(bytes);
  const auto most_keys_early = *std::max_element(keys_at.begin() + kSettled, keys_at.begin() + kHours / 2);
  const auto most_keys_late = *std::max_element(keys_at.begin() + kHours / 2, keys_at.end());
  EXPECT_LE(most_keys_late, most_keys_early + most_keys_early / 4) << testing::PrintToString(keys_at);
  std::printf("%zu events in %zu simulated hours; bytes at hour %zu: %zu, at hour %zu: %zu; keys %zu\n", events_, kHours, kSettled,
              bytes[kSettled], kHours, bytes.back(), keys_at.back());
}

}  // namespace
}  // namespace statecast::host::test

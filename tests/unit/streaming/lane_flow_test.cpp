// No gap, no double: clients come, go and come back while events flow, and each must end with the last value of every key,
// having seen no change twice and no position go backwards.
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "lane_rig.hpp"

namespace statecast::host::test {
namespace {

constexpr int kKeys = 150, kEvents = 6000;

class LaneFlow : public LaneRig, public testing::WithParamInterface<unsigned> {
 protected:
  // Publishes in batches of random size; the value of a key is the number of the event that set it.
  void flow() {
    std::minstd_rand random(GetParam());
    for (std::uint64_t n = 0; n < kEvents;) {
      std::vector<OwnedEvent> batch;
      for (auto size = 1 + random() % 20; size > 0 && n < kEvents; --size) {
        const std::string number = std::to_string(++n);
        if (n % 3 == 0) {
          said_.push_back(n);
          batch.push_back(event("Say", "log", R"([{"said":)" + number + "}]"));
        } else {
          const std::string name = key(static_cast<int>(random() % kKeys));
          last_[name] = n;
          batch.push_back(event("Set", name, number));
        }
      }
      publish(std::move(batch));
    }
  }

  // What reached a client before its connection broke, somewhere: up to its last cursor, since what came after that one
  // comes again.
  std::vector<std::string> arrived(std::uint32_t client, std::minstd_rand& random) {
    auto lines = shard().client(client).lines;
    lines.resize(random() % (lines.size() + 1));
    while (!lines.empty() && lines.back().starts_with('|')) lines.pop_back();
    return lines;
  }

  std::map<std::string, std::uint64_t> last_;  // the model: the last value of each key
  std::vector<std::uint64_t> said_;            // and every message
};

// What one client has seen, over all its connections.
struct Seen {
  std::map<std::string, std::uint64_t> values;
  std::vector<std::uint64_t> said;
  Position furthest{};
  std::string cursor;

  void read(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      const auto bar = line.find('|');
      read_cursor(line.substr(0, bar));
      if (bar + 1 < line.size()) read_message(line.substr(bar + 1));
    }
  }

  void read_cursor(const std::string& text) {
    if (text.empty()) return;
    const auto parsed = parse_cursor(text);
    ASSERT_TRUE(parsed && parsed->size() == 1) << text;
    EXPECT_FALSE(parsed->front().position < furthest) << "the position went backwards";
    furthest = parsed->front().position;
    cursor = text;
  }

  void read_message(const std::string& text) {
    const auto message = nlohmann::json::parse(text);
    if (message.contains("said")) return said.push_back(message["said"].get<std::uint64_t>());
    ASSERT_TRUE(message.contains("key")) << text;
    auto& value = values[message["key"].get<std::string>()];
    EXPECT_LT(value, message["value"].get<std::uint64_t>()) << "seen twice, or out of order: " << text;
    value = message["value"].get<std::uint64_t>();
  }
};

TEST_P(LaneFlow, LeavesEveryClientWithTheLastValueOfEachKey) {
  start();
  std::thread publisher([&] { flow(); });
  std::minstd_rand random(GetParam() + 1);

  struct Visitor {
    Seen seen;
    std::uint32_t client = 0;
    bool here = false;
  };
  std::vector<Visitor> visitors(12);
  const auto come = [&](Visitor& v) {
    v.client = shard().subscribe({{.topic = "things/all", .cursor = v.seen.cursor}},
                                 {.encoding = static_cast<std::uint16_t>(random() % 2 * 2), .page_bytes = 200 + static_cast<std::uint32_t>(random() % 20'000)});
    v.here = true;
  };
  const auto go = [&](Visitor& v) {
    shard().unsubscribe(v.client);
    v.here = false;
    v.seen.read(arrived(v.client, random));
  };
  for (int round = 0; round < 400; ++round) {
    Visitor& v = visitors[random() % visitors.size()];
    v.here ? go(v) : come(v);
    if (random() % 3 == 0) shard().fence();
  }
  publisher.join();
  for (Visitor& v : visitors)
    if (!v.here) come(v);
  for (Visitor& v : visitors) shard().run_until_listed(v.client);
  shard().fence();
  for (Visitor& v : visitors) {
    v.seen.read(shard().client(v.client).lines);
    EXPECT_EQ(v.seen.values, last_);
    shard().unsubscribe(v.client);
  }
  shard().fence();
  shard().fence();  // settled legs of clients that were gone are taken off by now
  const int renders = script_.renders();
  set(key(0), "1000000");
  shard().fence();
  EXPECT_EQ(script_.renders(), renders) << "nobody is left in the interest table";
}

TEST_P(LaneFlow, LosesAndRepeatsNoAppendedMessage) {
  settings_.history = kEvents;
  start();
  std::thread publisher([&] { flow(); });
  std::minstd_rand random(GetParam() + 2);
  Seen seen;
  for (int visit = 0; visit < 60; ++visit) {
    const auto c = shard().subscribe({{.topic = "log/all", .cursor = seen.cursor, .appended = true}});
    for (auto fences = random() % 4; fences > 0; --fences) shard().fence();
    seen.read(arrived(c, random));
    shard().unsubscribe(c);
  }
  publisher.join();
  const auto c = shard().subscribe({{.topic = "log/all", .cursor = seen.cursor, .appended = true}});
  shard().run_until_listed(c);
  shard().fence();
  seen.read(shard().client(c).lines);
  EXPECT_EQ(seen.said, said_);
}

INSTANTIATE_TEST_SUITE_P(Seeds, LaneFlow, testing::Values(1u, 20u, 300u));

}  // namespace
}  // namespace statecast::host::test

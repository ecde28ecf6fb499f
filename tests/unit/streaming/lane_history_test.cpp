// Appended topics of which memory holds little: the rest is read back from the store, exactly, and nobody waits for it.
#include <stdlib.h>

#include <cstdio>
#include <filesystem>

#include "host/streaming/history_reads.hpp"
#include "lane_rig.hpp"

namespace statecast::host::test {
namespace {

constexpr std::size_t kMemory = 64 * 1024;

std::string notice(const std::string& type, const std::string& topic, const std::string& reason) {
  return R"(|{"type":")" + type + R"(","topic":")" + topic + R"(","reason":")" + reason + "\"}";
}

class LaneHistory : public LaneRig {
 protected:
  LaneHistory() {
    std::string name = (std::filesystem::temp_directory_path() / "statecast-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    settings_.history = 10'000;
    bounds_.memory = kMemory;
  }
  ~LaneHistory() override {
    stop();
    std::filesystem::remove_all(folder_);
  }

  // Says n more, numbered on, in batches, in turn on log/a and log/b, all of them on log/all.
  void say(int n) {
    for (int i = 0; i < n;) {
      std::vector<OwnedEvent> events;
      for (; i < n && events.size() < 100; ++i, ++said_) events.push_back(event("Say", said_ % 2 == 0 ? "a" : "b", "[" + body(said_) + "]"));
      publish(std::move(events));
    }
  }
  static std::string body(int n) { return R"({"n":)" + std::to_string(n) + "}"; }
  static Lines bodies(int from, int to, int step = 1) {
    Lines out;
    for (int n = from; n < to; n += step) out.push_back(body(n));
    return out;
  }
  Lines bodies_of(std::uint32_t client) {
    auto bodies = shard().client(client).bodies();
    std::erase(bodies, "");  // a cursor alone
    return bodies;
  }
  // Until most of it has left memory.
  void run_until_evicted() {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    do {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the messages are not saved, or do not leave memory";
      shard().fence();
    } while (lane().status().history_bytes > kMemory);
    ASSERT_GT(lane().status().history.evicted, 0u);
    ASSERT_EQ(lane().status().history.dropped, 0u);
  }
  // Says n, and begins again with none of them in memory.
  void say_and_restart(int n, bool store_starts = true) {
    start();
    say(n);
    shard().fence();
    stop();
    store_starts_ = store_starts;
    start();
  }
  Lines listed(std::vector<ShardModel::Ask> topics) {
    const auto c = shard().subscribe(std::move(topics));
    shard().run_until_listed(c);
    return bodies_of(c);
  }
  Lines resumed(const std::string& topic, int after) {
    char cursor[40];  // positions in cursors are hexadecimal
    std::snprintf(cursor, sizeof cursor, "things.e1.0.%x", static_cast<unsigned>(after));
    return listed({{.topic = topic, .cursor = cursor, .appended = true}});
  }
  static ShardModel::Ask log(const std::string& name) { return {.topic = "log/" + name, .appended = true}; }
  Lines read_all(const std::string& topic, std::uint32_t limit) {
    Lines out;
    std::string after;
    do {
      const Value value = shard().read(topic, after, limit, true);
      EXPECT_EQ(value.status, SC_OK) << value.text;
      EXPECT_LE(value.items.size(), limit);
      for (const auto& [key, json] : value.items) out.push_back(json);
      after = value.more ? value.last : "";
    } while (!after.empty());
    return out;
  }

  int said_ = 0;
};

TEST_F(LaneHistory, IsToldWholeToWhoComesLateWhileMoreIsSaid) {
  start();
  say(5000);
  run_until_evicted();
  EXPECT_GT(lane().status().history.evicted, 8000u) << "each is on two topics";
  const auto c = shard().subscribe({log("all")});
  for (int i = 0; i < 10; ++i) {
    say(50);
    shard().fence();
  }
  shard().run_until_listed(c);
  say(10);
  shard().fence();
  EXPECT_EQ(bodies_of(c), bodies(0, 5510));
}

TEST_F(LaneHistory, OfSeveralTopicsIsOneInTheOrderInWhichItCame) {
  start();
  say(3000);
  run_until_evicted();
  EXPECT_EQ(listed({log("a"), log("b")}), bodies(0, 3000));
  EXPECT_EQ(listed({log("b"), log("all"), log("none")}), bodies(0, 3000));
  EXPECT_EQ(listed({log("b")}), bodies(1, 3000, 2));
}

TEST_F(LaneHistory, GoesOnAfterACursorOfWhatIsOnlyInTheStore) {
  start();
  say(3000);
  run_until_evicted();
  EXPECT_EQ(resumed("log/all", 1234), bodies(1234, 3000));
  EXPECT_EQ(resumed("log/all", 2999), bodies(2999, 3000));
  EXPECT_EQ(resumed("log/all", 3000), Lines{});
}

// Its last line on a page tells a client how far it has come, so that one which leaves need not begin again.
TEST_F(LaneHistory, GoesOnAfterAnyOfItsPages) {
  say_and_restart(500);
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({log("all")});
  std::size_t pages = 0;
  for (shard().run_until([&] { return !shard().client(c).lines.empty(); }, "the first page"); shard().client(c).listing(); ++pages) {
    const std::string last = shard().client(c).lines.back();
    const int said = static_cast<int>(bodies_of(c).size());
    ASSERT_EQ(bodies_of(c), bodies(0, said));
    const auto again = shard().subscribe({{.topic = "log/all", .cursor = last.substr(0, last.find('|')), .appended = true}});
    shard().pulls_at_once = true;
    shard().run_until_listed(again);
    shard().pulls_at_once = false;
    ASSERT_EQ(bodies_of(again), bodies(said, 500)) << "after " << last;
    shard().pull(c);
    shard().run_until([&] { return static_cast<int>(bodies_of(c).size()) > said || !shard().client(c).listing(); }, "the next page");
  }
  EXPECT_GT(pages, 2u);
  EXPECT_EQ(bodies_of(c), bodies(0, 500));
}

TEST_F(LaneHistory, IsTrimmedByItsBoundWhereItIsOnlyInTheStore) {
  settings_.history = 1000;
  start();
  say(1000);
  run_until_evicted();
  say(500);
  shard().fence();
  EXPECT_EQ(listed({log("all")}), bodies(500, 1500));
  EXPECT_EQ(resumed("log/all", 700), bodies(700, 1500));
  auto expected = bodies(500, 1500);
  expected.insert(expected.begin(), notice("reset", "log/all", "the history after the cursor was trimmed").substr(1));
  EXPECT_EQ(resumed("log/all", 400), expected);
}

TEST_F(LaneHistory, IsThereAfterARestart) {
  settings_.history = 1000;
  say_and_restart(1500);
  EXPECT_EQ(listed({log("all")}), bodies(500, 1500));
  EXPECT_EQ(lane().status().history_topics, 3u);
  EXPECT_EQ(resumed("log/all", 1499), bodies(1499, 1500));
  say(100);
  shard().fence();
  EXPECT_EQ(listed({log("all")}), bodies(600, 1600));
  EXPECT_EQ(resumed("log/all", 700), bodies(700, 1600));
  EXPECT_EQ(read_all("log/all", 300), bodies(600, 1600));
}

TEST_F(LaneHistory, IsReadInPagesAsAValue) {
  start();
  say(2000);
  run_until_evicted();
  EXPECT_EQ(read_all("log/all", 1000), bodies(0, 2000));
  EXPECT_EQ(read_all("log/a", 170), bodies(0, 2000, 2));
  EXPECT_EQ(shard().read("log/all", "00000000000000001998-0", 10, true).items.size(), 1u);
  EXPECT_TRUE(shard().read("log/all", "99999", 10, true).items.empty());
  EXPECT_TRUE(shard().read("log/none", "", 10, true).items.empty());
}

// ---- the store does not answer yet, or ever

TEST_F(LaneHistory, DelaysNobodyElse) {
  say_and_restart(300, false);
  const auto late = shard().subscribe({log("all")});
  shard().fence();
  EXPECT_TRUE(shard().client(late).listing());
  EXPECT_EQ(bodies_of(late), Lines{});
  set("a", "1");
  EXPECT_EQ(listed({{"things/a"}}), Lines{line("", "a", "1").substr(1)});
  say(10);
  start_store();
  shard().run_until_listed(late);
  EXPECT_EQ(bodies_of(late), bodies(0, 310));
}

TEST_F(LaneHistory, IsAskedForBySoManyAtOnce) {
  say_and_restart(300, false);
  for (int i = 0; i < 20; ++i) shard().subscribe({log("all")});
  shard().fence();
  EXPECT_EQ(store().waiting(), OlderMessages::kUnderWay);
  shard().unsubscribe(0);
  shard().unsubscribe(18);
  start_store();
  for (std::uint32_t c = 0; c < 20; ++c) {
    shard().run_until_listed(c);
    EXPECT_EQ(bodies_of(c), c == 0 || c == 18 ? Lines{} : bodies(0, 300));
  }
}

TEST_F(LaneHistory, IsAskedForAgainWhenTheStoreHasNoRoom) {
  say_and_restart(300, false);
  StoreRequest other = FetchHistory{0, 1'000'000, "log/all", 0, 1, 1};
  while (store().post(other)) other = FetchHistory{0, 1'000'000, "log/all", 0, 1, 1};
  const auto c = shard().subscribe({log("all")});
  shard().fence();
  EXPECT_TRUE(shard().client(c).listing());
  start_store();
  shard().run_until_listed(c);
  EXPECT_EQ(bodies_of(c), bodies(0, 300));
}

TEST_F(LaneHistory, TellsAClientWhatCannotBeReadAndGoesOn) {
  say_and_restart(300, false);
  const auto c = shard().subscribe({log("all")});
  say(2);
  shard().fence();
  lane().post_reply(Fetched{1, {}, "the disk is gone"});
  shard().run_until_listed(c);
  say(1);
  shard().fence();
  auto expected = bodies(300, 303);
  expected.insert(expected.begin(), notice("error", "log/all", "the older part of the history cannot be read now: some of it is missing").substr(1));
  EXPECT_EQ(bodies_of(c), expected);
}

TEST_F(LaneHistory, TellsAClientWhatWasTrimmedMeanwhile) {
  say_and_restart(10, false);
  const auto c = shard().subscribe({log("all")});
  shard().fence();
  auto* message = new AppendedMessage;
  message->json = body(7);
  message->moment = {0, whole(at(8)), false};
  lane().post_reply(Fetched{1, {{"log/all", 7, Ref<AppendedMessage>::adopt(message)}}, ""});
  start_store();
  shard().run_until_listed(c);
  auto expected = bodies(7, 10);
  expected.insert(expected.begin(), notice("reset", "log/all", "the history was trimmed while it was being read").substr(1));
  EXPECT_EQ(bodies_of(c), expected);
}

TEST_F(LaneHistory, CannotBeReadAsAValueWhileTheStoreFails) {
  say_and_restart(10, false);
  const auto asked = [&](std::uint64_t number) { shard().post(ReadValue{{0, number}, Ref<RequestContext>::make(), "log/all", "", 5, true}); };
  asked(1'000'000);
  shard().fence();
  lane().post_reply(Fetched{1, {}, "the disk is gone"});
  shard().run_until([&] { return shard().values.contains(1'000'000); }, "the answer");
  EXPECT_EQ(shard().values[1'000'000].status, SC_FAILED);
  EXPECT_EQ(shard().values[1'000'000].text, "older messages cannot be read: try again later");
  for (std::uint64_t i = 1; i <= HistoryReads::kUnderWay + 1; ++i) asked(1'000'000 + i);
  const auto last = 1'000'001 + HistoryReads::kUnderWay;
  shard().run_until([&] { return shard().values.contains(last); }, "the answer to who is one too many");
  EXPECT_EQ(shard().values[last].status, SC_FAILED);
  EXPECT_EQ(shard().values[last].text, "too many wait for older messages: try again later");
  start_store();
  shard().run_until([&] { return shard().values.contains(last - 1); }, "the answers");
  EXPECT_EQ(shard().values[last - 1].items.size(), 5u);
}

}  // namespace
}  // namespace statecast::host::test

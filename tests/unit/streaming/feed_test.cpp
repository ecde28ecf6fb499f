#include "host/streaming/feed.hpp"

#include <gtest/gtest.h>

#include "fake_plugins.hpp"
#include "fake_source.hpp"
#include "host/streaming/appender.hpp"
#include "host/streaming/lag.hpp"
#include "shard_model.hpp"

namespace statecast::host::test {
namespace {

// A source, and lanes of one state each that consume Set and Block.
class FeedTest : public testing::Test {
 protected:
  struct End {
    Script script;
    std::unique_ptr<Lane> lane;
    std::unique_ptr<ShardModel> shard;
  };

  ~FeedTest() override {
    for (auto& end : ends_) {
      end->script.unblock.release(1000);
      end->shard->inbox().close();
      end->lane->close();
    }
    if (feed_) feed_->stop();
    for (auto& end : ends_) EXPECT_TRUE(end->lane->join_until(std::chrono::steady_clock::now() + kDeadline));  // what waits there is the feed's
  }

  void start(int lanes, std::vector<Manifest::Consumes> consumes = {{"*", "/subject"}}) {
    make(lanes, std::move(consumes));
    feed_->start();
  }
  void make(int lanes, std::vector<Manifest::Consumes> consumes) {
    source_ = make_source("events");
    Router router;
    for (int i = 0; i < lanes; ++i) {
      auto& end = *ends_.emplace_back(std::make_unique<End>());
      end.shard = std::make_unique<ShardModel>();
      StateSettings settings;
      settings.refresh_ms = 3'600'000;
      const std::string id = "lane" + std::to_string(i);
      end.lane = std::make_unique<Lane>(static_cast<std::uint16_t>(i), settings, 0, make_state(id),
                                        Positions(id, {{0, "e1"}}), encodings_, std::vector{&end.shard->inbox()}, system_clock());
      end.shard->attach(*end.lane);
      router.add_state(consumes, {end.lane.get()});
      end.lane->start();
    }
    feed_ = std::make_unique<Feed>(*source_, std::move(router), system_clock());
  }

  void add_sets(int n) {
    std::vector<OwnedEvent> events;
    for (int i = 0; i < n; ++i) events.push_back(event("Set", "k", std::to_string(++sets_)));
    store_.add(std::move(events));
  }

  // Waits until the lane has folded everything up to the newest event.
  void run_until_folded(int lane) {
    ends_[static_cast<std::size_t>(lane)]->shard->await({{0, 0, at(store_.newest())}});
  }
  Script& script(int lane) { return ends_[static_cast<std::size_t>(lane)]->script; }

  // Every Set once, in order.
  void expect_all_sets(int lane) {
    std::vector<std::string> expected, folded;
    for (int i = 1; i <= sets_; ++i) expected.push_back("Set k " + std::to_string(i));
    for (const std::string& text : script(lane).events())
      if (text.starts_with("Set")) folded.push_back(text);
    EXPECT_EQ(folded, expected) << "lane " << lane;
  }

  // Waits for what the feed's threads do of themselves.
  void run_until(const std::function<bool()>& so, const char* what) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (!so()) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "still waiting for " << what;
        return;
      }
      std::this_thread::yield();
    }
  }
  void run_until_live() {
    run_until([&] { return feed_->caught_up() && feed_->behind() == 0; }, "every lane to be live");
  }

  // While the first lane is blocked the second gets everything, and so does the first once it goes on; `add_some` brings more
  // sets.
  void block_the_first_of_two(const std::function<void()>& add_some) {
    auto& blocked = *ends_[0];
    run_until_live();
    // Block only the first lane: from inside, past the router.
    LaneMessage message = Events{batch_of({event("Block", "b", "{}")}), {0}};
    ASSERT_TRUE(blocked.lane->post_events(message));
    ASSERT_TRUE(blocked.script.blocked.try_acquire_for(kDeadline));
    for (int batch = 0; batch < 400; ++batch) {
      add_some();
      run_until_folded(1);  // one at a time, so that each is a batch of its own
    }
    expect_all_sets(1);
    EXPECT_EQ(feed_->behind(), 1u);
    EXPECT_LE(blocked.lane->status().waiting, 256u);
    blocked.script.unblock.release();
    run_until_folded(0);
    expect_all_sets(0);
    run_until_live();
    add_some();
    run_until_folded(0);
    expect_all_sets(0);
  }

  Store store_;
  std::vector<Encoding> encodings_;
  std::vector<std::unique_ptr<End>> ends_;
  std::unique_ptr<SourceInstance> source_;
  std::unique_ptr<Feed> feed_;
  int sets_ = 0;
};

TEST_F(FeedTest, GoesPastDamagedEventsAndTellsOfEachOnce) {
  const auto damage = [this] { store_.add({event("Damaged", "k", "1")}); };
  add_sets(2);
  damage();
  add_sets(2);
  damage();
  start(2);
  run_until_folded(0);
  run_until_live();
  damage();
  run_until_folded(0);
  damage();
  add_sets(1);
  for (const int lane : {0, 1}) {
    run_until_folded(lane);
    expect_all_sets(lane);
    EXPECT_EQ(script(lane).events().size(), 5u) << "no damaged one is among them";
  }
  EXPECT_EQ(source_->damaged().events(), 4u) << "though two lanes and the tail met them";
  EXPECT_EQ(source_->damage(), "source 'events' has damaged events, which states go on without: 3 (a bit fell over), 6 (a "
                               "bit fell over), 7 (a bit fell over), 8 (a bit fell over)");
  EXPECT_EQ(feed_->unconsumed(), 0u);
}

TEST_F(FeedTest, GivesEveryLaneHistoryAndThenTheLiveTailInOrder) {
  add_sets(1000);
  start(3);
  add_sets(500);
  run_until_live();
  add_sets(500);
  for (int lane = 0; lane < 3; ++lane) {
    run_until_folded(lane);
    expect_all_sets(lane);
  }
}

TEST_F(FeedTest, IsCaughtUpOnAnEmptySource) {
  start(2);
  run_until_live();
  EXPECT_EQ(feed_->failing_since_ns(), 0);
}

TEST_F(FeedTest, MovesTheCursorOfALaneOverEventsThatItDoesNotConsume) {
  start(1, {{"Set", "/subject"}});
  run_until_live();
  add_sets(1);
  store_.add({event("Unheard", "x", "1")});
  run_until_folded(0);
  EXPECT_EQ(script(0).events(), std::vector<std::string>{"Set k 1"});
  EXPECT_EQ(ends_[0]->lane->status().positions.at(0).hi, 2u);
}

TEST_F(FeedTest, CountsWhatItsReadersRead) {
  add_sets(3);
  start(2, {{"Set", "/subject"}});
  run_until_live();
  EXPECT_EQ(feed_->read_by_tail(), 0u);
  EXPECT_EQ(feed_->read_catching_up(), 6u) << "the history, for each lane";
  EXPECT_EQ(feed_->replaying(), 0u);
  add_sets(2);
  store_.add({event("Unheard", "x", "1")});
  run_until_folded(0);
  EXPECT_EQ(feed_->read_by_tail(), 3u);
  EXPECT_EQ(feed_->unconsumed(), 1u);
  EXPECT_EQ(feed_->newest().at(0).hi, 6u);
}

TEST_F(FeedTest, TellsHowFarABlockedLaneIsBehind) {
  start(1, {{"Set", "/subject"}, {"Block", "/subject"}});
  auto& end = *ends_[0];
  const auto lag = [&](std::int64_t now_us) { return lags_of(end.lane->status(), {&feed_, 1}, now_us).at(0); };
  const auto add = [&](std::string type, std::int64_t time_us) {
    auto made = event(std::move(type), "k", "1");
    made.time_us = time_us;
    store_.add({made});
  };
  run_until_live();
  EXPECT_EQ(lag(9'000'000).source, "events");
  EXPECT_EQ(lag(9'000'000).seconds, 0.0);
  add("Set", 1'000'000);
  run_until_folded(0);
  EXPECT_EQ(lag(9'000'000).events, 0u);
  EXPECT_EQ(lag(9'000'000).seconds, 0.0) << "there is nothing newer";
  add("Block", 2'000'000);
  ASSERT_TRUE(end.script.blocked.try_acquire_for(kDeadline));
  add("Set", 3'000'000);
  run_until([&] { return feed_->newest().at(0).hi == 3; }, "the tail to read on");
  EXPECT_EQ(lag(9'000'000).events, 2u);
  EXPECT_EQ(lag(9'500'000).seconds, 8.5);
  end.script.unblock.release();
  run_until_folded(0);
  EXPECT_EQ(lag(9'000'000).events, 0u);
  EXPECT_EQ(lag(9'000'000).seconds, 0.0);
}

TEST_F(FeedTest, LetsABlockedLaneHoldUpNobodyAndCatchUpLater) {
  start(2, {{"Set", "/subject"}});
  block_the_first_of_two([this] { add_sets(10); });
}

TEST_F(FeedTest, TriesAgainWhileTheSourceCannotBeReadOrOpened) {
  add_sets(300);
  store_.failing_opens = 3;
  store_.failing_polls = 3;
  start(2);
  run_until_live();
  store_.failing_polls = 1;
  add_sets(10);
  for (int lane = 0; lane < 2; ++lane) {
    run_until_folded(lane);
    expect_all_sets(lane);
  }
  // The poll under way when the test asked for a failure may have brought the events before the one that fails.
  run_until([&] { return store_.failing_polls == 0; }, "the poll that fails");
  run_until([&] { return feed_->failing_since_ns() == 0; }, "the source to count as working");
}

TEST_F(FeedTest, SaysSinceWhenTheSourceFails) {
  start(1);
  run_until_live();
  store_.failing_polls = 1'000'000;
  add_sets(1);
  run_until([&] { return feed_->failing_since_ns() != 0; }, "the source to count as failing");
  store_.failing_polls = 0;
  run_until([&] { return feed_->failing_since_ns() == 0; }, "the source to count as working");
  run_until_folded(0);
  expect_all_sets(0);
}

TEST_F(FeedTest, StartsWithTheOldestThatIsHeld) {
  add_sets(100);
  store_.forget_before(61);
  start(1);
  run_until_folded(0);
  const auto folded = script(0).events();
  ASSERT_EQ(folded.size(), 40u);
  EXPECT_EQ(folded.front(), "Set k 61");
  run_until_live();
}

TEST_F(FeedTest, GoesOnWithTheOldestThatIsLeftWhenALaneIsBehindWhatWasTrimmed) {
  start(1);
  run_until_live();
  store_.add({event("Block", "b", "{}")});
  ASSERT_TRUE(script(0).blocked.try_acquire_for(kDeadline));
  for (int i = 0; i < 400; ++i) add_sets(256);
  run_until([&] { return feed_->behind() == 1; }, "the lane to be behind");
  store_.forget_before(100'001);
  script(0).unblock.release();
  run_until_folded(0);
  std::vector<std::string> last(script(0).events());
  ASSERT_GT(last.size(), 2400u);
  EXPECT_LT(last.size(), static_cast<std::size_t>(sets_));
  last.erase(last.begin(), last.end() - 2401);
  for (std::size_t i = 0; i < last.size(); ++i) ASSERT_EQ(last[i], "Set k " + std::to_string(100'000 + i));
  run_until_live();
}

TEST_F(FeedTest, StopsPromptlyWhileALaneIsBlockedAndItsMailboxFull) {
  store_.add({event("Block", "b", "{}")});
  start(1);
  ASSERT_TRUE(script(0).blocked.try_acquire_for(kDeadline));
  for (int i = 0; i < 300; ++i) add_sets(256);
  run_until([&] { return ends_[0]->lane->status().waiting >= 192; }, "the mailbox to fill");
  ends_[0]->lane->close();
  feed_->stop();  // returns although the lane does not
  EXPECT_NE(ends_[0]->lane->status().busy_since_ns, 0);
}

TEST_F(FeedTest, StopsPromptlyWhileTheSourceFails) {
  store_.failing_opens = 1'000'000;
  start(2);
  run_until([&] { return feed_->failing_since_ns() != 0; }, "the source to count as failing");
  feed_->stop();
  EXPECT_FALSE(feed_->caught_up());
}

// The same where the source's appender hands over what it has stored.
class HandedFeedTest : public FeedTest {
 protected:
  ~HandedFeedTest() override {
    if (appender_) appender_->stop();
  }

  void start(int lanes, std::vector<Manifest::Consumes> consumes = {{"*", "/subject"}}) {
    make(lanes, std::move(consumes));
    appender_ = std::make_unique<Appender>(*source_, std::vector<ShardInbox*>{});
    appender_->hand_to(*feed_);
    feed_->start();
    appender_->start();
  }

  // Returns when they are stored.
  void publish(const std::vector<OwnedEvent>& events) {
    AppendWaiter waiter;
    AppendRequest request{{}, batch_of(events), &waiter};
    ASSERT_TRUE(appender_->post_wait(request));
    waiter.replied.acquire();
    ASSERT_EQ(waiter.reply.status, SC_OK) << waiter.reply.why;
  }
  void publish_sets(int n) {
    std::vector<OwnedEvent> events;
    for (int i = 0; i < n; ++i) events.push_back(event("Set", "k", std::to_string(++sets_)));
    publish(events);
  }

  std::unique_ptr<Appender> appender_;
};

TEST_F(HandedFeedTest, GivesEveryLaneHistoryAndThenWhatIsAppendedInOrder) {
  add_sets(1000);
  start(3);
  publish_sets(700);
  run_until_live();
  publish_sets(1);
  publish_sets(600);
  for (int lane = 0; lane < 3; ++lane) {
    run_until_folded(lane);
    expect_all_sets(lane);
  }
  EXPECT_EQ(feed_->newest().at(0).hi, 2301u);
}

TEST_F(HandedFeedTest, ReadsNothingBack) {
  start(2);
  run_until_live();
  const int polls = store_.polls;
  for (int i = 0; i < 20; ++i) publish_sets(5);
  for (int lane = 0; lane < 2; ++lane) {
    run_until_folded(lane);
    expect_all_sets(lane);
  }
  EXPECT_EQ(store_.polls, polls);
  EXPECT_EQ(feed_->read_by_tail(), 100u);
}

TEST_F(HandedFeedTest, HandsOnNeitherWhatWasRefusedNorWhatWasThereBefore) {
  start(1);
  run_until_live();
  publish({event("Set", "k", "1"), event("Refused", "k", "2"), event("Twice", "k", "3"), event("Set", "k", "4")});
  run_until_folded(0);
  EXPECT_EQ(script(0).events(), (std::vector<std::string>{"Set k 1", "Set k 4"}));
}

TEST_F(HandedFeedTest, HandsOnNothingOfAnAppendThatFailed) {
  start(1);
  run_until_live();
  store_.append_fails = true;
  AppendWaiter waiter;
  AppendRequest request{{}, batch_of({event("Set", "k", "0")}), &waiter};
  ASSERT_TRUE(appender_->post_wait(request));
  waiter.replied.acquire();
  EXPECT_EQ(waiter.reply.status, SC_FAILED);
  store_.append_fails = false;
  publish_sets(2);
  run_until_folded(0);
  expect_all_sets(0);
}

TEST_F(HandedFeedTest, LetsABlockedLaneHoldUpNobodyAndCatchUpLater) {
  start(2, {{"Set", "/subject"}});
  block_the_first_of_two([this] { publish_sets(10); });
}

TEST_F(HandedFeedTest, ReadsBackWhatASourceSaysThatItStoredElsewhere) {
  start(2);
  run_until_live();
  publish_sets(3);
  for (const char* type : {"Behind", "Astray"}) {
    publish({event(type, "x", "1"), event("Set", "k", std::to_string(++sets_))});
    for (int lane = 0; lane < 2; ++lane) {
      run_until_folded(lane);
      expect_all_sets(lane);
    }
  }
  run_until_live();
  publish_sets(3);
  run_until_folded(0);
  expect_all_sets(0);
}

}  // namespace
}  // namespace statecast::host::test

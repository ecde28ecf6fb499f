#include "plugins/sources/log/retention.hpp"

#include <semaphore>
#include <statecast/rfc3339.hpp>

#include "tests/unit/plugins/log/log_kit.hpp"

namespace statecast::test {

namespace {

class RetentionTest : public LogTest {
 protected:
  static constexpr auto kAge = std::chrono::hours(1);

  void open_keeping(const std::string& retention) {
    log_.reset();
    log_ = std::make_unique<SourceKit>(testkit::source_table<log::LogSource>(),
                                       R"({"path":")" + path_ + R"(","retention":)" + retention + "}");
    ASSERT_EQ(log_->creation(), Outcome{});
  }
  void open_keeping_an_hour() { open_keeping(R"({"age":3600000})"); }
  void open_keeping_a_mebibyte() { open_keeping(R"({"size":1048576})"); }

  void pass(std::chrono::microseconds time) { log_->host().clock.advance(time); }
  // One round of the host's upkeep.
  void acknowledge(std::uint64_t seq) { ASSERT_EQ(log_->ack({at(seq)}), Outcome{}); }
  void acknowledge_until(std::uint64_t oldest, std::uint64_t saved) {
    for (int round = 0; log_->range().oldest.hi < oldest; ++round) {
      ASSERT_LT(round, 100) << "oldest is " << log_->range().oldest.hi;
      acknowledge(saved);
    }
  }
  double used() { return log_->host().metric("used"); }

  // About a kilobyte each.
  static std::vector<OwnedEvent> large(std::size_t n) {
    return std::vector<OwnedEvent>(n, {.type = "A", .data = '"' + std::string(1'000, 'x') + '"'});
  }

  std::unique_ptr<SourceKit> log_;
};

}  // namespace

TEST_F(RetentionTest, KeepsEverythingUnlessItIsTold) {
  open_keeping("{}");
  log_->append(large(3'000));
  pass(24h * 10'000);
  acknowledge(3'000);
  EXPECT_EQ(log_->range().oldest, at(1));
  EXPECT_GT(used(), 3'000'000);
}

TEST_F(RetentionTest, LetsEventsGoThatAreOldSinceTheyWereStored) {
  open_keeping_an_hour();
  // Their own times are of no matter.
  log_->append({{.type = "A", .time_us = 0}, {.type = "A", .time_us = 4'000'000'000'000'000}});
  pass(30min);
  acknowledge(2);
  log_->append(orders(2));
  acknowledge(4);
  pass(29min);
  acknowledge(4);
  EXPECT_EQ(log_->range().oldest, at(1));
  pass(5min);
  acknowledge(4);
  EXPECT_EQ(log_->range().oldest, at(3));
  EXPECT_EQ(log_->host().metric("deleted_events"), 2);
  auto reader = log_->open_reader();
  EXPECT_EQ(read(reader, 2), numbers(3, 4));
  EXPECT_EQ(log_->open_reader({at(1)}).opened(), (Outcome{SC_GONE, "event 2 is no longer held: the oldest is 3"}));
}

TEST_F(RetentionTest, KnowsAfterARestartWhenEventsWereStored) {
  open_keeping_an_hour();
  log_->append(orders(3));
  acknowledge(3);
  open_keeping_an_hour();
  pass(kAge + 5min);
  acknowledge(3);
  EXPECT_EQ(log_->range().oldest, at(3));
  EXPECT_TRUE(log_->host().log().empty());
}

constexpr std::int64_t kRight = 1'700'000'000'000'000;  // what the clock of a new fake host says

// A clock that is wrong for one run of the host, by the parameter, and right in the next.
class RetentionClockTest : public RetentionTest, public ::testing::WithParamInterface<std::chrono::microseconds> {
 protected:
  void store_three_at(std::int64_t wall_us) {
    open_keeping_an_hour();
    log_->host().clock.set(wall_us);
    log_->append(orders(3));
    acknowledge(3);
  }
  // As the next start of the machine would leave it.
  void boot() const { sql("UPDATE clock SET boot = 'another'"); }
  void expect_all_stay_for_an_hour_and_no_longer() {
    acknowledge(3);
    pass(kAge - 5min);
    acknowledge(3);
    EXPECT_EQ(log_->range().oldest, at(1));
    pass(10min);
    acknowledge(3);
    EXPECT_EQ(log_->range().oldest, at(3));
  }
  std::vector<std::string> told() const {
    std::vector<std::string> texts;
    for (const auto& line : log_->host().log()) texts.push_back(line.text);
    return texts;
  }
};

INSTANTIATE_TEST_SUITE_P(Wrong, RetentionClockTest,
                         ::testing::Values(-24h, 24h, -std::chrono::microseconds(kRight) + 5s, 24h * 365));

TEST_P(RetentionClockTest, AgesByWhatPassedThoughTheClockOfOneRunWasWrong) {
  store_three_at(kRight + GetParam().count());
  open_keeping_an_hour();
  expect_all_stay_for_an_hour_and_no_longer();
  EXPECT_EQ(told(), (std::vector<std::string>{path_ + ": the clock of this machine says 2023-11-14T22:13:20.000Z, and said " +
                                              format_rfc3339(kRight + GetParam().count()) +
                                              " before: 0 s passed in between, and events age by that"}));
}

TEST_P(RetentionClockTest, AgesByNothingOverABootBeforeWhichTheClockWasWrong) {
  store_three_at(kRight + GetParam().count());
  boot();
  open_keeping_an_hour();
  expect_all_stay_for_an_hour_and_no_longer();
  EXPECT_EQ(told(), (std::vector<std::string>{path_ + ": the clock of this machine says 2023-11-14T22:13:20.000Z, and said " +
                                              format_rfc3339(kRight + GetParam().count()) +
                                              " before: the machine was started anew in between, and nobody can say how "
                                              "much time passed: events age by none of it, and may be kept longer"}));
}

TEST_P(RetentionClockTest, AgesByWhatPassedThoughTheClockStepsWhileItRuns) {
  store_three_at(kRight);
  log_->host().clock.set(kRight + GetParam().count());
  acknowledge(3);
  log_->append(orders(1));
  log_->host().clock.set(kRight);
  acknowledge(4);
  EXPECT_EQ(told().size(), 2u) << "there and back";
  pass(kAge - 5min);
  acknowledge(4);
  EXPECT_EQ(log_->range().oldest, at(1));
  pass(10min);
  acknowledge(4);
  EXPECT_EQ(log_->range().oldest, at(4));
}

TEST_F(RetentionClockTest, BelievesTheClockOverABootForATenthOfTheAge) {
  store_three_at(kRight - std::chrono::microseconds(6min).count());
  boot();
  open_keeping_an_hour();
  pass(kAge - 10min);
  acknowledge(3);
  EXPECT_EQ(log_->range().oldest, at(1)) << "56 minutes";
  pass(5min);
  acknowledge(3);
  EXPECT_EQ(log_->range().oldest, at(3));
  EXPECT_EQ(told(), std::vector<std::string>{});
}

TEST_F(RetentionClockTest, SavesTheClockWhileNothingIsStored) {
  store_three_at(kRight);
  pass(20min);
  acknowledge(3);
  sql("UPDATE clock SET boot = 'another', wall_us = 1700000000000000");
  open_keeping_an_hour();
  pass(kAge - 15min);
  acknowledge(3);
  EXPECT_EQ(log_->range().oldest, at(3));
}

// A log whose marks the wall clock made, which was a day fast for the first two events.
TEST_F(RetentionClockTest, TakesMarksOfAnOlderSchemaForNoYoungerThanTheyAre) {
  store_three_at(kRight);
  log_.reset();
  sql("DROP TABLE clock; ALTER TABLE events DROP COLUMN checksum; DELETE FROM marks; INSERT INTO marks VALUES (3, 1700086400000000), (4, 1700000000000000);"
      "PRAGMA user_version = 2");
  open_keeping_an_hour();
  expect_all_stay_for_an_hour_and_no_longer();
}

TEST_F(RetentionTest, NeverLetsTheNewestEventGoSoThatNoNumberIsGivenTwice) {
  open_keeping_an_hour();
  log_->append(orders(3));
  pass(10h);
  acknowledge(3);
  pass(10h);
  acknowledge(3);
  EXPECT_EQ(log_->range().oldest, at(3));
  open_keeping_an_hour();
  EXPECT_EQ(log_->append(orders(1)).receipts[0].position, at(4));
}

TEST_F(RetentionTest, BoundsWhatTheFileHolds) {
  open_keeping_a_mebibyte();
  for (std::uint64_t newest = 100; newest <= 20'000; newest += 100) {
    log_->append(large(100));
    acknowledge(newest);
  }
  EXPECT_LT(used(), 1.2 * (1 << 20));
  EXPECT_LT(std::filesystem::file_size(path_), 3u << 20) << "pages that were left are used again";
  EXPECT_GT(log_->range().oldest.hi, 19'000u);
  EXPECT_LT(log_->range().oldest.hi, 19'600u);
}

// Without anybody's upkeep, by what is appended alone.
TEST_F(RetentionTest, TakesAwayFasterThanItIsFilled) {
  open_keeping_a_mebibyte();
  for (int i = 0; i < 400; ++i) log_->append(large(50));
  EXPECT_LT(used(), 2.0 * (7 << 20));
  EXPECT_GT(log_->range().oldest.hi, 10'000u);
}

TEST_F(RetentionTest, TakesAFewAwayAtATime) {
  open_keeping_an_hour();
  log_->append(orders(5'000));
  pass(kAge + 1min);
  acknowledge(5'000);
  EXPECT_EQ(log_->range().oldest, at(513));
  acknowledge(5'000);
  EXPECT_EQ(log_->range().oldest, at(1'025));
  acknowledge_until(5'000, 5'000);
}

TEST_F(RetentionTest, HoldsBackWhatNotEveryStateHasSaved) {
  open_keeping_an_hour();
  log_->append(orders(10));
  acknowledge(4);
  pass(kAge + 5min);
  acknowledge(4);
  EXPECT_EQ(log_->range().oldest, at(5));
  EXPECT_EQ(log_->host().metric("held_back_events"), 5) << "all but the newest";
  acknowledge(8);
  EXPECT_EQ(log_->range().oldest, at(9));
  EXPECT_EQ(log_->host().metric("held_back_events"), 1);
  EXPECT_TRUE(log_->host().log().empty());
}

TEST_F(RetentionTest, LetsWhatNobodySavedGoBeyondTwiceTheAgeAndSaysSo) {
  open_keeping_an_hour();
  log_->append(orders(10));
  acknowledge(4);
  pass(2 * kAge + 5min);
  acknowledge(4);
  EXPECT_EQ(log_->range().oldest, at(10));
  const std::vector<testkit::LogLine> expected = {
      {SC_LOG_WARNING, path_ + ": 5 events that not every state has saved were taken away: the log is beyond twice its "
                               "`retention`. A state that lags or hangs lacks them after a restart: see "
                               "statecast_lag_events, or raise `retention`"}};
  EXPECT_EQ(log_->host().log(), expected);
}

TEST_F(RetentionTest, BoundsTheFileThoughNothingIsEverSaved) {
  open_keeping_a_mebibyte();
  for (int i = 0; i < 100; ++i) {
    log_->append(large(100));
    acknowledge(0);
  }
  EXPECT_GT(used(), 1.8 * (1 << 20));
  EXPECT_LT(used(), 2.4 * (1 << 20));
  EXPECT_EQ(log_->host().log().size(), 1u) << "at most once a minute";
  pass(1min);
  log_->append(large(100));
  acknowledge(0);
  EXPECT_EQ(log_->host().log().size(), 2u);
}

TEST_F(RetentionTest, ForgetsANameWithItsEvent) {
  open_keeping_an_hour();
  log_->append({{.type = "A", .id = "x"}, {.type = "A", .id = "y"}});
  acknowledge(2);
  pass(kAge + 5min);
  acknowledge(2);
  const std::vector<Receipt> expected = {{0, SC_OK, at(3), false, ""}, {1, SC_OK, at(2), true, ""}};
  EXPECT_EQ(log_->append({{.type = "A", .id = "x"}, {.type = "A", .id = "y"}}).receipts, expected);
}

TEST_F(RetentionTest, TellsAReaderWhoseEventsWereTakenAway) {
  open_keeping_an_hour();
  log_->append(orders(5));
  auto reader = log_->open_reader();
  EXPECT_EQ(read(reader, 1), numbers(1, 1));
  acknowledge(5);
  pass(kAge + 5min);
  acknowledge(5);
  EXPECT_EQ(reader.poll(10, 20s).outcome, (Outcome{SC_GONE, "event 2 is no longer held: the oldest is 5"}));
}

TEST_F(RetentionTest, ShowsReadersEveryEventOnceOrThatSomeAreGone) {
  open_keeping_a_mebibyte();
  std::atomic<bool> done = false;
  std::binary_semaphore follows{0};
  auto followed = std::async(std::launch::async, [&] {
    auto reader = log_->open_reader();
    std::uint64_t last = 0;
    for (;;) {
      const bool was_last = done;
      const Polled polled = reader.poll(100, 1ms);
      for (const OwnedEvent& event : polled.events) {
        EXPECT_TRUE(last == 0 || event.position.hi == last + 1) << last << " before " << event.position.hi;
        if (last == 0) follows.release();
        last = event.position.hi;
      }
      if (polled.outcome.status == SC_GONE || (was_last && polled.outcome.status == SC_TIMEOUT)) return last;
      EXPECT_TRUE(polled.outcome.ok() || polled.outcome.status == SC_TIMEOUT) << polled.outcome.text;
    }
  });
  log_->append(large(50));
  EXPECT_TRUE(follows.try_acquire_for(60s)) << "else all might be gone before it looks";
  for (std::uint64_t newest = 100; newest <= 10'000; newest += 50) {
    log_->append(large(50));
    acknowledge(newest);
  }
  done = true;
  EXPECT_GE(followed.get(), 50u);
}

// As a log was before events had names of their own in the file, and times at which they were stored.
TEST_F(RetentionTest, BringsALogOfSchemaOneUpToDate) {
  open_keeping("{}");
  log_->append({{.type = "A", .id = "x"}, {.type = "A", .id = "y"}});
  log_.reset();
  sql("DROP TABLE clock; ALTER TABLE events DROP COLUMN checksum; DROP TABLE names; DROP TABLE marks; DELETE FROM meta WHERE name = 'named';"
      "CREATE INDEX events_by_name ON events (name_hash); PRAGMA user_version = 1");
  open_keeping_an_hour();
  const std::vector<Receipt> expected = {{0, SC_OK, at(2), true, ""}, {1, SC_OK, at(3), false, ""}};
  EXPECT_EQ(log_->append({{.type = "A", .id = "y"}, {.type = "A", .id = "z"}}).receipts, expected);
  acknowledge(3);
  pass(kAge + 5min);
  acknowledge(3);
  EXPECT_EQ(log_->range().oldest, at(3)) << "they count as stored when they were brought up to date";
}

// More than wait in memory, so that most are found in the file; and some were appended after that.
TEST_F(RetentionTest, KnowsEveryNameOfManyBeforeAndAfterARestart) {
  constexpr std::uint64_t kEvents = 20'000;
  const auto named = [](std::uint64_t first, std::uint64_t n) {
    std::vector<OwnedEvent> events(n, {.type = "A"});
    for (auto& event : events) event.id = "id-" + std::to_string(first++);
    return events;
  };
  open_keeping("{}");
  for (std::uint64_t first = 1; first <= kEvents; first += 1'000) log_->append(named(first, 1'000));
  for (int round = 0; round < 2; ++round) {
    for (const std::uint64_t first : {1ul, 8'000ul, 16'001ul, 19'500ul}) {
      const Appended again = log_->append(named(first, 200));
      ASSERT_EQ(again.receipts.size(), 200u);
      for (const Receipt& receipt : again.receipts)
        EXPECT_TRUE(receipt.duplicate && receipt.position == at(first + receipt.i));
    }
    EXPECT_EQ(log_->range().newest, at(kEvents));
    open_keeping("{}");
  }
}

}  // namespace statecast::test

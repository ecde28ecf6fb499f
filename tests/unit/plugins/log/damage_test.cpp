// A log's file of which bytes have changed: what is damaged is named, and everything else is given.
#include <fstream>

#include "plugins/sources/log/checksum.hpp"
#include "plugins/sources/log/verification.hpp"
#include "tests/unit/plugins/log/log_kit.hpp"

namespace statecast::test {

using testkit::Damage;

namespace {

const std::string kChanged = "its bytes are not those that were stored";
const std::string kUnreadable = "their page cannot be read (database disk image is malformed)";

}  // namespace

class DamageTest : public LogTest {
 protected:
  // Overwrites the page of the events' table that is so many of its leaves from the left; the log is not open.
  void destroy_leaf(int n) const {
    log::Database db(path_, log::Database::Mode::kReadOnly);
    const auto page = db.integer("SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' ORDER BY path "
                                 "LIMIT 1 OFFSET " + std::to_string(n));
    ASSERT_GT(page, 1);
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((page - 1) * 4096) << std::string(4096, '\xff');
  }

  struct All {
    std::vector<std::uint64_t> events;
    std::vector<Damage> damaged;
  };
  // Everything that a reader yields before nothing more comes.
  static All read_all(SourceKit& log, std::size_t at_once = 100) {
    All all;
    auto reader = log.open_reader();
    for (;;) {
      const Polled polled = reader.poll(at_once, 0ms);
      if (!polled.outcome.ok()) {
        EXPECT_EQ(polled.outcome.status, SC_TIMEOUT) << polled.outcome.text;
        return all;
      }
      for (const OwnedEvent& event : polled.events) all.events.push_back(event.position.hi);
      all.damaged.insert(all.damaged.end(), polled.damaged.begin(), polled.damaged.end());
    }
  }

  struct Verdict {
    std::vector<std::string> problems;
    std::uint64_t unchecked = 0;
  };
  Verdict verify() const {
    Verdict verdict;
    log::Inspection inspection(path_);
    log::Verification verification(
        inspection, [](const Event&) { return std::nullopt; },
        [&](const std::string& problem) { verdict.problems.push_back(problem); });
    while (verification.step()) continue;
    verdict.unchecked = verification.unchecked();
    return verdict;
  }

  static std::vector<OwnedEvent> named(std::initializer_list<const char*> ids) {
    std::vector<OwnedEvent> events;
    for (const char* id : ids) events.push_back({.type = "A", .subject = "s", .data = R"({"n":10000001})", .id = id});
    return events;
  }
};

class DamagedColumnTest : public DamageTest, public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(EachColumn, DamagedColumnTest,
                         ::testing::Values("data = replace(data, '1', '9')", "id = 'y'", "source = '/other'",
                                           "type = 'B'", "subject = 't'", "subject = '', type = 'As'",
                                           "extensions = '{ }'", "time_us = time_us + 1", "checksum = checksum + 1",
                                           "data = CAST(7 AS INTEGER)", "data = x'00'"));

TEST_P(DamagedColumnTest, KeepsAnEventFromReadersThatIsNotWhatWasStored) {
  open()->append(named({"a", "b", "c"}));
  sql(std::string("UPDATE events SET ") + GetParam() + " WHERE seq = 2");
  const auto log = open();
  for (const std::size_t at_once : {1u, 2u, 100u}) {
    const All all = read_all(*log, at_once);
    EXPECT_EQ(all.events, (std::vector<std::uint64_t>{1, 3}));
    EXPECT_EQ(all.damaged, (std::vector<Damage>{{at(2), at(2), 1, kChanged}}));
  }
  EXPECT_EQ(verify().problems, std::vector<std::string>{"event 2: " + kChanged});
}

TEST_F(DamageTest, KnowsThatTwoEventsHaveChangedPlaces) {
  open()->append(named({"a", "b", "c"}));
  sql("UPDATE events SET seq = -1 WHERE seq = 1; UPDATE events SET seq = 1 WHERE seq = 2;"
      "UPDATE events SET seq = 2 WHERE seq = -1");
  EXPECT_EQ(read_all(*open()).events, std::vector<std::uint64_t>{3});
}

TEST_F(DamageTest, ReadsOnAfterAPageThatIsDestroyed) {
  open()->append(orders(2'000));
  destroy_leaf(5);
  const auto log = open();
  const All all = read_all(*log);
  ASSERT_EQ(all.damaged.size(), 1u);
  const Damage& damage = all.damaged[0];
  EXPECT_GT(damage.events, 5u);
  EXPECT_EQ(damage.events, damage.last.hi - damage.first.hi + 1);
  EXPECT_EQ(damage.why, kUnreadable);
  auto expected = numbers(1, damage.first.hi - 1);
  const auto rest = numbers(damage.last.hi + 1, 2'000);
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(all.events, expected);
  EXPECT_EQ(log->append(named({"new"})).receipts[0].position, at(2'001)) << "it takes events as before";
  EXPECT_EQ(verify().problems, std::vector<std::string>{"events " + std::to_string(damage.first.hi) + " to " +
                                                        std::to_string(damage.last.hi) + ": " + kUnreadable});
}

TEST_F(DamageTest, BeginsWithTheOldestEventThatCanBeRead) {
  open()->append(orders(2'000));
  destroy_leaf(0);
  const auto log = open();
  ASSERT_EQ(log->creation(), Outcome{});
  const std::uint64_t oldest = log->range().oldest.hi;
  EXPECT_GT(oldest, 5u);
  EXPECT_EQ(read_all(*log).events, numbers(oldest, 2'000));
  ASSERT_EQ(log->host().log().size(), 1u);
  EXPECT_EQ(log->host().log()[0].text,
            path_ + ": the events before number " + std::to_string(oldest) +
                " cannot be read (database disk image is malformed): restore it from a backup if they are needed");
}

TEST_F(DamageTest, TellsEventsThatTheFileHasLost) {
  open()->append(orders(5'000));
  sql("DELETE FROM events WHERE seq BETWEEN 1000 AND 3499");
  const All all = read_all(*open());
  EXPECT_EQ(all.events.size(), 2'500u);
  std::uint64_t lost = 0;
  for (const Damage& damage : all.damaged) lost += damage.events;
  EXPECT_EQ(lost, 2'500u);
  EXPECT_EQ(all.damaged.front().first, at(1'000));
  EXPECT_EQ(all.damaged.back().last, at(3'499));
}

TEST_F(DamageTest, TakesADamagedEventForNewWhenItIsPublishedAgain) {
  open()->append(named({"a", "b"}));
  sql("UPDATE events SET data = '9' WHERE seq = 1");
  const auto log = open();
  const std::vector<Receipt> expected = {{0, SC_OK, at(3), false, ""}, {1, SC_OK, at(2), true, ""}};
  EXPECT_EQ(log->append(named({"a", "b"})).receipts, expected);
  EXPECT_TRUE(log->append(named({"a"})).receipts[0].duplicate) << "which is whole";
  EXPECT_EQ(read_all(*log).events, (std::vector<std::uint64_t>{2, 3}));
}

TEST_F(DamageTest, TakesEventsOfAnOlderSchemaUncheckedAndSaysHowManyTheyAre) {
  open()->append(named({"a", "b"}));
  sql("DROP TABLE clock; ALTER TABLE events DROP COLUMN checksum; PRAGMA user_version = 2");
  open()->append(named({"c"}));
  EXPECT_EQ(read_all(*open()).events, numbers(1, 3));
  EXPECT_EQ(verify().unchecked, 2u);
  EXPECT_EQ(verify().problems, std::vector<std::string>{});
  sql("UPDATE events SET data = '9' WHERE seq = 3");
  EXPECT_EQ(verify().problems, std::vector<std::string>{"event 3: " + kChanged});
}

// It is in every file.
TEST(Checksum, NeverChanges) {
  const Event event{.time_us = 1'700'000'000'000'001, .id = "id", .source = "/s", .type = "T", .subject = "s",
                    .data = R"({"n":1})", .extensions = "{}"};
  EXPECT_EQ(log::checksum_of(7, event), 15169103354918249584u);
}

}  // namespace statecast::test

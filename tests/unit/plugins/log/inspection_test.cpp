#include "plugins/sources/log/inspection.hpp"

#include <fstream>

#include "plugins/sources/log/verification.hpp"
#include "tests/unit/plugins/log/log_kit.hpp"

namespace statecast::test {

using log::Inspection;
using log::Verification;

class InspectionTest : public LogTest {
 protected:
  // What is wrong with the log, as its operator is told.
  std::vector<std::string> problems() const {
    std::vector<std::string> told;
    Inspection inspection(path_);
    const auto fault = [](const Event& event) {
      return event.type == "Bad" ? std::optional<std::string>("its type is bad") : std::nullopt;
    };
    Verification verification(inspection, fault, [&](const std::string& problem) { told.push_back(problem); });
    verification.check_structure([] { return true; });
    while (verification.step()) continue;
    return told;
  }

  static std::string refusal(const std::string& path) {
    try {
      const Inspection inspection(path);
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "";
  }
};

TEST_F(InspectionTest, TellsWhatALogHoldsWhileItIsWritten) {
  const auto log = open();
  log->append({{.type = "A", .time_us = 5}, {.type = "B"}, {.type = "A", .time_us = 7}});
  Inspection inspection(path_);
  const Inspection::Facts facts = inspection.facts();
  EXPECT_EQ(facts.epoch, log->epoch().id);
  EXPECT_EQ(facts.schema, 3);
  EXPECT_EQ(facts.oldest, 1u);
  EXPECT_EQ(facts.newest, 3u);
  EXPECT_EQ(facts.oldest_us, 5);
  EXPECT_EQ(facts.newest_us, 7);
  EXPECT_GT(facts.used_bytes, 0u);
  EXPECT_GT(facts.journal_bytes, 0u);
  EXPECT_EQ(inspection.types(1, 3), (std::map<std::string, std::uint64_t>{{"A", 2}, {"B", 1}}));
  log->append(orders(1));
  EXPECT_EQ(inspection.facts().newest, 4u);
}

TEST_F(InspectionTest, TellsOfALogWithoutEvents) {
  open();
  const Inspection::Facts facts = Inspection(path_).facts();
  EXPECT_EQ(facts.oldest, 0u);
  EXPECT_EQ(facts.newest, 0u);
  EXPECT_TRUE(problems().empty());
}

TEST_F(InspectionTest, YieldsEventsPieceByPiece) {
  open()->append(orders(2'500));
  Inspection inspection(path_);
  struct Seeing : log::Visitor {
    std::vector<std::uint64_t> numbers;
    void event(const Event& event, bool) override { numbers.push_back(event.position.hi); }
    void damaged(std::uint64_t, std::uint64_t, std::string_view why) override { ADD_FAILURE() << why; }
    void missing(std::uint64_t first, std::uint64_t) override { ADD_FAILURE() << first; }
  } visitor;
  std::vector<std::uint64_t> pieces;
  for (std::uint64_t next = 11; next <= 2'400;) {
    next = inspection.read(next, 2'400, visitor);
    pieces.push_back(next);
  }
  EXPECT_EQ(visitor.numbers, numbers(11, 2'400));
  EXPECT_EQ(pieces, (std::vector<std::uint64_t>{1'011, 2'011, 2'401}));
}

TEST_F(InspectionTest, LooksAtALogThatNothingCanBeWrittenBeside) {
  open()->append(orders(2));
  std::filesystem::create_directory(folder_.file("at rest"));
  const std::string copy = folder_.file("at rest/a?b#c%41.db");
  std::filesystem::copy_file(path_, copy);
  EXPECT_EQ(Inspection(copy).facts().newest, 2u);
}

TEST_F(InspectionTest, SaysWhatIsNoLog) {
  EXPECT_EQ(refusal(folder_.file("nothing")),
            folder_.file("nothing") +
                ": there is no such file: name the log's file, or the configuration that names it");
  sql("");
  EXPECT_EQ(refusal(path_), path_ + ": is empty: it becomes a log when statecast runs with it");
  sql("CREATE TABLE groceries (name)");
  EXPECT_EQ(refusal(path_), path_ + ": is the SQLite database of another application: change `path`");
}

TEST_F(InspectionTest, SaysThatALogIsOfAnOlderSchema) {
  open();
  sql("PRAGMA user_version = 1");
  EXPECT_EQ(refusal(path_), path_ +
                                ": was written by an older statecast (schema 1): run this one with it, which brings it "
                                "up to date");
}

TEST_F(InspectionTest, FindsNothingWrongWithALogThatIsRight) {
  const auto log = open();
  for (int i = 0; i < 20; ++i) log->append(orders(1'000));
  EXPECT_EQ(problems(), std::vector<std::string>{});
}

TEST_F(InspectionTest, FindsEachThingThatIsWrong) {
  open()->append(orders(1'500));
  sql("DELETE FROM events WHERE seq BETWEEN 1100 AND 1102;"
      "UPDATE events SET name_hash = 1 WHERE seq = 5;"
      "UPDATE events SET type = 'Bad' WHERE seq = 7;"
      "UPDATE events SET id = (SELECT id FROM events WHERE seq = 9), name_hash = (SELECT name_hash FROM events WHERE "
      "seq = 9) WHERE seq = 1400;"
      "UPDATE meta SET value = '20' WHERE name = 'named';"
      "INSERT INTO names SELECT name_hash, seq FROM events WHERE seq <= 20 AND seq != 12;"
      "UPDATE events SET checksum = NULL WHERE seq IN (7, 1400);"
      "UPDATE events SET data = 'null' WHERE seq = 1401");
  const std::vector<std::string> expected = {"event 5: its name_hash is not that of its source and id",
                                             "event 7: its type is bad",
                                             "event 12: `names` lacks it: it would not be known as a duplicate",
                                             "events 1100 to 1102 are missing",
                                             "event 1400: has the source and id of event 9",
                                             "event 1401: its bytes are not those that were stored"};
  EXPECT_EQ(problems(), expected);
}

TEST_F(InspectionTest, PassesOverAHoleOfAnySizeAtOnce) {
  open()->append(orders(10));
  sql("UPDATE events SET checksum = NULL, seq = 4611686018427387904 WHERE seq = 10; UPDATE meta SET value = '4611686018427387904' WHERE name = 'named';"
      "INSERT INTO names SELECT name_hash, seq FROM events");
  EXPECT_EQ(problems(), std::vector<std::string>{"events 10 to 4611686018427387903 are missing"});
}

TEST_F(InspectionTest, FindsDamageInTheFile) {
  open()->append(orders(5'000));
  const auto size = std::filesystem::file_size(path_);
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size / 2));
  file << std::string(2'000, '\xff');
  file.close();
  std::vector<std::string> told;
  try {
    told = problems();
  } catch (const Failure& failure) {
    told.emplace_back(failure.what());
  }
  ASSERT_FALSE(told.empty());
}

TEST_F(InspectionTest, TakesWhatRetentionTookAwayMeanwhileForNoHole) {
  const auto log = open();
  log->append(orders(3'000));
  Inspection inspection(path_);
  std::vector<std::string> told;
  const auto tell = [&](const std::string& problem) { told.push_back(problem); };
  Verification verification(inspection, [](const Event&) { return std::nullopt; }, tell);
  EXPECT_TRUE(verification.step());
  sql("DELETE FROM events WHERE seq <= 2500");
  while (verification.step()) continue;
  EXPECT_EQ(told, std::vector<std::string>{});
  EXPECT_EQ(verification.events(), 1'500u);
}

}  // namespace statecast::test

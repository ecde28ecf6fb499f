#include <thread>

#include "tests/unit/plugins/file/recording.hpp"

namespace statecast::file {
namespace {

using namespace std::chrono_literals;
using testkit::LogLine;
using testkit::Outcome;
using testkit::OwnedEvent;

using FileSourceTest = RecordingTest;

TEST_F(FileSourceTest, ReplaysEachLineAsItWasRecorded) {
  record(R"({"specversion":"1.0","id":"a","source":"/shop","type":"OrderCreated","subject":"o-1",)"
         R"("time":"2023-12-20T14:35:00.250Z","traceparent":"00-1",)"
         R"("data":{"total": 7.50, "id": 12345678901234567890123}})"
         "\n"
         R"({"id":"b","source":"/shop","type":"Ping","specversion":"1.0","time":"2023-12-20T14:35:01Z"})");
  const auto kit = source();
  auto reader = kit->open_reader();
  Position first{}, second{};
  first.hi = 1, second.hi = 2;
  EXPECT_EQ(all(reader), (std::vector<OwnedEvent>{{.type = "OrderCreated",
                                                   .subject = "o-1",
                                                   .data = R"({"total": 7.50, "id": 12345678901234567890123})",
                                                   .id = "a",
                                                   .source = "/shop",
                                                   .time_us = kRecordedUs + 250'000,
                                                   .position = first,
                                                   .extensions = R"({"traceparent":"00-1"})"},
                                                  {.type = "Ping",
                                                   .data = "null",
                                                   .id = "b",
                                                   .source = "/shop",
                                                   .time_us = kRecordedUs + 1'000'000,
                                                   .position = second}}));
}

TEST_F(FileSourceTest, TakesAnEventWithoutTimeForOneOfNow) {
  record(R"({"specversion":"1.0","id":"a","source":"/shop","type":"Ping"})");
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(all(reader).at(0).time_us, kit->host().clock.now_us());
}

TEST_F(FileSourceTest, KeepsTheDistancesInTimeAtAPaceOfOne) {
  record(line("a") + "\n" + line("b", 60) + "\n" + line("c", 3600) + "\n");
  const auto kit = source(1);
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a");
  kit->host().clock.advance(50s);
  EXPECT_EQ(ids(all(reader)), "");
  kit->host().clock.advance(10s);
  EXPECT_EQ(ids(all(reader)), "b");
  kit->host().clock.advance(1h);
  EXPECT_EQ(ids(all(reader)), "c");
}

TEST_F(FileSourceTest, ShortensTheDistancesByItsPace) {
  record(line("a") + "\n" + line("b", 600) + "\n" + line("c", 1200) + "\n");
  const auto kit = source(10);
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a");
  kit->host().clock.advance(60s);
  EXPECT_EQ(ids(all(reader)), "b");
  kit->host().clock.advance(60s);
  EXPECT_EQ(ids(all(reader)), "c");
}

TEST_F(FileSourceTest, WaitsForWhatComesNext) {
  record(line("a") + "\n" + line("b", 1) + "\n");
  const auto kit = source(100);
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(reader.poll(1, 20s).events), "a");
  EXPECT_EQ(ids(reader.poll(1, 20s).events), "b");
}

TEST_F(FileSourceTest, PlaysWhatIsOutOfOrderInTheOrderOfTheFileAndWithoutWaiting) {
  record(line("a", 100) + "\n" + line("b", 0) + "\n" + line("c", 110) + "\n" + line("d", 50) + "\n");
  const auto kit = source(1);
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a b");
  kit->host().clock.advance(10s);
  EXPECT_EQ(ids(all(reader)), "c d");
}

TEST_F(FileSourceTest, SaysSoWhenTheNextEventIsFarAway) {
  record(line("a") + "\n" + line("b", 7200.5) + "\n");
  const auto kit = source(1);
  auto reader = kit->open_reader();
  all(reader);
  all(reader);
  EXPECT_EQ(kit->host().log(),
            (std::vector<LogLine>{
                {SC_LOG_INFO, path() + ":2: the next event was recorded later: it comes in 7200 s"}}));
}

TEST_F(FileSourceTest, TellsNothingMoreAfterTheEndAndCanBeInterruptedThere) {
  record(line("a") + "\n");
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a");
  EXPECT_EQ(reader.poll(1, 1ms).outcome, (Outcome{SC_TIMEOUT, ""}));
  std::jthread other([&] { reader.interrupt(); });
  EXPECT_EQ(reader.poll(1, 60s).outcome, (Outcome{SC_TIMEOUT, ""}));
}

TEST_F(FileSourceTest, IsInterruptedAlsoWhenMuchIsDue) {
  record(line("a") + "\n");
  const auto kit = source();
  auto reader = kit->open_reader();
  reader.interrupt();
  EXPECT_EQ(reader.poll(1, 20s).outcome, (Outcome{SC_TIMEOUT, ""}));
  EXPECT_EQ(ids(reader.poll(1, 20s).events), "a");
}

TEST_F(FileSourceTest, IsInterruptedWhileItWaitsForAnEvent) {
  record(line("a") + "\n" + line("b", 3600) + "\n");
  const auto kit = source(1);
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a");
  std::jthread other([&] { reader.interrupt(); });
  EXPECT_EQ(reader.poll(1, 60s).outcome, (Outcome{SC_TIMEOUT, ""}));
}

TEST_F(FileSourceTest, YieldsNoMoreThanIsAskedFor) {
  record(line("a") + "\n" + line("b") + "\n" + line("c") + "\n");
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(reader.poll(2, 0ms).events), "a b");
}

TEST_F(FileSourceTest, YieldsSomeMebibytesAPollAndNoMore) {
  std::string text;
  const std::string padding(1'000'000, 'x');
  for (int i = 0; i < 8; ++i)
    text += R"({"specversion":"1.0","source":"/s","type":"A","id":")" + std::to_string(i) + R"(","data":")" + padding +
            "\"}\n";
  record(text);
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(reader.poll(100, 0ms).events), "0 1 2 3 4");
  EXPECT_EQ(ids(all(reader)), "5 6 7");
}

TEST_F(FileSourceTest, BeginsAgainWithEachReader) {
  record(line("a") + "\n" + line("b") + "\n");
  const auto kit = source();
  auto first = kit->open_reader();
  EXPECT_EQ(ids(all(first)), "a b");
  auto second = kit->open_reader();
  EXPECT_EQ(ids(all(second)), "a b");
}

TEST_F(FileSourceTest, GoesOnAfterAPositionWithoutTheTimeBeforeIt) {
  record(line("a") + "\nnonsense\n" + line("b", 100) + "\n" + line("c", 200) + "\nnonsense\n" + line("d", 210) + "\n");
  const auto kit = source(1);
  Position second{};
  second.hi = 2;
  auto reader = kit->open_reader({second});
  EXPECT_EQ(ids(all(reader)), "c");
  kit->host().clock.advance(10s);
  const auto last = all(reader);
  EXPECT_EQ(ids(last), "d");
  EXPECT_EQ(last.at(0).position.hi, 4u);
  EXPECT_EQ(kit->host().metric("recording_bad_lines"), 1);
}

TEST_F(FileSourceTest, TellsOfItsProgressAtMostEveryTenSecondsAndAtTheEnd) {
  record(line("a") + "\n" + line("b", 9) + "\n" + line("c", 10) + "\n" + line("d", 11) + "\n");
  const auto kit = source(1);
  auto reader = kit->open_reader();
  for (const auto seconds : {0s, 9s, 1s, 1s}) {
    kit->host().clock.advance(seconds);
    all(reader);
  }
  const std::string size = std::to_string(std::filesystem::file_size(path()));
  EXPECT_EQ(kit->host().log(),
            (std::vector<LogLine>{
                {SC_LOG_INFO,
                 path() + ": 75 % of " + size + " bytes replayed, to line 3: 3 events, 0 bad lines left out"},
                {SC_LOG_INFO, path() + ": replayed to the end: 4 events, 0 bad lines left out"}}));
}

TEST_F(FileSourceTest, MeasuresItsProgress) {
  record(line("a") + "\n" + line("b") + "\n" + line("c") + "\n" + line("d") + "\n");
  const auto kit = source();
  auto reader = kit->open_reader();
  reader.poll(1, 0ms);
  EXPECT_EQ(kit->host().metric("recording_events"), 1);
  EXPECT_DOUBLE_EQ(kit->host().metric("recording_progress"), 0.25);
  all(reader);
  EXPECT_EQ(kit->host().metric("recording_events"), 4);
  EXPECT_DOUBLE_EQ(kit->host().metric("recording_progress"), 1);
  {
    auto again = kit->open_reader();
    again.poll(2, 0ms);
  }
  EXPECT_DOUBLE_EQ(kit->host().metric("recording_progress"), 1);
}

TEST_F(FileSourceTest, IsAtItsEndAtOnceWhenTheFileIsEmpty) {
  record("");
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "");
  EXPECT_EQ(last_logged(*kit), path() + ": replayed to the end: 0 events, 0 bad lines left out");
}

TEST_F(FileSourceTest, IsRefusedWhenItsFileIsMissing) {
  const testkit::SourceKit kit(testkit::source_table<FileSource>(), R"({"path":"/nowhere/recording.ndjson","pace":1})");
  EXPECT_EQ(kit.creation(),
            (Outcome{SC_REJECTED, "path: /nowhere/recording.ndjson cannot be opened: No such file or directory"}));
}

TEST_F(FileSourceTest, IsRefusedWhenItsPathIsAFolder) {
  const testkit::SourceKit kit(testkit::source_table<FileSource>(), R"({"path":"/tmp","pace":1})");
  EXPECT_EQ(kit.creation(), (Outcome{SC_REJECTED, "path: /tmp is no regular file"}));
}

TEST_F(FileSourceTest, AsksToComeBackWhenItsFileHasGoneBeforeItIsRead) {
  record(line("a"));
  const auto kit = source();
  std::filesystem::remove(path());
  EXPECT_EQ(kit->open_reader().opened(), (Outcome{SC_RETRY, path() + " cannot be opened: No such file or directory"}));
}

}  // namespace
}  // namespace statecast::file

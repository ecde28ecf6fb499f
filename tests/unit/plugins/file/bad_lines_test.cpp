#include "tests/unit/plugins/file/recording.hpp"

namespace statecast::file {
namespace {

using namespace std::chrono_literals;
using testkit::LogLine;

using BadLines = RecordingTest;

TEST_F(BadLines, AreLeftOutToldOfAndCounted) {
  record(line("a") + "\nnonsense\n" + line("b") + "\n");
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a b");
  EXPECT_EQ(kit->host().log(),
            (std::vector<LogLine>{
                {SC_LOG_ERROR, path() + ":2: left out: it is no JSON, from byte 2: 'nonsense'"},
                {SC_LOG_WARNING, path() + ": replayed to the end: 2 events, 1 bad lines left out"}}));
  EXPECT_EQ(kit->host().metric("recording_bad_lines"), 1);
}

TEST_F(BadLines, MayBeTheFirstAndTheLast) {
  record("{\n" + line("a") + "\n" + line("b").substr(0, 40));
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a");
  EXPECT_EQ(kit->host().metric("recording_bad_lines"), 2);
}

TEST_F(BadLines, AreToldOfUpToABoundAndThenOnlyCounted) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "nonsense\n";
  record(text + line("a"));
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a");
  const auto log = kit->host().log();
  ASSERT_EQ(log.size(), 22u);
  EXPECT_EQ(log[19].text, path() + ":20: left out: it is no JSON, from byte 2: 'nonsense'");
  EXPECT_EQ(log[20].text, path() + ": further bad lines are counted, and told of at the end");
  EXPECT_EQ(log[21].text, path() + ": replayed to the end: 1 events, 50 bad lines left out");
}

TEST_F(BadLines, HoldNobodyUpHoweverManyThereAre) {
  std::string text;
  for (int i = 0; i < 25'000; ++i) text += "\n";
  record(text + line("a"));
  const auto kit = source();
  auto reader = kit->open_reader();
  int polls = 1;
  while (!reader.poll(1, 0ms).outcome.ok()) ASSERT_LE(++polls, 3);
  EXPECT_EQ(polls, 3);
}

TEST_F(BadLines, AreThoseThatAreTooLongToo) {
  record(line("a") + "\n" + std::string(1024 * 1024 + 1, 'x') + "\n" + line("b") + "\n");
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a b");
  EXPECT_EQ(kit->host().log().front(), (LogLine{SC_LOG_ERROR, path() + ":2: left out: it is longer than 1 MiB"}));
}

TEST_F(BadLines, AreNotThoseThatAreEmpty) {
  record("\n" + line("a") + "\r\n  \n\n" + line("b") + "\n\n");
  const auto kit = source();
  auto reader = kit->open_reader();
  EXPECT_EQ(ids(all(reader)), "a b");
  EXPECT_EQ(kit->host().metric("recording_bad_lines"), 0);
}

}  // namespace
}  // namespace statecast::file

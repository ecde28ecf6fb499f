#include "plugins/sources/log/log_source.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/plugins/log/log_kit.hpp"

namespace statecast::test {

namespace {

struct LogSetup {
  using Plugin = log::LogSource;
  std::string settings() const { return settings_of(folder.file("events.db")); }
  Folder folder;
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Log, SourceBehaviour, LogSetup);

using LogSourceTest = LogTest;

TEST_F(LogSourceTest, HasItsEventsAndItsEpochAfterItIsOpenedAgain) {
  auto log = open();
  const std::string epoch = log->epoch().id;
  log->append({{.type = "OrderCreated", .subject = "o-1", .data = R"({"total":12})", .id = "a"}, {.type = "B"}});
  log.reset();

  log = open();
  EXPECT_EQ(log->epoch().id, epoch);
  EXPECT_EQ(log->range().oldest, at(1));
  EXPECT_EQ(log->range().newest, at(2));
  auto reader = log->open_reader();
  const Polled polled = reader.poll(10, 20s);
  ASSERT_EQ(polled.events.size(), 2u);
  EXPECT_EQ(polled.events[0].data, R"({"total":12})");
  EXPECT_EQ(log->append({{.type = "C", .id = "c"}}).receipts[0].position, at(3));
}

TEST_F(LogSourceTest, RecognisesADuplicateAfterItIsOpenedAgain) {
  open()->append({{.type = "A", .id = "x"}, {.type = "A", .id = "y"}});
  const std::vector<Receipt> expected = {{0, SC_OK, at(2), true, ""}, {1, SC_OK, at(3), false, ""}};
  EXPECT_EQ(open()->append({{.type = "A", .id = "y"}, {.type = "A", .id = "z"}}).receipts, expected);
}

TEST_F(LogSourceTest, TellsNamesOfOneHashApart) {
  open()->append({{.type = "A", .id = "x"}});
  // As if "x" had the hash of "y".
  open()->append({{.type = "A", .id = "y"}});
  sql("UPDATE events SET name_hash = (SELECT name_hash FROM events WHERE id = 'y'); DELETE FROM events WHERE id = 'y'");
  const std::vector<Receipt> expected = {{0, SC_OK, at(2), false, ""}, {1, SC_OK, at(2), true, ""}};
  EXPECT_EQ(open()->append({{.type = "A", .id = "y"}, {.type = "A", .id = "y"}}).receipts, expected);
}

TEST_F(LogSourceTest, SaysWhenHistoryAfterAPositionWasTrimmed) {
  open()->append(orders(5));
  sql("DELETE FROM events WHERE seq <= 3");
  const auto log = open();
  EXPECT_EQ(log->range().oldest, at(4));
  EXPECT_EQ(log->open_reader({at(2)}).opened(), (Outcome{SC_GONE, "event 3 is no longer held: the oldest is 4"}));
  auto after_the_gap = log->open_reader({at(3)});
  EXPECT_EQ(read(after_the_gap, 2), numbers(4, 5));
  auto from_the_start = log->open_reader();
  EXPECT_EQ(read(from_the_start, 2), numbers(4, 5));
}

TEST_F(LogSourceTest, NeverSkipsInSilenceWhatWasTakenAwayUnderAReader) {
  const auto log = open();
  log->append(orders(5));
  auto reader = log->open_reader();
  EXPECT_EQ(read(reader, 1), numbers(1, 1));
  sql("DELETE FROM events WHERE seq = 3");
  EXPECT_EQ(read(reader, 1), numbers(2, 2));
  const Polled polled = reader.poll(10, 20s);
  EXPECT_EQ(polled.outcome, Outcome{});
  EXPECT_EQ(polled.damaged, (std::vector<testkit::Damage>{{at(3), at(3), 1, "the log's file has lost it"}}));
  ASSERT_EQ(polled.events.size(), 1u);
  EXPECT_EQ(polled.events[0].position, at(4));
  EXPECT_EQ(read(reader, 1), numbers(5, 5));
}

TEST_F(LogSourceTest, KeepsItsJournalSmallWhileReadersFollow) {
  const auto log = open();
  const std::string data = '"' + std::string(100'000, 'x') + '"';
  constexpr std::uint64_t kEvents = 800;  // 80 MB
  auto followed = std::async(std::launch::async, [&] {
    auto reader = log->open_reader();
    return read(reader, kEvents, 10);
  });
  for (std::uint64_t i = 0; i < kEvents; i += 8) log->append(std::vector<OwnedEvent>(8, {.type = "A", .data = data}));
  EXPECT_EQ(followed.get(), numbers(1, kEvents));
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 64u << 20);
}

// Appends until it is killed. After each append it writes to the pipe the number of the newest event that was
// receipted.
[[noreturn]] static void append_for_ever(const std::string& path, int pipe) {
  SourceKit log(testkit::source_table<log::LogSource>(), settings_of(path));
  for (;;) {
    const std::uint64_t newest = log.append(orders(3)).receipts.back().position.hi;
    if (::write(pipe, &newest, sizeof newest) != sizeof newest) ::_exit(1);
  }
}

TEST_F(LogSourceTest, HasEachReceiptedEventOnceAfterItWasKilledInMidAppend) {
  for (int round = 0; round < 3; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const ::pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) append_for_ever(folder_.file(std::to_string(round)), pipe[1]);
    ::close(pipe[1]);

    std::uint64_t receipted = 0;
    for (int i = 0; i < 30 + round; ++i)
      ASSERT_EQ(::read(pipe[0], &receipted, sizeof receipted), static_cast<ssize_t>(sizeof receipted));
    ::kill(child, SIGKILL);
    while (::read(pipe[0], &receipted, sizeof receipted) > 0) continue;
    ::close(pipe[0]);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);

    const auto log = open(folder_.file(std::to_string(round)));
    const std::uint64_t newest = log->range().newest.hi;
    EXPECT_GE(newest, receipted);
    EXPECT_LE(newest, receipted + 3);  // the append that was cut off is there as a whole or not at all
    EXPECT_EQ(newest % 3, 0u);
    auto reader = log->open_reader();
    std::uint64_t seen = 0;
    while (seen < newest)
      for (const OwnedEvent& event : reader.poll(100, 20s).events)
        ASSERT_EQ(event.id, "e-" + std::to_string(++seen));  // the child's ids count its events
  }
}

}  // namespace statecast::test

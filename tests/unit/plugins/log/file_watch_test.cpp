// A log whose files are deleted, replaced, moved or cut off while it is open.
#include "plugins/sources/log/file_watch.hpp"

#include <algorithm>

#include "tests/unit/plugins/log/log_kit.hpp"

namespace statecast::test {

namespace fs = std::filesystem;

class FileWatchTest : public LogTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void expect_refused(SourceKit& log, const std::string& why) const {
    const Outcome refused{SC_RETRY, why};
    EXPECT_EQ(log.append(orders(1)).outcome, refused);
    EXPECT_EQ(log.probe(), refused);
    EXPECT_EQ(log.ack({at(1)}), refused) << "the host hears of it though nobody publishes";
    EXPECT_EQ(log.range().newest, at(2)) << "nothing was stored";
  }

  const std::string file_ = path_ + GetParam();
  const std::string away_ = folder_.file("away");
};

INSTANTIATE_TEST_SUITE_P(OfEachFile, FileWatchTest, ::testing::Values("", "-wal", ".lock"));

TEST_P(FileWatchTest, StoresNothingWhileAFileIsMovedAwayAndGoesOnWhenItIsBack) {
  const auto log = open();
  log->append(orders(2));
  fs::rename(file_, away_);
  expect_refused(*log, file_ + " is not where it was opened (No such file or directory): put it back, and publishing "
                               "goes on; if it is lost, restart statecast");
  EXPECT_EQ(log->open_reader().opened().status, SC_RETRY);
  fs::rename(away_, file_);
  EXPECT_EQ(log->probe(), Outcome{});
  EXPECT_EQ(log->append(orders(1)).receipts[0].position, at(3));
  auto reader = log->open_reader();
  EXPECT_EQ(read(reader, 3), numbers(1, 3));
}

TEST_P(FileWatchTest, StoresNothingOnceAFileIsReplaced) {
  const auto log = open();
  log->append(orders(2));
  fs::copy_file(file_, away_);
  fs::rename(away_, file_);
  expect_refused(*log, file_ + " is another file than the one that was opened: nothing is stored until statecast is "
                               "restarted, which then goes on with this one");
  EXPECT_EQ(log->open_reader().opened().status, SC_RETRY);
}

using FileCutTest = LogTest;

TEST_F(FileCutTest, StoresNothingOnceAFileIsCutOff) {
  const auto log = open();
  log->append(orders(2));
  const auto size = fs::file_size(path_ + "-wal");
  fs::resize_file(path_ + "-wal", 100);
  EXPECT_EQ(log->append(orders(1)).outcome,
            (Outcome{SC_RETRY, path_ + "-wal was cut off, from " + std::to_string(size) +
                                   " to 100 bytes: nothing is stored until statecast is restarted; `statecast log "
                                   "verify` says what is lost"}));
  EXPECT_EQ(log->ack({at(1)}).status, SC_RETRY);
}

// SQLite itself makes its journal smaller, after it has become large.
TEST_F(FileCutTest, TakesAJournalThatBecomesSmallerForWhole) {
  const auto log = open();
  const std::vector<OwnedEvent> large(100, {.type = "A", .data = '"' + std::string(1'000'000, 'x') + '"'});
  std::vector<std::uintmax_t> sizes;
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(log->append(i < 3 ? large : orders(1)).outcome, Outcome{});
    sizes.push_back(fs::file_size(path_ + "-wal"));
  }
  EXPECT_FALSE(std::ranges::is_sorted(sizes)) << "it has become smaller";
  EXPECT_EQ(log->ack({at(1)}), Outcome{});
}

TEST_F(FileCutTest, KeepsInTheFileWhatADeletedJournalHad) {
  const auto log = open();
  log->append(orders(2));
  fs::remove(path_ + "-wal");
  EXPECT_EQ(log->ack({at(1)}).status, SC_RETRY);
  // As after a crash: what the process had open is gone.
  const std::string left = folder_.file("left.db");
  fs::copy_file(path_, left);
  const auto again = open(left);
  EXPECT_EQ(again->range().newest, at(2));
}

}  // namespace statecast::test

// What the log does when the disk fails under it. The faults are made in SQLite's layer for files, so that they come
// when they should and need no rights.
#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <limits>
#include <map>

#include "tests/unit/plugins/log/log_kit.hpp"

namespace statecast::test {

namespace {

// The code that every write, read or sync of a file comes to; SQLITE_OK = it is carried out.
std::atomic<int> on_write = SQLITE_OK, on_read = SQLITE_OK, on_sync = SQLITE_OK;
std::atomic<bool> shares_memory = true;
std::function<void()> before_sync;  // once
// No file can grow beyond it.
std::atomic<sqlite3_int64> disk_end = std::numeric_limits<sqlite3_int64>::max();

// SQLite's own methods of a file, with some of them replaced.
struct Methods {
  sqlite3_io_methods replaced;
  const sqlite3_io_methods* original;

  static const sqlite3_io_methods& of(sqlite3_file* file) {
    return *reinterpret_cast<const Methods*>(file->pMethods)->original;
  }
};

int fault(int code) {
  errno = EIO;
  return code;
}

int write(sqlite3_file* file, const void* bytes, int n, sqlite3_int64 offset) {
  if (offset + n > disk_end) return SQLITE_FULL;
  return on_write != SQLITE_OK ? fault(on_write) : Methods::of(file).xWrite(file, bytes, n, offset);
}

int read(sqlite3_file* file, void* bytes, int n, sqlite3_int64 offset) {
  return on_read != SQLITE_OK ? fault(on_read) : Methods::of(file).xRead(file, bytes, n, offset);
}

int sync(sqlite3_file* file, int flags) {
  if (const auto act = std::exchange(before_sync, nullptr)) act();
  return on_sync != SQLITE_OK ? fault(on_sync) : Methods::of(file).xSync(file, flags);
}

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  static std::map<const sqlite3_io_methods*, Methods> replacements;
  sqlite3_vfs* unix = sqlite3_vfs_find("unix");
  const int result = unix->xOpen(unix, name, file, flags, out_flags);
  if (result != SQLITE_OK) return result;
  const auto [entry, is_new] = replacements.try_emplace(file->pMethods, Methods{*file->pMethods, file->pMethods});
  if (is_new) {
    entry->second.replaced.xWrite = write;
    entry->second.replaced.xRead = read;
    entry->second.replaced.xSync = sync;
  }
  entry->second.replaced.iVersion = shares_memory ? entry->second.original->iVersion : 1;
  file->pMethods = &entry->second.replaced;
  return SQLITE_OK;
}

class LogFaultsTest : public LogTest {
 protected:
  LogFaultsTest() : faulty_(*sqlite3_vfs_find("unix")) {
    faulty_.zName = "faulty";
    faulty_.xOpen = open_file;
    sqlite3_vfs_register(&faulty_, 1);
  }
  ~LogFaultsTest() override {
    on_write = on_read = on_sync = SQLITE_OK;
    shares_memory = true;
    disk_end = std::numeric_limits<sqlite3_int64>::max();
    sqlite3_vfs_unregister(&faulty_);
  }

  sqlite3_vfs faulty_;
};

}  // namespace

TEST_F(LogFaultsTest, StoresNothingOnAFullDiskAndGoesOnWhenThereIsSpace) {
  const auto log = open();
  log->append(orders(2));
  on_write = SQLITE_FULL;
  const Appended refused = log->append(orders(3));
  EXPECT_EQ(refused.outcome,
            (Outcome{SC_RETRY, "disk full: " + path_ + " cannot grow: free some space there, and publishing goes on"}));
  EXPECT_TRUE(refused.receipts.empty());
  EXPECT_EQ(log->range().newest, at(2));

  on_write = SQLITE_OK;
  EXPECT_EQ(log->append(orders(1)).receipts[0].position, at(3));
  auto reader = log->open_reader();
  EXPECT_EQ(test::read(reader, 3), numbers(1, 3));
}

TEST_F(LogFaultsTest, SaysThatItCouldStoreOnceThereIsRoomForAsMuchAsWasRefused) {
  const auto log = open();
  log->append(orders(1));
  const Outcome full{SC_RETRY, "disk full: " + path_ + " cannot grow: free some space there, and publishing goes on"};
  const std::vector<OwnedEvent> large = {{.type = "A", .data = '"' + std::string(200'000, 'x') + '"'}};
  disk_end = static_cast<sqlite3_int64>(std::filesystem::file_size(path_ + "-wal")) + 50'000;
  EXPECT_EQ(log->append(large).outcome, full);
  EXPECT_EQ(log->probe(), full);
  EXPECT_EQ(log->append(orders(1)).outcome, Outcome{}) << "there is room for a small one";

  disk_end = std::numeric_limits<sqlite3_int64>::max();
  EXPECT_EQ(log->probe(), Outcome{});
  EXPECT_EQ(log->append(large).receipts[0].position, at(3));
}

TEST_F(LogFaultsTest, StoresNothingThatTheDiskDidNotTake) {
  const auto log = open();
  on_sync = SQLITE_IOERR_FSYNC;
  EXPECT_EQ(log->append({{.type = "A", .id = "x"}}).outcome,
            (Outcome{SC_RETRY, path_ + ": cannot be written (disk I/O error (Input/output error))"}));
  auto reader = log->open_reader();
  EXPECT_EQ(reader.poll(1, 1ms).outcome, (Outcome{SC_TIMEOUT, ""}));

  on_sync = SQLITE_OK;
  const std::vector<Receipt> expected = {{0, SC_OK, at(1), false, ""}};
  EXPECT_EQ(log->append({{.type = "A", .id = "x"}}).receipts, expected);
  EXPECT_EQ(test::read(reader, 1), numbers(1, 1));
}

TEST_F(LogFaultsTest, SaysThatTheDiskCannotBeReadAndGoesOnWhenItCan) {
  const auto log = open();
  log->append(orders(1));
  auto reader = log->open_reader();
  on_read = SQLITE_IOERR_READ;
  EXPECT_EQ(reader.poll(1, 20s).outcome,
            (Outcome{SC_RETRY, path_ + ": cannot be read (disk I/O error (Input/output error))"}));
  on_read = SQLITE_OK;
  EXPECT_EQ(test::read(reader, 1), numbers(1, 1));
}

TEST_F(LogFaultsTest, SaysThatALogCannotBeOpened) {
  on_read = SQLITE_IOERR_READ;
  EXPECT_EQ(refusal(), path_ +
                           ": cannot be opened (disk I/O error (Input/output error)): see that its disk works and has "
                           "space, and that the user that runs statecast may write there");
}

TEST_F(LogFaultsTest, SaysThatAFileSystemHasNoSharedMemory) {
  shares_memory = false;
  EXPECT_EQ(refusal(),
            path_ + ": its file system cannot share memory between connections: put the log on a local disk");
}

TEST_F(LogFaultsTest, SaysThatAnAppendFoundDamage) {
  const auto log = open();
  on_write = SQLITE_CORRUPT;
  EXPECT_EQ(log->append(orders(1)).outcome,
            (Outcome{SC_FAILED, path_ + ": is damaged (database disk image is malformed): restore it from a backup"}));
}

// A write elsewhere in the file would say nothing about the page that is damaged.
TEST_F(LogFaultsTest, IsDamagedUntilAnAppendWorks) {
  const auto log = open();
  on_write = SQLITE_CORRUPT;
  const Outcome damaged = log->append(orders(1)).outcome;
  EXPECT_EQ(damaged.status, SC_FAILED);
  on_write = SQLITE_OK;
  EXPECT_EQ(log->probe(), damaged);
  EXPECT_EQ(log->append(orders(1)).outcome, Outcome{});
  EXPECT_EQ(log->probe(), Outcome{});
}

TEST_F(LogFaultsTest, TakesEventsThoughItCannotTakeOldOnesAway) {
  SourceKit log(testkit::source_table<log::LogSource>(), R"({"path":")" + path_ + R"(","retention":{"age":1000}})");
  log.append(orders(5));
  log.ack({at(5)});
  log.host().clock.advance(1h);
  on_sync = SQLITE_IOERR_FSYNC;
  EXPECT_EQ(log.ack({at(5)}), Outcome{});
  EXPECT_EQ(log.range().oldest, at(1));
  const std::vector<testkit::LogLine> expected = {
      {SC_LOG_WARNING,
       path_ + ": old events cannot be taken away (disk I/O error (Input/output error)); trying again"}};
  EXPECT_EQ(log.host().log(), expected);
  on_sync = SQLITE_OK;
  EXPECT_EQ(log.append(orders(1)).receipts[0].position, at(6));
  log.ack({at(5)});
  EXPECT_EQ(log.range().oldest, at(6));
}

// Between the look before a commit and the one after it.
TEST_F(LogFaultsTest, StoresNothingInAFileThatIsMovedAwayMeanwhile) {
  const auto log = open();
  log->append(orders(2));
  auto reader = log->open_reader();
  before_sync = [&] { std::filesystem::rename(path_, folder_.file("away")); };
  const Appended refused = log->append({{.type = "A", .id = "x"}, {.type = "A", .id = "y"}});
  EXPECT_EQ(refused.outcome.status, SC_RETRY);
  EXPECT_TRUE(refused.receipts.empty());
  EXPECT_EQ(log->range().newest, at(2));

  std::filesystem::rename(folder_.file("away"), path_);
  EXPECT_EQ(test::read(reader, 2), numbers(1, 2)) << "nobody sees what was refused";
  EXPECT_EQ(reader.poll(1, 1ms).outcome, (Outcome{SC_TIMEOUT, ""}));
  const std::vector<Receipt> expected = {{0, SC_OK, at(3), false, ""}};
  EXPECT_EQ(log->append({{.type = "A", .id = "y"}}).receipts, expected);
  EXPECT_EQ(test::read(reader, 1), numbers(3, 3));
  EXPECT_EQ(log->append({{.type = "A", .id = "x"}}).receipts[0].position, at(4));
}

using LogLimitTest = LogTest;

// The same with the system's own refusal: no file may grow beyond its limit.
TEST_F(LogLimitTest, GoesOnAfterTheSystemRefusedToLetItsFilesGrow) {
  const auto log = open();
  log->append(orders(1));
  ::rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  const ::rlimit tight{std::filesystem::file_size(path_ + "-wal"), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const Outcome refused = log->append(orders(100)).outcome;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, old_handler);

  EXPECT_EQ(refused, (Outcome{SC_RETRY, path_ + ": cannot be written (disk I/O error (File too large))"}));
  EXPECT_EQ(log->append(orders(1)).receipts[0].position, at(2));
}

}  // namespace statecast::test

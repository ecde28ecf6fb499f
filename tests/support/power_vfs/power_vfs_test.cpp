#include "tests/support/power_vfs/power_vfs.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <vector>

namespace statecast::test {

namespace {

constexpr std::size_t kSector = Image::kSector;
constexpr int kOpen = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;

// A file as SQLite opens it, under the default layer.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : path_(path), memory_(static_cast<std::size_t>(sqlite3_vfs_find(nullptr)->szOsFile)) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    // SQLite's file names end in two zeros: no parameters follow.
    path_.push_back('\0');
    if (vfs->xOpen(vfs, path_.c_str(), file(), kOpen, nullptr) != SQLITE_OK) throw std::runtime_error("cannot open");
  }
  ~OpenFile() { file()->pMethods->xClose(file()); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int write(const std::string& bytes, sqlite3_int64 offset) {
    return file()->pMethods->xWrite(file(), bytes.data(), static_cast<int>(bytes.size()), offset);
  }
  int truncate(sqlite3_int64 size) { return file()->pMethods->xTruncate(file(), size); }
  int sync() { return file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL); }

  std::string content() {
    sqlite3_int64 size = 0;
    file()->pMethods->xFileSize(file(), &size);
    std::string bytes(static_cast<std::size_t>(size), '?');
    EXPECT_EQ(file()->pMethods->xRead(file(), bytes.data(), static_cast<int>(size), 0), SQLITE_OK);
    return bytes;
  }
  int read(std::string& bytes, sqlite3_int64 offset) {
    return file()->pMethods->xRead(file(), bytes.data(), static_cast<int>(bytes.size()), offset);
  }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

  std::string path_;
  std::vector<std::max_align_t> memory_;  // more than enough
};

class PowerVfsTest : public ::testing::Test {
 protected:
  PowerVfsTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "statecast-power-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = pattern;
    path_ = folder_ / "file";
    register_power_vfs(Disk::kLoses, 1);
  }
  ~PowerVfsTest() override {
    unregister_power_vfs();
    std::filesystem::remove_all(folder_);
  }

  void change_disk(Disk disk) {
    unregister_power_vfs();
    register_power_vfs(disk, 1);
  }

  // What a power cut would leave of the file.
  std::string on_disk() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path folder_, path_;
};

// A connection to a database with a journal like the log's.
class Connection {
 public:
  explicit Connection(const std::string& path, const char* vfs = nullptr) {
    sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
    run("PRAGMA journal_mode = WAL");
  }
  ~Connection() { sqlite3_close(db_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void run(const std::string& sql) {
    EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
  }

  int number(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
    const int value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    sqlite3_finalize(statement);
    return value;
  }

 private:
  sqlite3* db_ = nullptr;
};

class PowerVfsDatabaseTest : public PowerVfsTest {
 protected:
  // The numbers that are there after a power cut: those in copies of the files as the disk has them.
  int rows_after_a_power_cut() {
    const auto copies = folder_ / "copies";
    std::filesystem::remove_all(copies);
    std::filesystem::create_directory(copies);
    for (const char* part : {"", "-wal"})
      if (const auto file = path_.string() + part; std::filesystem::exists(file))
        std::filesystem::copy_file(file, copies / ("file" + std::string(part)));
    Connection copy(copies / "file", "unix");
    EXPECT_EQ(copy.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    return copy.number("SELECT count(*) FROM numbers");
  }
};

}  // namespace

TEST_F(PowerVfsTest, AWriteIsSeenByEveryConnectionAndOnTheDiskOnlyAfterASync) {
  OpenFile writer(path_), reader(path_);
  writer.write("order", 0);
  EXPECT_EQ(reader.content(), "order");
  EXPECT_EQ(on_disk(), "");
  writer.sync();
  EXPECT_EQ(on_disk(), "order");
}

TEST_F(PowerVfsTest, ASecondSyncBringsWhatCameAfterTheFirst) {
  OpenFile file(path_);
  file.write(std::string(3 * kSector, 'a'), 0);
  file.sync();
  file.write("b", kSector);
  file.write("c", 3 * kSector + 2);
  std::string expected(3 * kSector, 'a');
  expected[kSector] = 'b';
  EXPECT_EQ(on_disk(), std::string(3 * kSector, 'a'));
  file.sync();
  EXPECT_EQ(on_disk(), expected + std::string(2, '\0') + "c");
}

TEST_F(PowerVfsTest, AFileShrinksAndGrowsOnTheDiskOnlyAfterASync) {
  OpenFile file(path_);
  file.write(std::string(kSector + 5, 'a'), 0);
  file.sync();
  file.truncate(3);
  file.write("b", 6);
  EXPECT_EQ(on_disk(), std::string(kSector + 5, 'a'));
  file.sync();
  EXPECT_EQ(on_disk(), std::string("aaa\0\0\0b", 7));
}

TEST_F(PowerVfsTest, WhatLiesBeyondTheEndIsReadAsZeros) {
  OpenFile file(path_);
  file.write("ab", 0);
  std::string bytes(4, '?');
  EXPECT_EQ(file.read(bytes, 1), SQLITE_IOERR_SHORT_READ);
  EXPECT_EQ(bytes, std::string("b\0\0\0", 4));
  EXPECT_EQ(file.read(bytes, 100), SQLITE_IOERR_SHORT_READ);
  EXPECT_EQ(bytes, std::string(4, '\0'));
}

TEST_F(PowerVfsTest, AnUnsyncedWriteGoesWithItsProcess) {
  {
    OpenFile file(path_);
    file.write("synced", 0);
    file.sync();
    file.write("vanish", 0);
  }
  EXPECT_EQ(OpenFile(path_).content(), "vanish");  // the process goes on: its page cache has it
  change_disk(Disk::kLoses);                       // it has ended: nobody has
  EXPECT_EQ(OpenFile(path_).content(), "synced");
}

TEST_F(PowerVfsTest, ADiskThatTearsHasSomeSectorsOfWhatIsNotSyncedEachWhole) {
  change_disk(Disk::kTears);
  OpenFile file(path_);
  file.write(std::string(64 * kSector, 'a'), 0);
  file.sync();
  for (int i = 0; i < 64; ++i) file.write(std::string(kSector, 'b'), static_cast<sqlite3_int64>(i * kSector));
  const std::string torn = on_disk();
  std::size_t written = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::string sector = torn.substr(i * kSector, kSector);
    EXPECT_TRUE(sector == std::string(kSector, 'a') || sector == std::string(kSector, 'b')) << i;
    if (sector.front() == 'b') ++written;
  }
  EXPECT_GT(written, 0u);
  EXPECT_LT(written, 64u);
  file.sync();
  EXPECT_EQ(on_disk(), std::string(64 * kSector, 'b'));
}

TEST_F(PowerVfsTest, ADiskThatLiesHasNothingAfterASync) {
  change_disk(Disk::kLies);
  OpenFile file(path_);
  file.write("order", 0);
  EXPECT_EQ(file.sync(), SQLITE_OK);
  EXPECT_EQ(file.content(), "order");
  EXPECT_EQ(on_disk(), "");
}

TEST_F(PowerVfsTest, AFileThatIsNotSyncedYetExistsUntilItIsDeleted) {
  const std::string name = path_.string() + '\0';
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  int exists = -1;
  {
    OpenFile file(path_);
    file.write("order", 0);
    ASSERT_EQ(vfs->xAccess(vfs, name.c_str(), SQLITE_ACCESS_EXISTS, &exists), SQLITE_OK);
    EXPECT_EQ(exists, 1);
  }
  EXPECT_EQ(vfs->xDelete(vfs, name.c_str(), 0), SQLITE_OK);
  ASSERT_EQ(vfs->xAccess(vfs, name.c_str(), SQLITE_ACCESS_EXISTS, &exists), SQLITE_OK);
  EXPECT_EQ(exists, 0);
  EXPECT_EQ(OpenFile(path_).content(), "");
}

TEST_F(PowerVfsDatabaseTest, ACommitThatWaitsForTheDiskOutlivesAPowerCutAndOneThatDoesNotIsLost) {
  Connection db(path_);
  db.run("PRAGMA synchronous = FULL; CREATE TABLE numbers (n); INSERT INTO numbers VALUES (1)");
  EXPECT_EQ(rows_after_a_power_cut(), 1);
  db.run("PRAGMA synchronous = NORMAL; INSERT INTO numbers VALUES (2)");
  EXPECT_EQ(db.number("SELECT count(*) FROM numbers"), 2);
  EXPECT_EQ(Connection(path_).number("SELECT count(*) FROM numbers"), 2);
  EXPECT_EQ(rows_after_a_power_cut(), 1);
}

TEST_F(PowerVfsDatabaseTest, NoCommitIsTornByADiskThatTears) {
  change_disk(Disk::kTears);
  Connection db(path_);
  db.run("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 20; CREATE TABLE numbers (n, text)");
  for (int i = 1; i <= 30; ++i) {
    db.run("BEGIN");
    db.run("INSERT INTO numbers VALUES (" + std::to_string(i) + ", hex(randomblob(3000)))");
    db.run("PRAGMA cache_spill = 1; UPDATE numbers SET text = hex(randomblob(3000)) WHERE n % 3 = 0");
    EXPECT_EQ(rows_after_a_power_cut(), i - 1);
    db.run("COMMIT");
    EXPECT_EQ(rows_after_a_power_cut(), i);
  }
}

TEST_F(PowerVfsDatabaseTest, TemporaryFilesAreLeftToTheSystem) {
  Connection db(path_);
  db.run("PRAGMA temp_store = FILE; CREATE TEMP TABLE t (n); INSERT INTO t VALUES (1), (2)");
  EXPECT_EQ(db.number("SELECT sum(n) FROM t"), 3);
}

}  // namespace statecast::test

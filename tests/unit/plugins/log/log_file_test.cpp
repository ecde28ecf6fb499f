#include "plugins/sources/log/log_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/unit/plugins/log/log_kit.hpp"

namespace statecast::test {

using LogFileTest = LogTest;

TEST_F(LogFileTest, KeepsItsFilesFromOtherUsers) {
  const auto log = open();
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct ::stat status {};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0007, 0u) << suffix;
  }
}

TEST_F(LogFileTest, OpensAnEmptyFileAsANewLog) {
  std::ofstream(path_).flush();
  EXPECT_EQ(open()->creation(), Outcome{});
}

TEST_F(LogFileTest, SaysThatItNeedsAPath) { EXPECT_EQ(refusal(""), "`path` is empty: it must name the log's file"); }

TEST_F(LogFileTest, SaysThatTheFolderIsMissing) {
  const std::string path = folder_.file("nowhere/events.db");
  EXPECT_EQ(refusal(path), path + ": there is no folder " + folder_.file("nowhere") +
                               ": create it, owned by the user that runs statecast, or change `path`");
}

TEST_F(LogFileTest, SaysThatThePathIsAFolder) {
  EXPECT_EQ(refusal("/tmp"), "/tmp: is a folder: `path` must name a file");
}

TEST_F(LogFileTest, SaysThatTheFolderCannotBeWritten) {
  EXPECT_EQ(refusal("/proc/statecast.db"),
            "/proc/statecast.db: cannot write /proc/statecast.db.lock (No such file or directory): let the user that "
            "runs statecast write in /proc, or change `path`");
}

TEST_F(LogFileTest, LeavesAFileAloneThatIsNoDatabase) {
  std::ofstream(path_) << "grocery list: " << std::string(1'000, 'x');
  EXPECT_EQ(refusal(), path_ + ": is no log of statecast (file is not a database): move it away, or change `path`");
  EXPECT_EQ(std::filesystem::file_size(path_), 1'014u);
}

TEST_F(LogFileTest, LeavesTheDatabaseOfAnotherApplicationAlone) {
  sql("CREATE TABLE groceries (name)");
  EXPECT_EQ(refusal(), path_ + ": is the SQLite database of another application: change `path`");
  sql("DROP TABLE groceries; PRAGMA application_id = 7");
  EXPECT_EQ(refusal(), path_ + ": is the SQLite database of another application: change `path`");
}

TEST_F(LogFileTest, LeavesTheLogOfANewerVersionAlone) {
  open();
  sql("PRAGMA user_version = 4");
  EXPECT_EQ(refusal(), path_ +
                           ": was written by a newer statecast (schema 4, this one knows 3): upgrade statecast, or "
                           "change `path`");
}

TEST_F(LogFileTest, SaysThatTheLogIsDamaged) {
  open()->append(orders(500));
  // The first page keeps its header, and loses the list of tables.
  std::fstream(path_, std::ios::in | std::ios::out | std::ios::binary).seekp(100) << std::string(3'000, '\xff');
  EXPECT_EQ(refusal(), path_ +
                           ": is damaged (database disk image is malformed): restore it from a backup, or move it away "
                           "to begin a new log");
}

TEST_F(LogFileTest, IsOpenedByOneSourceOfAProcess) {
  const auto log = open();
  EXPECT_EQ(refusal(), path_ + ": is in use by another source of this process: give each log a `path` of its own");
  // The refused one took no lock of the first away.
  EXPECT_EQ(log->append(orders(1)).outcome, Outcome{});
}

TEST_F(LogFileTest, IsOpenedOnceThoughLinksLeadToIt) {
  const auto log = open();
  std::filesystem::create_symlink(path_, folder_.file("link"));
  EXPECT_EQ(refusal(folder_.file("link")),
            path_ + ": is in use by another source of this process: give each log a `path` of its own");
}

TEST_F(LogFileTest, SaysThatTheLogIsInUseWhenItCannotTellByWhom) {
  const int fd = ::open((path_ + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  EXPECT_EQ(refusal(),
            path_ + ": is in use by another process: stop that process, or give this log a `path` of its own");
  ::close(fd);
}

TEST_F(LogFileTest, IsOpenedByOneProcess) {
  int opened[2], done[2];
  ASSERT_EQ(::pipe(opened), 0);
  ASSERT_EQ(::pipe(done), 0);
  const ::pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(done[1]);
    const auto log = open();
    char byte = log->creation().ok() ? 'y' : 'n';
    if (::write(opened[1], &byte, 1) == 1) (void)!::read(done[0], &byte, 1);  // until the parent closes its end
    ::_exit(0);
  }
  char is_open = '?';
  ASSERT_EQ(::read(opened[0], &is_open, 1), 1);
  ASSERT_EQ(is_open, 'y');
  EXPECT_EQ(refusal(), path_ + ": is in use by process " + std::to_string(child) +
                           ": stop that process, or give this log a `path` of its own");
  for (const int fd : {opened[0], opened[1], done[0], done[1]}) ::close(fd);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(open()->creation(), Outcome{});
}

}  // namespace statecast::test

// The file of an embedded log: opened, locked, proved to be ours, and made when it is not there.
#pragma once

#include <optional>
#include <statecast/types.hpp>
#include <string>

#include "plugins/sources/log/file_watch.hpp"
#include "plugins/sources/log/newest_mark.hpp"
#include "plugins/sources/log/sqlite.hpp"

namespace statecast::log {

// Keeps other processes, and other sources of this one, off a log. Held until destroyed, or until the process dies.
class FileLock {
 public:
  // Throws Failure(SC_REJECTED) with the process that holds it.
  explicit FileLock(const std::string& log_path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_;
};

// The log's file and the one connection that writes it. Owned by the source; made on main, then used by append.
//
// Tables: `events`, one row an event with its checksum (checksum.hpp), numbered without a hole; `names`, which finds them by name (names.hpp); `marks`,
// when they were stored (retention.hpp); `clock`, by which they age (age_clock.hpp); `meta`, which has the epoch. Rows
// are taken away from the old end only, and never the newest, so that no number is given twice.
class LogFile {
 public:
  // Throws Failure(SC_REJECTED) with the path, what is wrong, and what to do; or SqlError, see not_opened.
  explicit LogFile(std::string path);

  const std::string& path() const { return path_; }
  const std::string& epoch() const { return epoch_; }
  Database& writer() { return writer_; }
  // What was found when the file was opened that somebody must be told; empty = nothing.
  const std::string& finding() const { return finding_; }
  // Events up to this one are durable, and somebody is about to be told so. [append]
  void note_newest(std::uint64_t newest) { mark_.write({epoch_, newest}); }

  // Throws Failure when the files are not those that were opened. [any]
  void expect_there() const;
  // The same before a write; and after one, as a value: what was written is then lost. [append]
  void expect_whole();
  std::optional<Failure> note_written() { return watch_.note(); }

 private:
  Database open();
  void carry_over();
  std::string look_back();
  std::string begin_history_if_lost();
  std::string keep_journal();

  std::string path_;
  FileLock lock_;
  std::string kept_journal_;  // the rest of a sentence, when a journal that may have been damaged was kept
  bool carried_over_ = false;  // since the files were last whole
  Database writer_;
  const std::string finding_;
  std::string epoch_;
  NewestMark mark_;
  FileWatch watch_;
};

// Proves that the file is a log that this version can read, and says in which schema; 0 when it has no tables yet.
std::int64_t schema_of(const std::string& path, Database& db);
inline constexpr std::int64_t kSchemaVersion = 3;

// What to tell an operator about a log that SQLite could not open, or that cannot be "read" or "written" now.
Failure not_opened(const std::string& path, const SqlError& error);
Failure not_done(const std::string& path, const char* verb, const SqlError& error);

}  // namespace statecast::log

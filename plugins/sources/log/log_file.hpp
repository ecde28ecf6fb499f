// The file of an embedded log: opened, locked, proved to be ours, and made when it is not there.
#pragma once

#include <statecast/types.hpp>
#include <string>

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
// Tables: `events`, one row an event, numbered without a hole; `meta`, which has the epoch. Rows may be taken away from
// the old end only, and never the newest, so that no number is given twice.
class LogFile {
 public:
  // Throws Failure(SC_REJECTED) with the path, what is wrong, and what to do; or SqlError, see not_opened.
  explicit LogFile(std::string path);

  const std::string& path() const { return path_; }
  const std::string& epoch() const { return epoch_; }
  Database& writer() { return writer_; }

 private:
  Database open();
  void make_schema(Database& db);

  std::string path_;
  FileLock lock_;
  Database writer_;
  std::string epoch_;
};

// What to tell an operator about a log that SQLite could not open.
Failure not_opened(const std::string& path, const SqlError& error);

}  // namespace statecast::log

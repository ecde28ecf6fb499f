// Moves what is committed out of the journal (SQLite's write-ahead log) into the log's file, on a thread of its own:
// in an append, the copying and its two syncs of the disk would hold up every publisher.
//
// SQLite begins the journal anew at the first commit that finds all of it moved. While events keep coming the thread
// always leaves some, so the next commit moves those itself: a few pages, and one sync.
//
// Owned by the LogFile; made on main, told by append. A fault here is met again by the next commit that finds the
// journal long, and until then nothing is lost: the journal grows.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "plugins/sources/log/sqlite.hpp"

namespace statecast::log {

class Journal {
 public:
  // Watches the commits of `writer`, which outlives it. Throws SqlError.
  Journal(const std::string& path, Database& writer);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

 private:
  // In pages of 4 KiB. Moving them seldom costs less: some are met again and again.
  static constexpr int kLong = 4000;         // the thread begins
  static constexpr int kFew = 256;           // a commit may move so many
  static constexpr int kMost = 3 * kLong;    // a commit moves them, however many: publishers outrun the thread

  static int on_commit(void* journal, sqlite3* writer, const char* database, int pages);
  void run();
  void move();

  Database mover_;
  Database& writer_;
  std::atomic<bool> due_{false}, stopping_{false};
  std::atomic<bool> few_left_{false};  // the thread has moved all but a few
  std::thread thread_;
};

}  // namespace statecast::log

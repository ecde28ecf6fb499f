#include "plugins/sources/log/journal.hpp"

#include <pthread.h>
#include <sqlite3.h>

#include <limits>

namespace statecast::log {

namespace {

// Moves what no reader needs where it is, and says how many pages stayed.
int move_pages(sqlite3* db) {
  int pages = 0, moved = 0;
  const int result = sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
  return result == SQLITE_OK ? pages - moved : std::numeric_limits<int>::max();
}

}  // namespace

Journal::Journal(const std::string& path, Database& writer) : mover_(path, Database::Mode::kReadWrite), writer_(writer) {
  mover_.execute("PRAGMA synchronous = FULL");
  thread_ = std::thread([this] { run(); });
  sqlite3_wal_hook(writer_.handle(), &Journal::on_commit, this);
}

Journal::~Journal() {
  sqlite3_wal_hook(writer_.handle(), nullptr, nullptr);
  stopping_ = due_ = true;
  due_.notify_one();
  thread_.join();
}

int Journal::on_commit(void* journal, sqlite3* writer, const char*, int pages) {
  auto& self = *static_cast<Journal*>(journal);
  if (pages >= kMost || self.few_left_.exchange(false)) {
    move_pages(writer);
  } else if (pages >= kLong && !self.due_.exchange(true)) {
    self.due_.notify_one();
  }
  return SQLITE_OK;  // the commit has been made, whatever became of the moving
}

void Journal::run() {
  ::pthread_setname_np(::pthread_self(), "log journal");
  for (due_.wait(false); !stopping_; due_.wait(false)) {
    due_ = false;
    move();
  }
}

// Each time fewer pages are left: those committed while the last ones were moved.
void Journal::move() {
  int left = std::numeric_limits<int>::max();
  for (int before = left; !stopping_; before = left) {
    left = move_pages(mover_.handle());
    if (left <= kFew) few_left_ = true;
    if (left <= kFew || left >= before) return;
  }
}

}  // namespace statecast::log

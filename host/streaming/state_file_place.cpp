// What becomes of a file that somebody deletes or replaces while it is open: all of it is still there for who has it open, so it
// is written to its place again.
#include <SQLiteCpp/Backup.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "host/streaming/state_file_moves.hpp"
#include "host/streaming/state_file_sql.hpp"

namespace statecast::host {

namespace fs = std::filesystem;

// Nothing = there is none; a disk that does not say is a StoreError.
std::optional<StateFile::Inode> StateFile::inode_of(const std::string& path) {
  struct stat seen {};
  if (::stat(path.c_str(), &seen) == 0) return Inode{seen.st_dev, seen.st_ino};
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throw StoreError(path + ": cannot be looked at (" + std::strerror(errno) + ")", false);
}

// What has become of it, as the rest of a sentence; empty = it is where it was opened. SQLite makes a journal when it first needs it.
std::string StateFile::displacement() {
  const auto now = inode_of(path_), journal = inode_of(path_ + kWriteAheadLog);
  if (!now) return "is gone";
  if (now != inode_) return "was replaced by another file";
  if (!journal_) journal_ = journal;
  if (journal_ && !journal) return "its journal is gone";
  return journal_ == journal ? "" : "its journal was replaced by another file";
}

std::string StateFile::keep_in_place() {
  std::lock_guard lock(mutex_);
  if (!inode_ || in_transaction_) return "";  // the next use opens it; the cut to come looks
  std::string what;
  try {
    what = displacement();
    if (what.empty()) return "";
    put_back();
    note_(path_ + ": " + what + ": it is written there again from what was still open, and nothing of it is lost; see who takes files from there",
          true);
    return "";
  } catch (const std::exception& error) {
    return what.empty() ? error.what() : path_ + ": " + what + ", and cannot be written again (" + error.what() + ")";
  }
}

void StateFile::put_back() {
  const std::string made = path_ + kNew, folder = fs::path(path_).parent_path();
  std::error_code failed;
  if (fs::create_directories(folder, failed)) sync_folder_of(folder);
  if (failed) throw StoreError("the folder cannot be made: " + failed.message(), false);
  remove_with_journals(made);
  make_file(made);
  {
    SQLite::Database copy(made, SQLite::OPEN_READWRITE);
    if (SQLite::Backup(copy, *db_).executeStep() != SQLITE_DONE) throw StoreError("it is locked", false);
  }
  if (has_journal(made)) throw StoreError(made + " cannot be written to its end", false);
  if (const auto there = inode_of(path_); there && there != inode_) {
    const std::string aside = aside_of(path_, ".replaced", kDamagedAtMost);
    rename_file(path_, aside);
    move_journals(path_, aside);
    note_(path_ + ": what was put in its place is moved to " + aside, true);
  }
  close_database();
  remove_with_journals(path_);
  rename_file(made, path_);
  sync_folder_of(path_);
  open_database();
}

}  // namespace statecast::host

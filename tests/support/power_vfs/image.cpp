#include "tests/support/power_vfs/image.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

namespace statecast::test {

namespace {

// A sync takes its time, as on a real disk: most kills then come between a write and the end of its sync.
constexpr std::chrono::milliseconds kSyncTime{2};

std::size_t sector_of(std::size_t offset) { return offset / Image::kSector; }

}  // namespace

int Image::load(sqlite3_file* file) {
  const std::lock_guard lock(mutex_);
  if (loaded_) return SQLITE_OK;
  sqlite3_int64 size = 0;
  if (const int result = file->pMethods->xFileSize(file, &size); result != SQLITE_OK) return result;
  content_.resize(static_cast<std::size_t>(size));
  const int result = size == 0 ? SQLITE_OK : file->pMethods->xRead(file, content_.data(), static_cast<int>(size), 0);
  loaded_ = result == SQLITE_OK;
  return result;
}

int Image::read(void* bytes, int n, sqlite3_int64 offset) {
  const std::lock_guard lock(mutex_);
  const auto wanted = static_cast<std::size_t>(n), from = static_cast<std::size_t>(offset);
  const std::size_t there = from < content_.size() ? std::min(wanted, content_.size() - from) : 0;
  if (there != 0) std::memcpy(bytes, content_.data() + from, there);
  std::memset(static_cast<char*>(bytes) + there, 0, wanted - there);  // SQLite relies on the zeros
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int Image::write(sqlite3_file* file, const void* bytes, int n, sqlite3_int64 offset) {
  const std::lock_guard lock(mutex_);
  const auto from = static_cast<std::size_t>(offset), end = from + static_cast<std::size_t>(n);
  if (from > content_.size()) mark(content_.size(), from);
  if (end > content_.size()) content_.resize(end);
  std::memcpy(content_.data() + from, bytes, end - from);
  mark(from, end);
  return disk_ == Disk::kTears ? write_back(file, random_() % 4) : SQLITE_OK;
}

int Image::truncate(sqlite3_int64 size) {
  const std::lock_guard lock(mutex_);
  const auto end = static_cast<std::size_t>(size);
  if (end > content_.size()) mark(content_.size(), end);
  if (end < content_.size()) shrunk_ = true;
  content_.resize(end);
  unsynced_.erase(unsynced_.lower_bound(sector_of(end + kSector - 1)), unsynced_.end());
  return SQLITE_OK;
}

int Image::sync(sqlite3_file* file) {
  const std::lock_guard lock(mutex_);
  if (disk_ == Disk::kLies) return SQLITE_OK;
  if (disk_ == Disk::kTears)
    if (const int result = write_back(file, unsynced_.size() / 2); result != SQLITE_OK) return result;
  std::this_thread::sleep_for(kSyncTime);
  if (shrunk_)
    if (const int result = file->pMethods->xTruncate(file, static_cast<sqlite3_int64>(content_.size())); result != SQLITE_OK)
      return result;
  shrunk_ = false;
  return write_back(file, unsynced_.size());
}

sqlite3_int64 Image::size() {
  const std::lock_guard lock(mutex_);
  return static_cast<sqlite3_int64>(content_.size());
}

void Image::remove() {
  const std::lock_guard lock(mutex_);
  content_.clear();
  unsynced_.clear();
  shrunk_ = false;
}

void Image::mark(std::size_t begin, std::size_t end) {
  for (std::size_t sector = sector_of(begin); sector * kSector < end; ++sector) unsynced_.insert(sector);
}

// So many of the unsynced sectors, any of them.
int Image::write_back(sqlite3_file* file, std::size_t sectors) {
  for (std::size_t i = std::min(sectors, unsynced_.size()); i > 0; --i) {
    const auto sector = unsynced_.lower_bound(random_() % (*unsynced_.rbegin() + 1));
    if (const int result = write_sector(file, *sector); result != SQLITE_OK) return result;
    unsynced_.erase(sector);
  }
  return SQLITE_OK;
}

int Image::write_sector(sqlite3_file* file, std::size_t sector) {
  const std::size_t from = sector * kSector, n = std::min(kSector, content_.size() - from);
  return file->pMethods->xWrite(file, content_.data() + from, static_cast<int>(n), static_cast<sqlite3_int64>(from));
}

}  // namespace statecast::test

// One file as its process sees it, and how much of that has reached the disk.
//
// A killed process leaves its page cache behind, a power cut does not. So that a kill looks like a power cut, writes stay
// here, by sectors, until a sync brings them to the file. Between two syncs a disk may have written any of the sectors,
// in any order: that is what a disk that `tears` does. One that `lies` says that it has synced and has not.
//
// Shared by all connections of the process to one file; owned by the Images of power_vfs.cpp. [any]
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <mutex>
#include <random>
#include <set>
#include <string>

namespace statecast::test {

enum class Disk { kLoses, kTears, kLies };

class Image {
 public:
  static constexpr std::size_t kSector = 512;  // the least that a disk writes whole

  Image(Disk disk, unsigned seed) : disk_(disk), random_(seed) {}

  // Each returns one of SQLite's result codes. `file` is the real one, by whichever connection asks.
  int load(sqlite3_file* file);  // what the disk has; the first time only
  int read(void* bytes, int n, sqlite3_int64 offset);
  int write(sqlite3_file* file, const void* bytes, int n, sqlite3_int64 offset);
  int truncate(sqlite3_int64 size);
  int sync(sqlite3_file* file);

  sqlite3_int64 size();
  void remove();  // the file was deleted: it may come again, empty

 private:
  void mark(std::size_t begin, std::size_t end);
  int write_back(sqlite3_file* file, std::size_t sectors);
  int write_sector(sqlite3_file* file, std::size_t sector);

  const Disk disk_;
  std::mutex mutex_;  // guards everything below
  std::minstd_rand random_;
  bool loaded_ = false, shrunk_ = false;
  std::string content_;
  std::set<std::size_t> unsynced_;  // sectors that the disk does not have as they are
};

}  // namespace statecast::test

#include "host/streaming/state_file_moves.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "host/streaming/state_file.hpp"

namespace statecast::host {

namespace fs = std::filesystem;

namespace {

constexpr const char* kJournals[] = {kWriteAheadLog, "-journal"};
constexpr ::mode_t kFileMode = 0640;

}  // namespace

void make_file(const std::string& path) {
  if (const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode); fd >= 0) ::close(fd);
}

bool file_exists(const std::string& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}

std::string aside_of(const std::string& path, const std::string& ending, int at_most) {
  std::string aside = path + ending;
  for (int i = 2; i <= at_most && file_exists(aside); ++i) aside = path + ending + "." + std::to_string(i);
  return aside;
}

void rename_file(const std::string& from, const std::string& to) {
  std::error_code failed;
  fs::rename(from, to, failed);
  if (failed) throw StoreError(from + " cannot be renamed to " + to + ": " + failed.message(), false);
}

bool has_journal(const std::string& path) {
  return std::ranges::any_of(kJournals, [&](const char* journal) { return file_exists(path + journal); });
}

void remove_with_journals(const std::string& path) {
  std::error_code failed;
  fs::remove(path, failed);
  for (const char* journal : kJournals) fs::remove(path + journal, failed);
}

void move_journals(const std::string& from, const std::string& to) {
  std::error_code failed;
  for (const char* journal : kJournals) {
    fs::remove(to + journal, failed);
    if (file_exists(from + journal)) rename_file(from + journal, to + journal);
  }
}

void sync_folder_of(const std::string& path) {
  const int folder = ::open(fs::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

}  // namespace statecast::host

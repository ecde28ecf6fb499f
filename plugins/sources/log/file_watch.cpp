#include "plugins/sources/log/file_watch.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace statecast::log {

namespace {

constexpr std::array kSuffixes = {"", "-wal", ".lock"};

Failure not_there(const std::string& path) {
  return {SC_RETRY, path + " is not where it was opened (" + std::generic_category().message(errno) +
                        "): put it back, and publishing goes on; if it is lost, restart statecast"};
}

Failure replaced(const std::string& path) {
  return {SC_RETRY, path + " is another file than the one that was opened: nothing is stored until statecast is "
                           "restarted, which then goes on with this one"};
}

Failure cut_off(const std::string& path, ::off_t from, ::off_t to) {
  return {SC_RETRY, path + " was cut off, from " + std::to_string(from) + " to " + std::to_string(to) +
                        " bytes: nothing is stored until statecast is restarted; `statecast log verify` says what is lost"};
}

}  // namespace

FileWatch::FileWatch(const std::string& path) {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const std::string name = path + kSuffixes[i];
    struct ::stat status {};
    if (::stat(name.c_str(), &status) != 0) throw not_there(name);
    files_[i] = {name, status.st_dev, status.st_ino, status.st_size};
  }
}

std::optional<Failure> FileWatch::look(const File& file, ::off_t& size) {
  struct ::stat status {};
  if (::stat(file.path.c_str(), &status) != 0) return not_there(file.path);
  if (status.st_dev != file.device || status.st_ino != file.inode) return replaced(file.path);
  size = status.st_size;
  return std::nullopt;
}

std::optional<Failure> FileWatch::fault() const {
  ::off_t size = 0;
  for (const File& file : files_)
    if (auto fault = look(file, size)) return fault;
  return std::nullopt;
}

std::optional<Failure> FileWatch::fault_of_size() const {
  ::off_t size = 0;
  for (const File& file : files_) {
    if (auto fault = look(file, size)) return fault;
    if (size < file.size) return cut_off(file.path, file.size, size);
  }
  return std::nullopt;
}

std::optional<Failure> FileWatch::note() {
  std::optional<Failure> first;
  for (File& file : files_)
    if (auto fault = look(file, file.size); fault && !first) first = std::move(fault);
  return first;
}

}  // namespace statecast::log

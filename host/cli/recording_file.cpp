#include "host/cli/recording_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace statecast::host {

namespace {

constexpr std::size_t kWaiting = 64 * 1024;
constexpr ::mode_t kFileMode = 0640;  // events are for their owner's eyes

Error not_written(const std::string& file) {
  return {"cannot write " + file + ": " + std::generic_category().message(errno), "name a file in a folder where you may write"};
}

}  // namespace

Result<std::unique_ptr<RecordingFile>> RecordingFile::create(client::ClientLoop& loop, const std::string& path, bool replace) {
  if (path == "-") return std::unique_ptr<RecordingFile>(new RecordingFile(loop, STDOUT_FILENO, "", "standard output"));
  std::error_code ignored;
  if (!replace && std::filesystem::exists(path, ignored))
    return Error{path + " is there already", "name another file, or replace it with --force"};
  const std::string partial = path + ".partial";
  const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kFileMode);
  if (descriptor < 0) return not_written(partial);
  return std::unique_ptr<RecordingFile>(new RecordingFile(loop, descriptor, path, partial));
}

RecordingFile::RecordingFile(client::ClientLoop& loop, int descriptor, std::string path, std::string where)
    : descriptor_(descriptor), path_(std::move(path)), where_(std::move(where)), output_(loop, descriptor, where_) {}

RecordingFile::~RecordingFile() {
  if (!path_.empty()) ::close(descriptor_);
}

bool RecordingFile::add(std::string_view line) {
  waiting_.append(line).append(1, '\n');
  ++events_;
  // Whoever reads a pipe wants the line now.
  return (!path_.empty() && waiting_.size() < kWaiting) || flush();
}

bool RecordingFile::flush() {
  const bool written = output_.write(waiting_);
  waiting_.clear();
  return written;
}

Result<void> RecordingFile::finish() {
  if (!flush() && error()) return *error();
  if (path_.empty()) return {};
  if (::fsync(descriptor_) != 0 || ::rename(where_.c_str(), path_.c_str()) != 0) return not_written(path_);
  where_ = path_;
  return {};
}

void RecordingFile::leave() { flush(); }

}  // namespace statecast::host

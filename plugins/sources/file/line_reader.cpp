#include "plugins/sources/file/line_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <statecast/types.hpp>
#include <system_error>

namespace statecast::file {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;

Failure cannot(const std::string& path, const char* verb) {
  return {SC_RETRY, path + " cannot be " + verb + ": " + std::generic_category().message(errno)};
}

}  // namespace

LineReader::LineReader(const std::string& path) : path_(path) {
  struct ::stat about{};
  if (::stat(path.c_str(), &about) != 0) throw cannot(path, "opened");
  if (!S_ISREG(about.st_mode)) throw Failure(SC_RETRY, path + " is no regular file");  // opening a pipe would wait
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) throw cannot(path, "opened");
  size_ = static_cast<std::uint64_t>(about.st_size);
}

LineReader::~LineReader() { ::close(descriptor_); }

LineReader::Next LineReader::next() {
  if (line_bytes_ == 0) line_.clear();  // else the reading of this line failed half-way
  for (;;) {
    const std::size_t end = buffer_.find('\n', next_);
    const std::size_t taken = std::min(end, buffer_.size()) - next_;
    // Beyond the longest two bytes more, so that a line is seen to be too long whether or not "\r" is at its end.
    line_.append(buffer_, next_, std::min(taken, kLongest + 2 - line_.size()));
    line_bytes_ += taken;
    next_ += taken;
    if (end != buffer_.npos) {
      ++next_;
      ++line_bytes_;
      return finish_line();
    }
    if (!fill()) return line_bytes_ == 0 ? Next::kEnd : finish_line();
  }
}

LineReader::Next LineReader::finish_line() {
  at_ += line_bytes_;
  line_bytes_ = 0;
  ++number_;
  if (line_.ends_with('\r')) line_.pop_back();
  return line_.size() > kLongest ? Next::kTooLong : Next::kLine;
}

// False at the end of the file.
bool LineReader::fill() {
  buffer_.resize(kBuffer);
  next_ = 0;
  ssize_t n = 0;
  do n = ::read(descriptor_, buffer_.data(), kBuffer);
  while (n < 0 && errno == EINTR);
  buffer_.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  if (n < 0) throw cannot(path_, "read");
  return n > 0;
}

}  // namespace statecast::file

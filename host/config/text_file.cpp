#include "host/config/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace statecast::host {
namespace {

using Fault = TextFile::Fault;

TextFile failed() {
  const std::error_code error(errno, std::generic_category());
  const bool missing = errno == ENOENT || errno == ENOTDIR;
  return {missing ? Fault::missing : Fault::unreadable, error, {}};
}

class Descriptor {
 public:
  explicit Descriptor(const char* path) : fd_(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// The size that fstat says may be wrong, as it is below /proc.
TextFile read_up_to(int fd, std::size_t limit) {
  TextFile file;
  char buffer[16 * 1024];
  while (true) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed();
    if (n == 0) return file;
    file.text.append(buffer, static_cast<std::size_t>(n));
    if (file.text.size() > limit) return {Fault::too_large, {}, {}};
  }
}

}  // namespace

TextFile read_text_file(const std::filesystem::path& path, std::size_t limit) {
  const Descriptor file(path.c_str());
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return failed();
  if (!S_ISREG(status.st_mode)) return {Fault::not_regular, {}, {}};
  return read_up_to(file.get(), limit);
}

}  // namespace statecast::host

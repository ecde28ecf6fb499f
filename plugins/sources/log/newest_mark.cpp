#include "plugins/sources/log/newest_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace statecast::log {

namespace {

constexpr ::mode_t kMarkMode = 0640;

std::string file_of(const std::string& log_path) { return log_path + ".newest"; }

}  // namespace

std::optional<NewestMark::Mark> NewestMark::read(const std::string& log_path) {
  std::ifstream file(file_of(log_path));
  Mark mark;
  if (!(file >> mark.epoch >> mark.newest)) return std::nullopt;
  return mark;
}

NewestMark::NewestMark(const std::string& log_path) : fd_(::open(file_of(log_path).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMarkMode)) {}

NewestMark::~NewestMark() {
  if (fd_ >= 0) ::close(fd_);
}

// Of one length, so that no older mark shows behind it.
void NewestMark::write(const Mark& mark) {
  std::array<char, 64> text;
  text.fill(' ');
  text.back() = '\n';
  const std::string said = mark.epoch + " " + std::to_string(mark.newest);
  if (fd_ < 0 || said.size() >= text.size()) return;
  said.copy(text.data(), said.size());
  (void)!::pwrite(fd_, text.data(), text.size(), 0);
}

}  // namespace statecast::log

#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <thread>

#include "host/ops/log.hpp"

namespace statecast::host {
namespace {

// stderr as a pipe that nobody reads until drain().
class StuckTerminal {
 public:
  StuckTerminal() : stderr_(::dup(STDERR_FILENO)) {
    if (stderr_ < 0 || ::pipe(ends_) != 0) throw std::runtime_error("no pipe");
    ::dup2(ends_[1], STDERR_FILENO);
    ::close(ends_[1]);
  }
  ~StuckTerminal() {
    ::dup2(stderr_, STDERR_FILENO);  // the last writing end: the reader sees the end
    ::close(stderr_);
    if (reader_.joinable()) reader_.join();
    ::close(ends_[0]);
  }
  void drain() {
    reader_ = std::thread([this] {
      char buffer[4096];
      while (::read(ends_[0], buffer, sizeof buffer) > 0) {
      }
    });
  }

 private:
  const int stderr_;
  int ends_[2];
  std::thread reader_;
};

TEST(Log, CountsTheLinesThatItDroppedWhileNobodyCouldTakeThem) {
  StuckTerminal terminal;
  log::start({log::Level::kInfo, log::Format::kText, {}});
  EXPECT_EQ(log::dropped(), 0u);
  constexpr int kLines = 20'000;  // more than wait in the queue and fit into the pipe
  for (int i = 0; i < kLines; ++i) log::info("test", std::string(100, 'x'));
  EXPECT_GT(log::dropped(), 0u);
  terminal.drain();
  log::stop();
  EXPECT_EQ(log::dropped(), 0u) << "without a queue nothing is dropped";
}

}  // namespace
}  // namespace statecast::host

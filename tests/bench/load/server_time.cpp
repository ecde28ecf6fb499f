#include "tests/bench/load/server_time.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace statecast::bench {

ServerTime::ServerTime(::pid_t process) {
  processes_.push_back("/proc/" + std::to_string(process) + "/task");
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    if (!std::filesystem::exists(processes_[i])) throw std::runtime_error("there is no process " + processes_[i]);
    for (const auto& thread : std::filesystem::directory_iterator(processes_[i])) {
      std::ifstream children(thread.path() / "children");
      for (std::string child; children >> child;) processes_.push_back("/proc/" + child + "/task");
    }
  }
}

std::uint64_t ServerTime::sum() const {
  std::uint64_t out = 0;
  for (const std::string& process : processes_)
    for (const auto& thread : std::filesystem::directory_iterator(process)) {
      std::uint64_t nanoseconds = 0;
      if (std::ifstream(thread.path() / "schedstat") >> nanoseconds) out += nanoseconds;
    }
  return out;
}

std::uint64_t ServerTime::settled() const {
  using std::chrono::milliseconds;
  const auto until = std::chrono::steady_clock::now() + milliseconds(50);
  std::uint64_t before = sum();
  while (std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(2));
    const std::uint64_t now = sum();
    if (now == before) break;
    before = now;
  }
  return before;
}

}  // namespace statecast::bench

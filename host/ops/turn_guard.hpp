// The guard around one turn of a thread: what is thrown in it, by a library or for want of memory, ends what the turn was
// doing and nothing else. It is counted, it is told in the log, and the thread goes on.
//
// One guard for each thread, which alone calls it. The counts can be read from any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace statecast::host {

enum class ThreadRole : std::uint8_t { kMain, kShard, kLane, kSource, kAppend, kStore };
inline constexpr std::array<std::string_view, 6> kThreadRoles{"main", "shard", "lane", "source", "append", "store"};

// Turns of threads of this role, in the whole process, that something thrown has ended. [any]
std::uint64_t failed_turns(ThreadRole role);

class TurnGuard {
 public:
  // `who` is what the log calls the thread.
  TurnGuard(ThreadRole role, std::string who) : role_(role), who_(std::move(who)) {}

  // Runs turn(). False when something was thrown out of it.
  template <class Turn>
  bool operator()(Turn&& turn) {
    try {
      turn();
      return true;
    } catch (const std::exception& thrown) {
      on_thrown(thrown.what());
    } catch (...) {
      on_thrown("something that is no std::exception");
    }
    return false;
  }

  // What was thrown last.
  const std::string& error() const { return error_; }

 private:
  void on_thrown(std::string_view what) noexcept;
  bool is_news(std::string_view what);

  const ThreadRole role_;
  const std::string who_;
  std::string error_;
  std::chrono::steady_clock::time_point told_at_{};
};

}  // namespace statecast::host

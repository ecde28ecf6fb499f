// Who may have which of the files that this process may open. Clients leave the last of them to the admin listener, and
// both leave some to what opens files while the host runs: readers of sources, checkpoints, a state's file begun anew.
//
// Nothing is counted for that: the kernel gives each new file the lowest number that is free, so the number of a
// connection that was just accepted says whether it is within the share of its listener.
// Owned by Server, asked once a connection. [any]
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "host/config/settings.hpp"
#include "host/ops/seldom.hpp"
#include "host/result.hpp"

namespace statecast::host {

class OpenFiles {
 public:
  // Kept from clients, in all: connections to the admin listener, those that are refused at any one time, and other files.
  static constexpr int kAdmin = 32, kRefused = 64, kOther = 32;
  static constexpr int kKept = kAdmin + kRefused + kOther;

  // Whether a connection with this number may stay.
  bool has_room_for_client(int fd) const { return fd < limit() - kKept; }
  bool has_room_for_admin(int fd) const { return fd < limit() - kOther; }

  // Before anything is opened: an error when none would be left to clients; fewer than they may be is told in the log.
  static Result<void> check(const Config& config, std::size_t shards);

  void note_refused();  // a connection, for want of room
  void note_accept_failure(const std::string& why);  // at once also for want of somebody who waits
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t accept_failures() const { return accept_failures_.load(std::memory_order_relaxed); }

 private:
  static int limit();  // asked each time: prlimit(1) may change it

  std::atomic<std::uint64_t> refused_{0}, accept_failures_{0};
  Seldom told_refused_, told_failure_;
};

}  // namespace statecast::host

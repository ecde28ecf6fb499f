// Sends to many clients with one system call, by io_uring: for each client what send() with MSG_DONTWAIT does, in the order
// of the calls, done when submit() returns. Where the kernel has no io_uring, or its rules forbid it, nothing is usable here,
// and every send is a call of its own.
//
// Part of Streams. Not thread-safe, and of one thread only from open() on. [shard]
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace statecast::host {

class SendBatch {
 public:
  static constexpr std::size_t kMost = 256;
  // Of fewer, what one system call saves is little.
  static constexpr std::size_t kWorthwhile = 64;

  struct Send {
    std::uint32_t slot;
    int fd;
    std::string_view bytes;
    ::ssize_t sent = -1;  // bytes that the kernel took; less than 1 = none, and send() says why
  };

  SendBatch();
  ~SendBatch();

  // Sets the ring up; 0, or the errno that says why there is none. Once, on the thread that sends.
  int open();
  bool usable() const { return ring_ != nullptr; }

  // The bytes must stay until submit(). At most kMost at a time.
  void add(std::uint32_t slot, int fd, std::string_view bytes) { sends_.push_back({slot, fd, bytes}); }
  bool empty() const { return sends_.empty(); }
  bool full() const { return sends_.size() == kMost; }

  // Sends them and tells what became of each; they stay until clear(). After a failure of the ring itself, `sent` says that
  // nothing was taken of those that it did not come to, and it is usable no more.
  std::span<const Send> submit();
  void clear() { sends_.clear(); }

 private:
  struct Ring;

  bool run();
  std::size_t take_results();

  std::unique_ptr<Ring> ring_;
  std::vector<Send> sends_;
};

}  // namespace statecast::host

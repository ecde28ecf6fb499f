// The host's outbound side of one client: a queue of shared frames behind one write. Frames go to the kernel at once; what
// it does not take waits here, bounded, and a newer frame of an updated key replaces the one that waits.
//
// Part of a session's record. [shard]
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <vector>

#include "host/streaming/frame.hpp"

namespace statecast::host {

class Emitter {
 public:
  enum class Written { kAll, kBlocked, kBroken };

  // Puts a frame at the end. While the client is blocked, the waiting frame of the same updated key is taken out first: its
  // newer place is at the end, so that positions go forward only. Returns whether that happened.
  bool push(Ref<Frame> frame);
  // The same for the session's own cursor, of which only the newest need wait.
  bool push_cursor(Ref<Frame> frame);

  // Writes as much as the kernel takes, several frames in one call.
  Written flush(int fd);

  // More than one frame and past either bound. One frame alone may be larger than the buffer.
  bool over(std::size_t bytes, std::size_t messages) const { return waiting() > 1 && (bytes_ > bytes || waiting() > messages); }

  bool empty() const { return waiting() == 0; }
  bool blocked() const { return blocked_; }
  std::size_t waiting() const { return queue_.size() - first_; }
  std::size_t bytes() const { return bytes_; }
  int error() const { return error_; }  // errno of a broken write
  std::uint32_t writes() const { return writes_; }  // calls of sendmsg so far
  void clear();

 private:
  struct Entry {
    Ref<Frame> frame;
    bool cursor = false;
  };
  bool drop_if(bool (*matches)(const Entry&, const Frame&), const Frame& frame);
  std::size_t untouched() const { return first_ + (offset_ != 0 ? 1 : 0); }
  void on_sent(std::size_t n);
  std::size_t gather(iovec* out, std::size_t max) const;

  std::vector<Entry> queue_;   // [first_, end) waits; the first offset_ bytes of the first frame are sent
  std::size_t first_ = 0, offset_ = 0, bytes_ = 0;
  bool blocked_ = false;
  int error_ = 0;
  std::uint32_t writes_ = 0;
};

}  // namespace statecast::host

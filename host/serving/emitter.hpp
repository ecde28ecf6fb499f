// The host's outbound side of one client: a queue of shared frames behind one write. Frames go to the kernel at once; what
// it does not take waits here, and a newer frame of an updated key may replace the one that waits. Its owner looks whether that
// is too much, and says what has to go.
//
// Part of a session's record. [shard]
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "host/streaming/frame.hpp"

namespace statecast::host {

class Emitter {
 public:
  enum class Written { kAll, kBlocked, kBroken };

  static constexpr std::uint32_t kNoLeg = 0xffffffff;

  // Puts a frame at the end; a change names the leg that it is for. While the client is blocked, `conflate` takes the waiting
  // frame of the same updated key out first: its newer place is at the end, so that positions go forward only. Returns whether
  // that happened.
  bool push(Ref<Frame> frame, std::uint32_t leg = kNoLeg, bool conflate = true);
  // A snapshot's: the client has made room for it, so it counts against no bound.
  void push_page(Ref<Frame> frame);
  // The session's own cursor, of which only the newest need wait.
  bool push_cursor(Ref<Frame> frame);

  // Takes out what waits of a lane's changes after the one of this number: all, or the newest until the rest is within the bounds.
  // A cursor that waits goes too: it may say more than the client gets. `dropped` is called with the leg of each.
  using Dropped = std::function<void(std::uint32_t leg)>;
  void drop_changes(std::uint16_t lane, std::uint64_t after, const Dropped& dropped) { drop(lane, after, dropped, [] { return true; }); }
  void drop_newest(std::uint16_t lane, std::uint64_t after, std::size_t bytes, std::size_t messages, const Dropped& dropped) {
    drop(lane, after, dropped, [=, this] { return over(bytes, messages); });
  }

  // The newest change of the lane that waits, or is half sent; null = none.
  const Change* newest_change(std::uint16_t lane) const;

  // Writes as much as the kernel takes, several frames in one call. Unless that is all, what it took whole is added to `taken`.
  Written flush(int fd, std::vector<Ref<Frame>>& taken);

  // More than one frame and past either bound. One frame alone may be larger than the buffer; one that is half sent, pages and
  // cursors do not count.
  bool over(std::size_t bytes, std::size_t messages) const;

  bool empty() const { return waiting() == 0; }
  bool blocked() const { return blocked_; }
  std::size_t waiting() const { return queue_.size() - first_; }
  std::size_t bytes() const { return bytes_; }
  int error() const { return error_; }  // errno of a broken write
  std::uint32_t writes() const { return writes_; }  // calls of sendmsg so far
  void clear();

 private:
  enum class Kind : std::uint8_t { kCounted, kPage, kCursor };
  struct Entry {
    Ref<Frame> frame;
    std::uint32_t leg = kNoLeg;
    Kind kind = Kind::kCounted;
  };
  void put(Entry entry);
  void forget(const Entry& entry);
  void drop(std::uint16_t lane, std::uint64_t after, const Dropped& dropped, const std::function<bool()>& more);
  bool drop_if(bool (*matches)(const Entry&, const Frame&), const Frame& frame);
  std::size_t untouched() const { return std::size_t{first_} + (offset_ != 0 ? 1 : 0); }
  void on_sent(std::size_t n);
  void forget_sent(std::size_t from, std::vector<Ref<Frame>>& taken);
  std::size_t gather(iovec* out, std::size_t max) const;

  std::vector<Entry> queue_;   // [first_, end) waits; the first offset_ bytes of the first frame are sent
  std::size_t bytes_ = 0, counted_bytes_ = 0;
  std::uint32_t first_ = 0, offset_ = 0, counted_ = 0;  // counted: against the bounds; a half sent frame too
  std::uint32_t writes_ = 0;
  int error_ = 0;
  bool blocked_ = false;
};

}  // namespace statecast::host

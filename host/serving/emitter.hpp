// The host's outbound side of one client: a queue of shared frames behind one write. Frames go to the kernel at once; what
// it does not take waits here, and a newer frame of an updated key may replace the one that waits. Its owner looks whether that
// is too much, and says what has to go.
//
// Part of a session's record. One frame, which is what a round mostly brings, stands in it; a queue is there only while more
// wait, or the kernel has not taken all. [shard]
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "host/streaming/frame.hpp"

namespace statecast::host {

class Emitter {
 public:
  enum class Written : std::uint8_t { kAll, kBlocked, kBroken };

  static constexpr std::uint32_t kNoLeg = 0xffffffff;

  // Puts a frame at the end; a change names the leg that it is for. While the client is blocked, `conflate` takes the waiting
  // frame of the same updated key out first: its newer place is at the end, so that positions go forward only. Returns whether
  // that happened.
  bool push(Ref<Frame> frame, std::uint32_t leg = kNoLeg, bool conflate = true) {
    const bool replaced = conflate && blocked() && drop_older(*frame);
    put({std::move(frame), leg});
    return replaced;
  }
  // A snapshot's: the client has made room for it, so it counts against no bound.
  void push_page(Ref<Frame> frame) { put({std::move(frame), kNoLeg, Kind::kPage}); }
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

  // What one flush came to.
  struct Flushed {
    Written written = Written::kAll;
    int error = 0;             // errno of a broken write
    std::uint32_t writes = 0;  // attempts to send
    std::size_t frames = 0;    // taken whole
    std::size_t bytes = 0;
  };
  // Writes as much as the kernel takes, several frames in one call. Unless that is all, what it took whole is added to `taken`.
  Flushed flush(int fd, std::vector<Ref<Frame>>& taken);
  // For one who sends by himself: the bytes of the only frame that waits, nothing of which is sent; empty where there is no
  // such frame. They stay until anything else is done here. After_send() then goes on as flush() does: `sent` is what send() returned.
  std::string_view sole() const { return !queue_ && only_.frame ? only_.frame->bytes() : std::string_view(); }
  Flushed after_send(int fd, ::ssize_t sent, std::vector<Ref<Frame>>& taken);

  // More than one frame and past either bound. One frame alone may be larger than the buffer; one that is half sent, pages and
  // cursors do not count.
  bool over(std::size_t bytes, std::size_t messages) const;

  bool empty() const { return waiting() == 0; }
  bool blocked() const { return queue_ && queue_->blocked; }
  std::size_t waiting() const { return queue_ ? queue_->waiting() : only_.frame ? 1 : 0; }
  std::size_t bytes() const { return queue_ ? queue_->bytes : only_.frame ? only_.frame->bytes().size() : 0; }
  bool holds_queue() const { return queue_ != nullptr; }

 private:
  enum class Kind : std::uint8_t { kCounted, kPage, kCursor };
  struct Entry {
    Ref<Frame> frame{};
    std::uint32_t leg = kNoLeg;
    Kind kind = Kind::kCounted;
  };
  struct Queue {
    std::vector<Entry> entries{};   // [first, end) waits; the first `offset` bytes of the first frame are sent
    std::size_t bytes = 0, counted_bytes = 0;
    std::uint32_t first = 0, offset = 0, counted = 0;  // counted: against the bounds; a half sent frame too
    bool blocked = false;

    void put(Entry entry);
    void forget(const Entry& entry);
    bool erase_newest(bool (*matches)(const Entry&, const Frame&), const Frame& frame);
    std::size_t waiting() const { return entries.size() - first; }
    std::size_t untouched() const { return std::size_t{first} + (offset != 0 ? 1 : 0); }
    std::size_t gather(iovec* out, std::size_t max) const;
    void on_sent(std::size_t n);
    void forget_sent(std::size_t from, std::vector<Ref<Frame>>& taken);
  };

  void put(Entry entry) {
    if (!queue_ && !only_.frame) only_ = std::move(entry);
    else queue().put(std::move(entry));
  }
  Queue& queue();
  bool drop_older(const Frame& newer);
  void drop(std::uint16_t lane, std::uint64_t after, const Dropped& dropped, const std::function<bool()>& more);
  Flushed flush_queue(int fd, std::vector<Ref<Frame>>& taken);

  Entry only_;                    // of the queue's first while there is no queue
  std::unique_ptr<Queue> queue_;  // then `only_` is empty
};

static_assert(sizeof(Emitter) == 24, "every idle client pays for it");

}  // namespace statecast::host

// Of a transport with a `flush_window`: whose frames wait for the end of the window, so that several leave in one write. It
// begins with the first frame that waits. A session that has to be written to before the end is written to at once for the
// rest of the window.
//
// So a session that waits has everything that was sent before the window began, and one that does not has everything that was
// sent before the round under way: each has marks to be asked of (LaneMarks).
//
// Owned by Streams. [shard]
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "host/serving/session.hpp"
#include "host/serving/slow.hpp"

namespace statecast::host {

class FlushWindow {
 public:
  FlushWindow(boost::asio::io_context& io, std::uint64_t ms, std::size_t lanes) : io_(io), length_(ms), marks_(lanes) {}

  LaneMarks& marks() { return marks_; }
  const LaneMarks& marks() const { return marks_; }

  // The session's frames wait for the end; at_end() is called then, once for all. False when it may not wait any more.
  template <class AtEnd>
  bool take_in(Session& session, std::uint32_t slot, AtEnd&& at_end) {
    if (session.hurried) return false;
    if (!session.waits_for_window) note(slot, at_end);
    session.waits_for_window = true;
    return true;
  }
  // It is written to now.
  template <class AtEnd>
  void leave_out(Session& session, std::uint32_t slot, AtEnd&& at_end) {
    if (!session.hurried && !session.waits_for_window) note(slot, at_end);
    session.hurried = true;
  }

  // Returns the slots of those that wait and of those that were left out; another session may have the slot by now. The next
  // window may begin.
  std::vector<std::uint32_t> end() {
    open_ = false;
    return std::exchange(slots_, {});
  }
  bool open() const { return open_; }

  // Lets go of the timer, which must not outlive the io_context as the window itself may.
  void stop() {
    timer_.reset();
    end();
  }

 private:
  template <class AtEnd>
  void note(std::uint32_t slot, AtEnd&& at_end) {
    slots_.push_back(slot);
    if (std::exchange(open_, true)) return;
    if (!timer_) timer_.emplace(io_);
    timer_->expires_after(std::chrono::milliseconds(length_));
    timer_->async_wait([at_end](boost::system::error_code error) {
      if (!error) at_end();
    });
  }

  boost::asio::io_context& io_;  // not there yet when the window is made
  std::optional<boost::asio::steady_timer> timer_;
  const std::uint64_t length_;
  LaneMarks marks_;
  std::vector<std::uint32_t> slots_;
  bool open_ = false;
};

}  // namespace statecast::host

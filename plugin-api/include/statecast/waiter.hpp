// For a Source that holds its events in this process: how its readers wait for the next append.
//
// The source owns a Waiters and calls notify() after each append; each of its readers owns a Waiter.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <mutex>
#include <system_error>
#include <vector>

#include "types.hpp"

namespace statecast {

class Waiter;

// The readers that are open. Owned by the source, which outlives its readers. The mutex is held by an append only to
// walk the list, and otherwise only when a reader is opened or closed.
class Waiters {
 public:
  void notify();  // after an append has become visible [append]

 private:
  friend class Waiter;
  std::mutex mutex_;
  std::vector<Waiter*> waiters_;  // under mutex_
};

// Where one reader sleeps until there is news. Owned by the reader; await is called by its source thread.
class Waiter {
 public:
  explicit Waiter(Waiters& waiters) : waiters_(waiters), wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wakeup_ < 0) throw Failure(SC_RETRY, "no room for another reader: " + std::generic_category().message(errno));
    const std::lock_guard lock(waiters_.mutex_);
    waiters_.waiters_.push_back(this);
  }
  ~Waiter() {
    {
      const std::lock_guard lock(waiters_.mutex_);
      std::erase(waiters_.waiters_, this);
    }
    ::close(wakeup_);
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // Waits until ready() or until deadline_ns (Host::mono_ns), and asks it once more then. False = interrupted, or not
  // ready in time. A reader that waits for a moment of its own gives that as the deadline. [source]
  template <class Ready>
  bool await(const Host& host, std::int64_t deadline_ns, Ready ready) {
    for (;;) {
      if (interrupted_.exchange(false)) return false;
      if (ready()) return true;
      waiting_ = true;  // announced before ready() is asked again: an append too late for it sees the announcement
      const bool woken = ready() || sleep(deadline_ns - host.mono_ns());
      waiting_ = false;
      if (!woken) return ready();
    }
  }

  // Ends the await under way, or else the next. [any]
  void interrupt() {
    interrupted_ = true;
    wake();
  }

 private:
  friend class Waiters;

  void wake() const { eventfd_write(wakeup_, 1); }

  // True when woken, perhaps for nothing; false when the time was up. Real time, even where a test drives the host's
  // clock: a poll must end.
  bool sleep(std::int64_t ns) {
    ns = std::max<std::int64_t>(ns, 0);
    const timespec timeout{ns / 1'000'000'000, ns % 1'000'000'000};
    pollfd descriptor{wakeup_, POLLIN, 0};
    if (ppoll(&descriptor, 1, &timeout, nullptr) == 0) return false;
    eventfd_t drained;
    eventfd_read(wakeup_, &drained);
    return true;
  }

  Waiters& waiters_;
  const int wakeup_;
  std::atomic<bool> waiting_{false}, interrupted_{false};
};

inline void Waiters::notify() {
  const std::lock_guard lock(mutex_);
  for (Waiter* waiter : waiters_)
    if (waiter->waiting_.exchange(false)) waiter->wake();
}

}  // namespace statecast

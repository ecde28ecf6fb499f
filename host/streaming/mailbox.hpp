// The one kind of edge between threads: a bounded ring with many producers and one consumer, which is waked when it sleeps:
// on a futex, or, where it waits for other things as well, by an eventfd. Owned by the consumer's object; a `post_` function of that object wraps try_push, or
// try_put where a wake-up serves many.
//
// Lock-free: each cell carries a sequence number that says whose turn it is (a bounded queue after D. Vyukov).
#pragma once

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <system_error>
#include <utility>

namespace statecast::host {

template <class T>
class Mailbox {
 public:
  // `capacity` is rounded up to a power of two.
  explicit Mailbox(std::size_t capacity)
      : mask_(std::bit_ceil(capacity < 2 ? std::size_t{2} : capacity) - 1),
        cells_(new Cell[mask_ + 1]),
        fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    for (std::size_t i = 0; i <= mask_; ++i) cells_[i].turn.store(i, std::memory_order_relaxed);
  }
  ~Mailbox() { ::close(fd_); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Puts a message in; false when the ring is full or closed, and then `message` is untouched. [any]
  bool try_push(T& message) {
    if (!try_put(message)) return false;
    wake();
    return true;
  }
  bool try_push(T&& message) { return try_push(message); }

  // The same for one of several: once all are in, the producer calls wake(). [any]
  bool try_put(T& message) {
    if (closed_.load(std::memory_order_acquire)) return false;
    std::size_t at = tail_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[at & mask_];
      const auto lead = static_cast<std::ptrdiff_t>(cell.turn.load(std::memory_order_acquire) - at);
      if (lead < 0) return false;
      if (lead > 0) {
        at = tail_.load(std::memory_order_relaxed);
      } else if (tail_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        cell.value = std::move(message);
        cell.turn.store(at + 1, std::memory_order_seq_cst);  // before wake() looks whether the consumer sleeps
        return true;
      }
    }
  }

  // Wakes the consumer if it sleeps and has what it sleeps for. [any]
  void wake() {
    if (sleeps_.load(std::memory_order_seq_cst) != kAwake && is_enough()) ring();
  }

  // Puts a message in, waiting for room; false when the mailbox is closed. For producers that may wait. [any]
  bool push_wait(T& message) {
    if (!put_wait(message)) return false;
    wake();
    return true;
  }

  // The same for one of several: once all are in, the producer calls wake(). [any]
  bool put_wait(T& message) {
    for (;;) {
      const std::uint32_t seen = room_.load(std::memory_order_acquire);
      if (try_put(message)) return true;
      if (closed_.load(std::memory_order_acquire)) return false;
      ring();  // who sleeps makes no room
      waiting_for_room_.fetch_add(1);
      // The ring may have been emptied between the failed push and the announcement: look once more before sleeping.
      const bool pushed = try_put(message);
      if (!pushed && !closed_.load(std::memory_order_acquire)) room_.wait(seen);
      waiting_for_room_.fetch_sub(1);
      if (pushed) return true;
    }
  }

  // Takes the oldest message; false when there is none. [consumer]
  bool try_pop(T& out) {
    Cell& cell = cells_[head_ & mask_];
    if (cell.turn.load(std::memory_order_acquire) != head_ + 1) return false;
    out = std::move(cell.value);
    cell.value = T{};
    cell.turn.store(head_ + mask_ + 1, std::memory_order_seq_cst);  // before looking whether somebody waits for room
    ++head_;
    popped_.store(head_, std::memory_order_seq_cst);
    if (waiting_for_room_.load(std::memory_order_seq_cst) != 0) {
      room_.fetch_add(1);
      room_.notify_all();
    }
    return true;
  }

  // Announces that the consumer is about to sleep on the descriptor until `n` messages wait, at most capacity(); false when
  // so many do, or somebody has poked. [consumer]
  bool prepare_sleep(std::size_t n = 1) { return announce(kOnDescriptor, n); }

  // Sleeps on the futex until `n` messages wait, a poke or the deadline. [consumer]
  void wait_until(std::chrono::steady_clock::time_point deadline, std::size_t n = 1) {
    if (!announce(kOnFutex, n)) return;
    using namespace std::chrono;
    const auto until = duration_cast<nanoseconds>(deadline.time_since_epoch());  // CLOCK_MONOTONIC, as FUTEX_WAIT_BITSET has it
    const timespec at{duration_cast<seconds>(until).count(), (until % 1s).count()};
    ::syscall(SYS_futex, &sleeps_, FUTEX_WAIT_BITSET_PRIVATE, kOnFutex, &at, nullptr, FUTEX_BITSET_MATCH_ANY);
    sleeps_.store(kAwake, std::memory_order_relaxed);
  }

  // After waking by the descriptor: makes it unreadable again. [consumer]
  void clear_wake() {
    sleeps_.store(kAwake, std::memory_order_relaxed);
    std::uint64_t ignored;
    [[maybe_unused]] auto n = ::read(fd_, &ignored, sizeof ignored);
  }

  // Wakes the consumer without a message; take_poke() then says so once. [any]
  void poke() {
    poked_.store(true, std::memory_order_seq_cst);
    ring();
  }
  bool take_poke() { return poked_.exchange(false); }

  // No more messages are taken in; producers that wait for room give up. What is inside can still be popped. [any]
  void close() {
    closed_.store(true, std::memory_order_seq_cst);
    room_.fetch_add(1);
    room_.notify_all();
    poke();
  }
  bool closed() const { return closed_.load(std::memory_order_acquire); }

  int descriptor() const { return fd_; }  // readable when a sleeping consumer should wake
  std::size_t capacity() const { return mask_ + 1; }
  // About, from another thread than the consumer's. [any]
  std::size_t size() const {
    const auto popped = popped_.load();  // first: the tail never falls behind it
    return std::min(tail_.load() - popped, capacity());
  }

 private:
  struct Cell {
    std::atomic<std::size_t> turn;
    T value{};
  };

  enum Sleep : std::uint32_t { kAwake, kOnFutex, kOnDescriptor };

  // False when `n` messages wait already.
  bool announce(Sleep how, std::size_t n) {
    enough_.store(head_ + n, std::memory_order_relaxed);
    sleeps_.store(how, std::memory_order_seq_cst);
    if (cells_[(head_ + n - 1) & mask_].turn.load(std::memory_order_seq_cst) != head_ + n && !poked_.load()) return true;
    sleeps_.store(kAwake, std::memory_order_relaxed);
    return false;
  }

  void ring() {
    if (sleeps_.load(std::memory_order_seq_cst) == kAwake) return;
    const auto slept = sleeps_.exchange(kAwake);
    const std::uint64_t one = 1;
    if (slept == kOnDescriptor) [[maybe_unused]] auto n = ::write(fd_, &one, sizeof one);
    if (slept == kOnFutex) ::syscall(SYS_futex, &sleeps_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }

  // Whether the messages that the consumer sleeps for are there. What it announced is seen by whoever has seen it asleep.
  bool is_enough() const {
    return static_cast<std::ptrdiff_t>(tail_.load(std::memory_order_seq_cst) - enough_.load(std::memory_order_relaxed)) >= 0;
  }

  const std::size_t mask_;
  const std::unique_ptr<Cell[]> cells_;
  const int fd_;
  alignas(64) std::atomic<std::size_t> tail_{0};
  alignas(64) std::size_t head_ = 0;  // consumer only
  std::atomic<std::size_t> popped_{0};
  alignas(64) std::atomic<std::uint32_t> sleeps_{kAwake};  // how, so that a futex can be waited on
  std::atomic<std::size_t> enough_{1};  // the consumer sleeps until the messages before this place are there
  std::atomic<bool> poked_{false};
  std::atomic<bool> closed_{false};
  std::atomic<std::uint32_t> room_{0};
  std::atomic<std::uint32_t> waiting_for_room_{0};
};

}  // namespace statecast::host

// A Source for tests of feeds and appenders, made through its real C table: events in memory, and
// faults on demand. An event of type Refused is refused by append, one of type Twice was there before. Of one of type
// Behind or Astray it says that it were stored at the position 1, or in a partition that there is not. Readers say that one
// of type Damaged is.
#pragma once

#include <atomic>
#include <mutex>
#include <semaphore>
#include <statecast/source.hpp>
#include <statecast/waiter.hpp>
#include <vector>

#include "events.hpp"
#include "host/streaming/instances.hpp"

namespace statecast::host::test {

// What the source holds, and how it misbehaves. Outlives the source. [any]
class Store {
 public:
  Store() { current_ = this; }
  ~Store() { current_ = nullptr; }
  static Store& current() { return *current_; }

  // Events are given the positions 1, 2, ... of partition 0.
  void add(std::vector<OwnedEvent> events);
  std::uint64_t newest() const;
  std::vector<OwnedEvent> after(std::uint64_t hi, std::size_t max) const;
  void forget_before(std::uint64_t oldest);  // as retention does
  std::uint64_t oldest() const;
  void wake() { waiters_.notify(); }
  Waiters& waiters() { return waiters_; }

  std::atomic<int> failing_polls{0}, failing_opens{0};  // so many throw SC_RETRY before one works again
  std::atomic<int> polls{0};

  // append()
  std::atomic<bool> append_fails{false}, ack_fails{false}, hold_appends{false};
  std::counting_semaphore<> holding{0}, go_on{0};
  std::counting_semaphore<> probed{0}, acked{0};  // released by an append of nothing, and by ack
  std::vector<std::size_t> append_sizes() const;
  void note_append(std::size_t n);
  std::vector<std::uint64_t> acks() const;
  void note_ack(std::uint64_t hi);

 private:
  static inline Store* current_ = nullptr;  // what the next source is made for
  mutable std::mutex mutex_;
  std::vector<OwnedEvent> events_;
  std::vector<std::size_t> append_sizes_;
  std::vector<std::uint64_t> acks_;
  std::uint64_t oldest_ = 1;
  Waiters waiters_;
};

std::unique_ptr<SourceInstance> make_source(const std::string& id);

}  // namespace statecast::host::test

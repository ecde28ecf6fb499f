// What the platform will do next, and its clock: time stands still while something is done, and then leaps to the next.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace statecast::simulator {

// Milliseconds of the platform's own time since it began.
using Moment = std::int64_t;

inline constexpr Moment kSecond = 1000, kMinute = 60 * kSecond;

class Agenda {
 public:
  using Action = std::function<void()>;

  Moment now() const { return now_; }
  bool empty() const { return entries_.empty(); }

  // What is to be done at one moment is done in the order in which it was entered.
  void at(Moment moment, Action action) {
    entries_.push_back({std::max(moment, now_), entered_++, std::move(action)});
    std::push_heap(entries_.begin(), entries_.end(), later);
  }
  void in(Moment delay, Action action) { at(now_ + delay, std::move(action)); }

  // Moves the clock on to the next entry and does it. There must be one.
  void do_next() {
    std::pop_heap(entries_.begin(), entries_.end(), later);
    const Entry next = std::move(entries_.back());
    entries_.pop_back();
    now_ = next.moment;
    next.action();
  }

 private:
  struct Entry {
    Moment moment;
    std::uint64_t number;
    Action action;
  };

  static bool later(const Entry& a, const Entry& b) {
    return a.moment != b.moment ? a.moment > b.moment : a.number > b.number;
  }

  Moment now_ = 0;
  std::uint64_t entered_ = 0;
  std::vector<Entry> entries_;  // a heap, the next one first
};

}  // namespace statecast::simulator

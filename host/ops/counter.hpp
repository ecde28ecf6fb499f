// Numbers for those who report: each has one writing thread, and any thread may read it. Adding is a plain load and store,
// so counting on the data path costs no locked instruction and shares no cache line between writers.
//
// Owned by what they count for. What several threads count has one for each, summed by the reader.
#pragma once

#include <atomic>
#include <cstdint>

namespace statecast::host {

// Only grows.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value() + n, std::memory_order_relaxed); }    // the writing thread
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }             // [any]

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Goes up and down.
class Gauge {
 public:
  void add(std::int64_t n) { value_.store(value() + n, std::memory_order_relaxed); }         // the writing thread
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }              // [any]

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace statecast::host

// How long things took: how many durations fell between two bounds, and their sum. The bounds are the same everywhere, each
// four times the last, so that histograms of many threads can be summed.
//
// One writing thread, any readers, as Counter.
#pragma once

#include <array>
#include <cstddef>

#include "host/ops/counter.hpp"

namespace statecast::host {

class Histogram {
 public:
  // Nanoseconds; a duration belongs to the first bound that is not below it. Beyond the last there is one bucket more.
  static constexpr std::array<std::int64_t, 12> kBounds{1'000,      4'000,      16'000,      64'000,      256'000,       1'000'000,
                                                        4'000'000, 16'000'000, 64'000'000, 256'000'000, 1'000'000'000, 4'000'000'000};

  struct Snapshot {
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    std::uint64_t sum_ns = 0;

    std::uint64_t count() const {
      std::uint64_t sum = 0;
      for (const auto n : buckets) sum += n;
      return sum;
    }
    Snapshot& operator+=(const Snapshot& other) {
      for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
      sum_ns += other.sum_ns;
      return *this;
    }
  };

  // The writing thread. A clock that went backwards counts as no time.
  void observe(std::int64_t ns) {
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && ns > kBounds[bucket]) ++bucket;
    buckets_[bucket].add();
    sum_ns_.add(ns > 0 ? static_cast<std::uint64_t>(ns) : 0);
  }

  Snapshot snapshot() const {  // [any]
    Snapshot out;
    for (std::size_t i = 0; i < buckets_.size(); ++i) out.buckets[i] = buckets_[i].value();
    out.sum_ns = sum_ns_.value();
    return out;
  }

 private:
  std::array<Counter, kBounds.size() + 1> buckets_;
  Counter sum_ns_;
};

}  // namespace statecast::host

// How far something has come in each partition of its sources, told to other threads.
//
// Owned by the thread that makes the progress, a lane or a source's tail; any thread may read.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "plugin-api/include/statecast/types.hpp"

namespace statecast::host {

class Progress {
 public:
  struct At {
    std::uint16_t source = 0;
    std::uint32_t partition = 0;
    std::uint64_t hi = 0, lo = 0;  // as in a Position
    std::int64_t time_us = 0;      // event time of the last event, UTC; 0 = none yet
  };

  explicit Progress(const std::vector<At>& from) : n_(from.size()), slots_(new Slot[from.size()]) {
    for (std::size_t i = 0; i < n_; ++i) {
      slots_[i].source = from[i].source;
      slots_[i].partition = from[i].partition;
    }
  }

  void note(std::size_t slot, const Position& position) {
    slots_[slot].hi.store(position.hi, std::memory_order_relaxed);
    slots_[slot].lo.store(position.lo, std::memory_order_relaxed);
  }
  void note_time(std::size_t slot, std::int64_t time_us) { slots_[slot].time_us.store(time_us, std::memory_order_relaxed); }

  std::vector<At> read() const {  // [any]
    std::vector<At> out;
    for (std::size_t i = 0; i < n_; ++i)
      out.push_back({slots_[i].source, slots_[i].partition, slots_[i].hi.load(std::memory_order_relaxed),
                     slots_[i].lo.load(std::memory_order_relaxed), slots_[i].time_us.load(std::memory_order_relaxed)});
    return out;
  }

 private:
  struct alignas(64) Slot {
    std::uint16_t source = 0;
    std::uint32_t partition = 0;
    std::atomic<std::uint64_t> hi{0}, lo{0};
    std::atomic<std::int64_t> time_us{0};
  };
  std::size_t n_;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace statecast::host

// The time that the host and its plugins go by, where the machine's wall clock may jump: set wrong, put right, or in 1970
// after a boot.
//
// It runs as the machine does (CLOCK_BOOTTIME). A jump of the wall clock, forward or back, is told, and is followed when it
// has stood for kStands; until then times go on as before. And a jump is no age: aged_us goes by the least that the clock
// has said within that age of *running* time, over restarts where there is a file. While the host is down, nothing ages.
// Owned by the composition root, outlives everything else that looks at a clock. [any]
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <string>

#include "host/streaming/host_services.hpp"

namespace statecast::host {

class TrustedClock final : public Clock {
 public:
  static constexpr std::int64_t kStepUs = 1'000'000;         // what is less is drift, and followed at once
  static constexpr std::int64_t kStandsUs = 300'000'000;     // for so long a jump may be put right again
  static constexpr std::size_t kPeriods = 256;

  // `file` keeps what is known over restarts; empty = nothing is kept.
  explicit TrustedClock(std::string file, const Clock& machine = system_clock());

  std::int64_t now_us() const override { return running_us() + offset_us_.load(std::memory_order_relaxed); }
  std::int64_t wall_us() const override { return machine_.now_us(); }
  std::int64_t mono_ns() const override { return machine_.mono_ns(); }
  std::int64_t running_ns() const override { return machine_.running_ns(); }
  std::int64_t aged_us(std::int64_t age_us) const override;

  // Looks whether the machine's clock has jumped: to be called about once a second.
  void look() const;
  // Writes the file, if it is time to. It may hang in the disk. [store; main at the end]
  void keep(bool now = false);

 private:
  // From `begin_us` of running time on, the clock said no less than that time and `offset_us`. The first holds for all
  // that was before it as well.
  struct Period {
    std::int64_t begin_us, offset_us;
  };
  std::int64_t running_us() const { return before_us_ + (machine_.running_ns() - began_ns_) / 1000; }
  bool load();
  void begin(std::int64_t machine_offset_us);
  void look_locked(std::int64_t running_us) const;
  void note(std::int64_t running_us, std::int64_t least_offset_us) const;

  const std::string file_;
  const Clock& machine_;
  const std::int64_t began_ns_;
  std::int64_t before_us_ = 0;                        // for how long it ran in earlier runs
  mutable std::atomic<std::int64_t> offset_us_{0};    // of now_us(), to running time

  mutable std::mutex mutex_;
  // Under mutex_:
  mutable std::int64_t machine_offset_us_ = 0;        // of the machine's clock, at the last look
  mutable std::int64_t jumped_us_ = -kStandsUs;       // running time of its last jump
  mutable std::deque<Period> periods_;                // never empty, oldest first
  mutable bool changed_ = false;                      // since the file was written
  std::int64_t kept_us_ = -kStandsUs;                 // running time when it was; the keeper's alone
  bool failing_ = false;                              // the keeper's alone
};

}  // namespace statecast::host

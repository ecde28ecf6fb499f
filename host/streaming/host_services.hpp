// The host's side of one instance: the sc_host table given to its create(), and what the instance counted through it.
//
// Owned beside the instance, outlives it. Calls come from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "plugin-api/include/statecast/abi/host.h"

namespace statecast::host {

// Where the host and its plugins read the time.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t now_us() const;   // UTC
  virtual std::int64_t mono_ns() const;  // as std::chrono::steady_clock
  virtual std::int64_t wall_us() const { return now_us(); }  // as the machine has it, right or wrong
  // As mono_ns, but it goes on while the machine sleeps.
  virtual std::int64_t running_ns() const;
  // What has this time or one before has been there for `age_us` at least. By it is judged what is evicted for its age.
  virtual std::int64_t aged_us(std::int64_t age_us) const { return now_us() - age_us; }
};

const Clock& system_clock();

class HostServices {
 public:
  HostServices(std::string instance, const Clock& clock, std::function<void()> wake = {});
  HostServices(const HostServices&) = delete;
  HostServices& operator=(const HostServices&) = delete;

  const sc_host* table() const { return &table_; }

  struct Metric {
    std::string name, help, unit;
    std::uint32_t kind = 0;  // SC_METRIC_*
    std::atomic<double> value{0};
  };
  // Metrics declared so far. [any]
  std::uint32_t metric_count() const { return metrics_used_.load(std::memory_order_acquire); }
  const Metric& metric(std::uint32_t i) const { return metrics_[i]; }
  // For an instance that takes the place of another. [the thread that makes it]
  void reset_gauges() {
    for (std::uint32_t i = 0; i < metric_count(); ++i)
      if (metrics_[i].kind == SC_METRIC_GAUGE) metrics_[i].value.store(0, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint32_t kMetrics = 64;

  static HostServices& self(void* ctx) { return *static_cast<HostServices*>(ctx); }
  std::uint32_t declare(std::uint32_t kind, sc_str name, sc_str help, sc_str unit);

  std::string instance_;
  const Clock& clock_;
  std::function<void()> wake_;
  std::atomic<std::uint32_t> metrics_used_{0};
  std::array<Metric, kMetrics> metrics_;
  sc_host table_;
};

}  // namespace statecast::host

#include "host/streaming/host_services.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

#include "host/ops/log.hpp"
#include "host/streaming/host_fault.hpp"
#include "plugin-api/include/statecast/types.hpp"

namespace statecast::host {

std::int64_t Clock::now_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::int64_t Clock::mono_ns() const {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::int64_t Clock::running_ns() const {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

const Clock& system_clock() {
  static const Clock clock;
  return clock;
}

HostServices::HostServices(std::string instance, const Clock& clock, std::function<void()> wake)
    : instance_(std::move(instance)), clock_(clock), wake_(std::move(wake)), table_{} {
  table_.size = sizeof table_;
  table_.abi = SC_ABI_VERSION;
  table_.ctx = this;
  table_.log = [](void* ctx, std::uint32_t level, sc_str text) {
    HostFault none;  // a line that there is no memory for is lost
    none.keep([&] { log::write(static_cast<log::Level>(std::min<std::uint32_t>(level, SC_LOG_ERROR)), self(ctx).instance_, view(text)); });
  };
  table_.now_us = [](void* ctx) { return self(ctx).clock_.wall_us(); };
  table_.mono_ns = [](void* ctx) { return self(ctx).clock_.mono_ns(); };
  table_.metric = [](void* ctx, std::uint32_t kind, sc_str name, sc_str help, sc_str unit) {
    return self(ctx).declare(kind, name, help, unit);
  };
  table_.metric_add = [](void* ctx, std::uint32_t metric, double v) {
    if (metric >= self(ctx).metric_count()) return;
    Metric& counted = self(ctx).metrics_[metric];
    const bool falls = counted.kind == SC_METRIC_COUNTER && !(v >= 0);  // whoever reads a counter takes that for a restart
    if (!falls) counted.value.fetch_add(v, std::memory_order_relaxed);
  };
  table_.wake = [](void* ctx) {
    if (self(ctx).wake_) self(ctx).wake_();
  };
  table_.get_extension = [](void*, sc_str) -> const void* { return nullptr; };
  table_.aged_us = [](void* ctx, std::int64_t age_us) { return self(ctx).clock_.aged_us(age_us); };
}

std::uint32_t HostServices::declare(std::uint32_t kind, sc_str name, sc_str help, sc_str unit) {
  const std::uint32_t used = metric_count();
  for (std::uint32_t i = 0; i < used; ++i)
    if (metrics_[i].name == view(name)) return i;
  if (used == kMetrics) {
    log::warning(instance_, "declares more than 64 metrics; '" + std::string(view(name)) + "' is not counted");
    return kMetrics;
  }
  Metric& metric = metrics_[used];
  metric.name = view(name);
  metric.help = view(help);
  metric.unit = view(unit);
  metric.kind = kind;
  metrics_used_.store(used + 1, std::memory_order_release);
  return used;
}

}  // namespace statecast::host

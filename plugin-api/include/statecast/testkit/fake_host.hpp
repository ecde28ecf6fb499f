// A host for one instance that only writes down what it is told, and clocks that a test drives.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "../types.hpp"

namespace statecast::testkit {

// The wall clock stands still but for advance(). The monotonic clock runs by itself, because plugins wait by it, and
// advance() moves it on as well. Any thread.
class ManualClock {
 public:
  std::int64_t now_us() const { return now_us_; }
  std::int64_t mono_ns() const {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count() + advanced_ns_;
  }

  void set(std::int64_t now_us) { now_us_ = now_us; }
  void advance(std::chrono::microseconds by) {
    now_us_ += by.count();
    advanced_ns_ += std::chrono::nanoseconds(by).count();
  }

 private:
  std::atomic<std::int64_t> now_us_ = 1'700'000'000'000'000;
  std::atomic<std::int64_t> advanced_ns_ = 0;
};

struct LogLine {
  std::uint32_t level = 0;  // SC_LOG_*
  std::string text;
  bool operator==(const LogLine&) const = default;
};

// The host's services for one instance. Owned by a kit or a test; plugins may call it from any thread.
class FakeHost {
 public:
  FakeHost() = default;
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  ManualClock clock;

  const sc_host* abi() const { return &abi_; }

  std::vector<LogLine> log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }

  // The sum of what was added to a metric; 0 when no such metric was declared.
  double metric(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto number = numbers_.find(name);
    return number == numbers_.end() ? 0 : values_[number->second];
  }

  int wakes() const { return wakes_; }

  // As after a jump of the clock: nothing of this time or later is old enough to be evicted.
  void hold_ages_at(std::int64_t time_us) { young_us_ = time_us; }

 private:
  static FakeHost& at(void* ctx) { return *static_cast<FakeHost*>(ctx); }

  static void on_log(void* ctx, std::uint32_t level, sc_str text) {
    const std::lock_guard lock(at(ctx).mutex_);
    at(ctx).log_.push_back({level, std::string(view(text))});
  }

  static std::uint32_t on_metric(void* ctx, std::uint32_t, sc_str name, sc_str, sc_str) {
    FakeHost& host = at(ctx);
    const std::lock_guard lock(host.mutex_);
    const auto [number, added] = host.numbers_.try_emplace(std::string(view(name)), host.values_.size());
    if (added) host.values_.push_back(0);
    return static_cast<std::uint32_t>(number->second);
  }

  static void on_metric_add(void* ctx, std::uint32_t metric, double value) {
    const std::lock_guard lock(at(ctx).mutex_);
    at(ctx).values_.at(metric) += value;
  }

  mutable std::mutex mutex_;
  // Under mutex_:
  std::vector<LogLine> log_;
  std::map<std::string, std::size_t> numbers_;
  std::vector<double> values_;

  std::atomic<int> wakes_ = 0;
  std::atomic<std::int64_t> young_us_ = INT64_MAX;
  const sc_host abi_ = {.size = sizeof(sc_host),
                        .abi = SC_ABI_VERSION,
                        .ctx = this,
                        .log = on_log,
                        .now_us = [](void* ctx) { return at(ctx).clock.now_us(); },
                        .mono_ns = [](void* ctx) { return at(ctx).clock.mono_ns(); },
                        .metric = on_metric,
                        .metric_add = on_metric_add,
                        .wake = [](void* ctx) { ++at(ctx).wakes_; },
                        .get_extension = [](void*, sc_str) -> const void* { return nullptr; },
                        .aged_us = [](void* ctx, std::int64_t age_us) {
                          const std::int64_t aged_us = at(ctx).clock.now_us() - age_us;
                          return std::min<std::int64_t>(aged_us, at(ctx).young_us_ - 1);
                        }};
};

}  // namespace statecast::testkit

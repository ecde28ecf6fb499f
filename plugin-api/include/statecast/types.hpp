// The words of the C++ SDK: strings in and out, positions, events, the host's services.
//
// Everything here is header-only and sits on the C ABI in abi/; a plugin includes state.hpp, transport.hpp or
// source.hpp, and plugin.hpp in the one file that exports the entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "abi/entry.h"

// (hi, lo, ord) within one partition; positions of different partitions have no order. Beside sc_pos, so that every
// namespace finds them.
inline bool operator<(const sc_pos& a, const sc_pos& b) {
  if (a.hi != b.hi) return a.hi < b.hi;
  if (a.lo != b.lo) return a.lo < b.lo;
  return a.ord < b.ord;
}
inline bool operator==(const sc_pos& a, const sc_pos& b) {
  return a.hi == b.hi && a.lo == b.lo && a.ord == b.ord && a.partition == b.partition;
}

namespace statecast {

constexpr std::string_view view(sc_str s) { return s.n == 0 ? std::string_view{} : std::string_view{s.p, s.n}; }
constexpr sc_str str(std::string_view s) { return {s.data(), s.size()}; }

using Position = sc_pos;

// One event. The views die when the call that was given the event returns.
struct Event {
  Position position{};
  std::int64_t time_us = 0;  // microseconds since 1970-01-01 UTC
  std::string_view id{}, source{}, type{}, subject{};
  std::string_view data{};        // one JSON value
  std::string_view extensions{};  // JSON object
  bool replay = false;            // from a replay of history, not from the live tail
};

// Thrown by a plugin to end the call at hand with this status; its text goes to the host's log or to the client.
// Any other exception ends the call with SC_FAILED and its what(); a constructor ends with SC_REJECTED, State::apply
// rejects the event whatever was thrown.
class Failure : public std::runtime_error {
 public:
  Failure(sc_status status, const std::string& text) : std::runtime_error(text), status_(status) {}
  sc_status status() const { return status_; }

 private:
  sc_status status_;
};

// Where a call writes its output.
class Sink {
 public:
  explicit Sink(const sc_sink* sink) : sink_(sink) {}
  void write(std::string_view bytes) const { sink_->write(sink_->ctx, bytes.data(), bytes.size()); }

 private:
  const sc_sink* sink_;
};

// The host's services for one instance; cheap to copy, valid until the instance is destroyed.
class Host {
 public:
  explicit Host(const sc_host* host) : host_(host) {}

  void debug(std::string_view text) const { host_->log(host_->ctx, SC_LOG_DEBUG, str(text)); }      // [any]
  void info(std::string_view text) const { host_->log(host_->ctx, SC_LOG_INFO, str(text)); }        // [any]
  void warning(std::string_view text) const { host_->log(host_->ctx, SC_LOG_WARNING, str(text)); }  // [any]
  void error(std::string_view text) const { host_->log(host_->ctx, SC_LOG_ERROR, str(text)); }      // [any]

  std::int64_t now_us() const { return host_->now_us(host_->ctx); }    // wall clock, UTC [any]
  std::int64_t mono_ns() const { return host_->mono_ns(host_->ctx); }  // monotonic [any]
  // What has this time or one before has been there for age_us at least, however the wall clock jumped meanwhile: by it
  // is judged what is evicted for its age. [any]
  std::int64_t aged_us(std::int64_t age_us) const {
    const bool told = host_->size >= offsetof(sc_host, aged_us) + sizeof host_->aged_us;
    return told ? host_->aged_us(host_->ctx, age_us) : now_us() - age_us;
  }
  void wake() const { host_->wake(host_->ctx); }                       // refresh soon; coalesced [any]

  // Declares a metric; its number goes to add(). During construction only. [main]
  std::uint32_t counter(std::string_view name, std::string_view help, std::string_view unit = {}) const {
    return host_->metric(host_->ctx, SC_METRIC_COUNTER, str(name), str(help), str(unit));
  }
  std::uint32_t gauge(std::string_view name, std::string_view help, std::string_view unit = {}) const {
    return host_->metric(host_->ctx, SC_METRIC_GAUGE, str(name), str(help), str(unit));
  }
  void add(std::uint32_t metric, double value) const { host_->metric_add(host_->ctx, metric, value); }  // [any]

 private:
  const sc_host* host_;
};

// What an instance is told at its creation. The views die when the constructor returns; the Host may be kept.
struct Instance {
  Host host;
  std::string_view id;        // the key in the configuration
  std::string_view settings;  // JSON object: defaults filled in, durations in ms, sizes in bytes
  std::uint32_t lane = 0, lanes = 1;
};

}  // namespace statecast

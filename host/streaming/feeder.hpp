// Feeds a log from a source whose events are not kept (`into:`): one reader, whose batches go through the log's appender,
// one at a time, so that what the states read is always durable. A batch that the log cannot take now is tried again.
//
// Owned by StreamService. One thread of its own. [source]
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "host/ops/turn_guard.hpp"
#include "host/streaming/appender.hpp"
#include "host/streaming/backoff.hpp"

namespace statecast::host {

class Feeder {
 public:
  Feeder(SourceInstance& source, Appender& target, const Clock& clock);
  ~Feeder();

  void start();
  // Ends the reader; the target must still be appending. False when a plugin does not return from a call by then. [main]
  bool stop(std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + std::chrono::hours(1));

  const SourceInstance& source() const { return source_; }
  const Appender& target() const { return target_; }
  // Events that are in the log, those of them that were there before, and those that are no events or were refused. [any]
  std::uint64_t fed() const { return fed_.load(std::memory_order_relaxed); }
  std::uint64_t duplicates() const { return duplicates_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  // When reading or appending began to fail (Clock::mono_ns), 0 while it works. [any]
  std::int64_t failing_since_ns() const { return failing_since_ns_.load(std::memory_order_relaxed); }
  const PluginGuard& reader() const { return reader_.guard(); }

 private:
  static constexpr std::size_t kBatchEvents = 1024;

  void run();
  bool turn(bool open);
  bool reopen();
  sc_status poll(Ref<EventBatch>& batch);
  void feed(const Ref<EventBatch>& batch);
  void count(const EventBatch& batch, const AppendReply& reply);
  void refuse(const sc_event& event, const std::string& why);
  void on_success();
  void on_fault(const std::string& what);
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }

  SourceInstance& source_;
  Appender& target_;
  const Clock& clock_;
  SourceReader reader_;
  TurnGuard turns_;
  std::vector<Position> done_;  // by partition, what is in the log
  Backoff backoff_;
  std::atomic<std::uint64_t> fed_{0}, duplicates_{0}, refused_{0};
  std::atomic<std::int64_t> failing_since_ns_{0};
  std::atomic<bool> stopping_{false};
  std::binary_semaphore stop_signal_{0}, ended_{0};
  std::thread thread_;
};

// Why these are not the bytes of an event; nothing when they are. For events that no publisher's request was checked for.
std::optional<std::string> fault_of(const sc_event& event);

}  // namespace statecast::host

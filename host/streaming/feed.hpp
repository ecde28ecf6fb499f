// The way of a source's events to the lanes: the live tail, which never waits for a lane, and for each lane a catch-up
// reader for the times when it is behind: at the start, and after its mailbox was full.
//
//   tail:     poll, or what the appender hands over -> route -> post to every live lane; a full lane becomes *behind* and
//             is left to its catch-up
//   catch-up: poll -> post, waiting for room -> near the tail, asks to join -> the tail posts what lies between
//
// Owned by StreamService. Each reader has a thread of its own [source]. Of a source that nobody else adds to, the tail is
// what its appender has stored: nothing is read back, and the tail runs on the appender's thread [append].
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <semaphore>
#include <string_view>
#include <thread>
#include <vector>

#include "host/ops/turn_guard.hpp"
#include "host/streaming/backoff.hpp"
#include "host/streaming/instances.hpp"
#include "host/streaming/progress.hpp"
#include "host/streaming/router.hpp"

namespace statecast::host {

class Feed {
 public:
  Feed(SourceInstance& source, Router router, const Clock& clock);
  ~Feed();

  // The tail is handed over by the source's appender: every event that it has stored, in order. `wake` has it call tend()
  // soon. Before start() only. [main]
  void follow_appender(std::function<void()> wake) { wake_appender_ = std::move(wake); }
  void hand_over(std::vector<Ref<EventBatch>> batches);  // of one append [append]
  // Something that was stored was not handed over: the lanes read it back. [append]
  void on_missed() { missed_ = true; }
  // Looks after the lanes: those that began anew, and those that ask to join the tail. [tail]
  void tend();

  // Gives every lane what follows its start (LaneStart). [main]
  void start();
  // Ends all readers. Lanes must be closed first or still be draining. False when the source does not return from a call by
  // then. [main]
  bool stop(std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + std::chrono::hours(1));

  // Whether every lane has reached the live tail once, and folded what came before. [any]
  bool caught_up() const { return never_live_.load() == 0; }
  // When the source began to fail (Clock::mono_ns), 0 while it works. [any]
  std::int64_t failing_since_ns() const { return failing_since_ns_.load(); }
  const SourceInstance& source() const { return source_; }
  // Lanes that are not on the live tail now. [any]
  std::size_t behind() const { return behind_.load(); }
  // Those of them that have never been. [any]
  std::size_t replaying() const { return never_live_.load(); }
  // Events that the tail read, and those of them that no lane gets. [any]
  std::uint64_t read_by_tail() const { return read_by_tail_.value(); }
  std::uint64_t unconsumed() const { return unconsumed_.value(); }
  std::uint64_t read_catching_up() const;  // [any]
  // The newest event that the tail knows of, by partition. [any]
  std::vector<Progress::At> newest() const { return newest_.read(); }

  // Calls take(guard) for every reader's. [any]
  template <class Take>
  void for_each_reader(Take&& take) const {
    take(tail_.guard());
    for (const auto& consumer : consumers_) take(consumer->reader.guard());
  }

 private:
  enum class Stage : int { kResting, kCatchingUp, kAsking, kRefused, kStopping };

  // One lane's side of the feed. `done` belongs to whoever feeds the lane: the tail while live, else its catch-up.
  struct Consumer {
    explicit Consumer(SourceInstance& source) : reader(source), turns(ThreadRole::kSource, source.id()) {}
    Lane* lane = nullptr;
    std::size_t place = 0;       // in the router
    std::vector<Position> done;  // for each partition, what the lane has been given
    std::uint32_t generation = 0;  // of the lane's start that `done` counts from
    bool started = false;          // there has been one
    bool live = false;           // tail only
    bool was_live = false;       // tail only
    SourceReader reader;         // catch-up only
    TurnGuard turns;             // catch-up only
    Counter read;                // events; catch-up only
    std::atomic<Stage> stage{Stage::kResting};
    std::thread thread;
  };
  struct Retained {
    Ref<EventBatch> batch;
    std::vector<std::vector<std::uint32_t>> indices;  // by place in the router
    std::size_t unconsumed = 0;                       // events of a type that no state wants
  };

  static constexpr std::size_t kBatchEvents = 256;
  static constexpr std::size_t kRetainedBatches = 64;
  static constexpr std::size_t kRetainedBytes = 16 * 1024 * 1024;

  void run_tail();
  bool tail_turn(bool open, Backoff& backoff);
  void run_catch_up(Consumer& consumer);
  bool catch_up(Consumer& consumer, Backoff& backoff);
  bool follow_start(Consumer& consumer) const;
  bool catch_up_turn(Consumer& consumer, Backoff& backoff);
  bool ask_to_join(Consumer& consumer);
  void answer_joins();
  void join(Consumer& consumer);
  void on_tail_batch(Ref<EventBatch> batch);
  bool are_news(const std::vector<Ref<EventBatch>>& batches) const;
  void read_back(std::string_view why);
  void wake_tail();
  void retain(Retained batch);
  bool give(Consumer& consumer, const Retained& batch, bool wait);
  static bool up_to_date(const Consumer& consumer) { return consumer.generation == consumer.lane->generation(); }
  void leave_behind(Consumer& consumer, std::string_view why);
  sc_status poll(SourceReader& reader, std::chrono::milliseconds wait, bool replay, Ref<EventBatch>& batch);
  Retained routed(Ref<EventBatch> batch) const;
  bool reopen(SourceReader& reader, std::vector<Position>& after);
  void on_fault(const SourceReader& reader, Backoff& backoff);
  std::vector<Position> edge(bool newest) const;
  void note_newest();
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }

  SourceInstance& source_;
  const Router router_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Consumer>> consumers_;

  std::function<void()> wake_appender_;  // null: the tail is read
  SourceReader tail_;                // with what follows: tail only
  TurnGuard turns_;
  bool missed_ = false;              // there are events that `at_` or a live lane has not, and the tail will not have
  std::vector<Position> at_;         // the tail's positions
  std::vector<Position> reach_back_; // positions before the oldest retained batch
  std::deque<Retained> retained_;
  std::size_t retained_bytes_ = 0;
  Counter read_by_tail_, unconsumed_;
  Progress newest_;

  std::atomic<bool> stopping_{false};
  std::counting_semaphore<> stop_signal_{0};
  std::atomic<std::size_t> never_live_{0}, behind_{0};
  std::atomic<std::int64_t> failing_since_ns_{0};
  std::counting_semaphore<> ended_{0};  // one for each thread that has
  std::thread tail_thread_;
  bool started_ = false;
};

}  // namespace statecast::host

// The one thread that publishes to a source: it takes all requests that wait, gives their events to the source in one
// append (so publishers share one fsync), and answers each request on its shard once the source says durable.
//
// What it has stored it hands on to the feed at once, where nobody else adds to the source (`exclusive` in its manifest).
//
// Between appends it looks after the source: it tells it what the states have saved, and after a failure asks until it
// takes events again.
//
// Owned by StreamService. [append]
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

#include "host/ops/turn_guard.hpp"
#include "host/streaming/gathering.hpp"
#include "host/streaming/instances.hpp"
#include "host/streaming/messages.hpp"

namespace statecast::host {

class Feed;

// For one that appends and may wait, which a shard may not.
struct AppendWaiter {
  AppendReply reply;
  std::binary_semaphore replied{0};
};

struct AppendRequest {
  RequestRef request;
  Ref<EventBatch> events;
  AppendWaiter* waiter = nullptr;  // gets the reply instead of the request's shard; must live until then
  std::int64_t posted_ns = 0;      // set by the post
};

class Appender {
 public:
  Appender(SourceInstance& source, std::vector<ShardInbox*> shards, std::chrono::milliseconds upkeep = std::chrono::seconds(1));
  ~Appender();

  // What every state that reads the source has saved, a position for each partition; empty = nobody knows. Called by the
  // appender's thread once a round of upkeep; before start() only. [main]
  void acknowledge(std::function<std::vector<Position>()> saved) { saved_ = std::move(saved); }

  // The tail of this feed is what is appended here. Before start() only; the feed outlives the thread. [main]
  void hand_to(Feed& feed);

  void start();
  // Appends what is waiting, answers it and ends. False when the source does not return from a call by then. [main]
  bool stop(std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + std::chrono::hours(1));

  // Hands over a request; false when too many wait, and then it is untouched. It is looked at after the next wake(), of
  // which one is enough for many, or when there is little room left. [any]
  bool post(AppendRequest& request) {
    request.posted_ns = system_clock().mono_ns();
    if (!mailbox_.try_put(request)) return false;
    if (mailbox_.size() > kRequests / 2) wake();
    return true;
  }
  void wake() { mailbox_.wake(); }
  // The same, waiting for room; false when the appender ends. [source]
  bool post_wait(AppendRequest& request) {
    request.posted_ns = system_clock().mono_ns();
    return mailbox_.push_wait(request);
  }

  // What became of events and appends so far. [any]
  const SourceInstance& source() const { return source_; }
  std::uint64_t events() const { return stored_.value(); }
  std::uint64_t duplicates() const { return duplicates_.value(); }
  std::uint64_t refused() const { return refused_.value(); }  // one by one, by the source
  std::uint64_t failed() const { return failed_.value(); }    // with a whole append
  std::uint64_t commits() const { return commits_.value(); }
  // From the post of a request to the end of its append, whatever came of it.
  Histogram::Snapshot times() const { return times_.snapshot(); }
  std::size_t waiting() const { return mailbox_.size(); }
  const PluginGuard& guard() const { return guard_; }
  // When the source last refused to store (Clock::mono_ns), 0 when it could at the last look. [any]
  std::int64_t last_failed_ns() const { return last_failed_ns_.load(std::memory_order_relaxed); }
  // Why the source takes no events; nothing when it does. [any]
  std::optional<std::string> fault() const;
  // When the thread last came round (Clock::mono_ns): not while the source hangs in a call. [any]
  std::int64_t alive_ns() const { return alive_ns_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kRequests = 1024;
  static constexpr std::size_t kEventsACommit = 16 * 1024;
  static constexpr std::size_t kBytesACommit = 16 * 1024 * 1024;
  static constexpr std::size_t kEventsABatch = 256;  // handed on

  // How often the thread comes round at least, so that one that does not is noticed.
  static constexpr std::chrono::milliseconds kRound{250};
  // A broken source is asked less often: it will hardly mend itself, and each answer is logged.
  static constexpr int kRoundsWhenBroken = 30;

  using SteadyTime = std::chrono::steady_clock::time_point;

  void run();
  void turn();
  void gather();
  void take_group();
  void commit();
  void on_stored();
  void on_failure(sc_status status, std::size_t events);
  void hand_on(const std::vector<AppendReply::Receipt>& receipts);
  std::vector<Ref<EventBatch>> stored(const std::vector<AppendReply::Receipt>& receipts) const;
  void look_after(SteadyTime now);
  void probe();
  void tell_saved();
  void count(const std::vector<AppendReply::Receipt>& receipts);
  void answer_rest();
  void answer(const AppendRequest& request, AppendReply reply);

  SourceInstance& source_;
  const std::vector<ShardInbox*> shards_;
  const std::chrono::milliseconds upkeep_;
  PluginGuard guard_;
  TurnGuard turns_;
  std::function<std::vector<Position>()> saved_;
  Feed* feed_ = nullptr;
  Mailbox<AppendRequest> mailbox_{kRequests};
  Gathering gathering_;
  std::vector<AppendRequest> group_;         // of the commit under way
  std::vector<const sc_event*> group_events_;
  std::size_t answered_ = 0;                 // of the group
  Counter stored_, duplicates_, refused_, failed_, commits_;
  Histogram times_;
  std::atomic<std::int64_t> last_failed_ns_{0}, alive_ns_{0};
  SteadyTime next_upkeep_{}, next_probe_{};
  mutable std::mutex mutex_;
  std::string fault_;  // under mutex_; of the last failure
  std::binary_semaphore ended_{0};
  std::thread thread_;
};

}  // namespace statecast::host

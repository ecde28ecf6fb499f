// The one thread that runs one State instance, or one partition of it. It folds events, refreshes, admits clients, serves
// snapshots and sends changes out; everything it is asked comes through one mailbox, everything it says to a shard goes in
// one batch a turn.
//
// Owned by StreamService. Public functions are [main] unless marked; all else is [lane].
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "host/config/settings.hpp"
#include "host/streaming/breaker.hpp"
#include "host/streaming/progress.hpp"
#include "host/streaming/snapshots.hpp"

namespace statecast::host {

struct LaneStatus {
  std::uint64_t events = 0, applied = 0, rejected = 0;  // events = the other two
  std::uint64_t failures = 0, renders = 0, render_failures = 0, frames = 0, frames_posted = 0, keys = 0;
  std::vector<Progress::At> positions;
  std::int64_t busy_since_ns = 0;  // 0 = idle
  std::size_t waiting = 0;         // messages in the mailbox
};

class Lane {
 public:
  Lane(std::uint16_t number, const StateSettings& settings, std::uint32_t partition, std::unique_ptr<StateInstance> state,
       Positions positions, const std::vector<Encoding>& encodings, std::vector<ShardInbox*> shards, const Clock& clock);
  ~Lane();

  void start();
  // Lets the thread end after what is in the mailbox.
  void close();
  bool closed() const { return mailbox_.closed(); }  // [any]
  // False when the thread has not ended by then: the State does not return from a call.
  bool join_until(std::chrono::steady_clock::time_point deadline);

  // Hands over a message; false when the mailbox is full, and then the message is untouched. [any]
  bool post(LaneMessage& message);
  bool post(LaneMessage&& message) { return post(message); }
  // The same, and asks for the shard's inbox to be woken when there is room again. [shard]
  bool post_or_ask(LaneMessage& message, std::uint16_t shard);
  // The same for events. Events and what clients ask share one order, but neither can take the other's room. [source]
  bool post_events(LaneMessage& message);
  bool post_events_wait(LaneMessage& message);  // false when the lane is closed
  void wake() { mailbox_.poke(); }  // refresh soon [any]

  std::uint16_t number() const { return number_; }
  std::uint32_t partition() const { return partition_; }
  const std::string& id() const { return state_->id(); }
  LaneStatus status() const;  // [any]
  // When the turn under way began (Clock::mono_ns), 0 between turns. [any]
  std::int64_t busy_since_ns() const { return busy_since_ns_.load(std::memory_order_relaxed); }
  const Breaker& breaker() const { return breaker_; }
  const StateInstance& state() const { return *state_; }
  const Fanout& fanout() const { return fanout_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::uint32_t kRequests = 1024, kEvents = 256;  // messages waiting, of each kind
  static constexpr std::size_t kMessagesATurn = 64, kChangesAFlush = 1024;
  static constexpr std::chrono::seconds kAheadWait{2};

  void run();
  void turn();
  void flush();
  void resend_all();
  void refresh_if_due();
  void answer_parked();
  void note_positions();
  void note_removals();
  bool has_all(const Admit::Leg& leg, const std::vector<Position>& after);
  void note_rejections(const EventBatch& batch, const std::vector<std::uint32_t>& indices);
  Time next_deadline() const;
  std::chrono::milliseconds jittered_interval();

  void on(std::monostate&) {}
  void on(Events& message);
  void on(Joined& message) { message.remaining->fetch_sub(1); }
  void on(Admit& message);
  void on(Subscribe& message) { flush(), snapshots_.begin(message); }
  void on(Pull& message) { flush(), snapshots_.next(message.session, message.group); }
  void on(Cancel& message) { flush(), snapshots_.cancel(message); }
  void on(Unsubscribe& message) { flush(), interest_.remove(message.channel, message.shard); }
  void on(Recode& message) { flush(), snapshots_.recode(message); }
  void on(ReadValue& message);
  void on(Await& message);
  void read_history(const ReadValue& message, const std::string& view_name, Value& value);
  std::vector<std::vector<Position>> cursors_ahead(const Admit& message) const;
  void admit(const Admit& message);
  void give_room();
  bool answer(const Await& message);

  const std::uint16_t number_;
  const std::uint32_t partition_;
  const bool send_always_;
  const std::chrono::milliseconds refresh_;
  const Clock& clock_;
  std::unique_ptr<StateInstance> state_;
  Breaker breaker_;
  Positions positions_;  // folded
  Positions sent_;       // told to clients; catches up at each flush
  InterestTable interest_;
  ChangeSet changes_;
  Outbox outbox_;
  Fanout fanout_;
  Snapshots snapshots_;
  Mailbox<LaneMessage> mailbox_{2 * (kRequests + kEvents)};
  std::atomic<std::uint32_t> requests_waiting_{0}, events_waiting_{0};
  const std::vector<ShardInbox*> shards_;
  const std::unique_ptr<std::atomic<bool>[]> wants_room_;  // by shard

  struct ParkedAdmit {
    Admit message;
    Time until;
    std::vector<std::vector<Position>> ahead;  // the cursors that it waits for
  };
  struct ParkedAwait {
    Await message;
    Time until;
  };
  std::vector<ParkedAdmit> parked_admits_;  // wait until the lane has reached their cursors
  std::vector<ParkedAwait> parked_awaits_;  // wait until the lane has folded their events
  bool moved_ = false;  // positions went forward since the parked ones were looked at
  Time next_refresh_;
  std::minstd_rand random_;
  std::vector<const sc_event*> events_;     // of the apply call under way

  Counter applied_;
  std::atomic<std::uint64_t> rejected_{0}, keys_{0};
  Progress reached_;
  std::atomic<std::int64_t> busy_since_ns_{0};
  std::binary_semaphore finished_{0};
  std::thread thread_;
};

}  // namespace statecast::host

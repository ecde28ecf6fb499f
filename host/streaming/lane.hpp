// The one thread that runs one State instance, or one partition of it. It folds events, refreshes, admits clients, serves
// snapshots and sends changes out; everything it is asked comes through one mailbox, everything it says to a shard goes in
// one batch a turn.
//
//   lane.cpp          its turns, events in, changes out; lane_requests.cpp: what clients ask
//   lane_restore.cpp  where it begins: at a checkpoint, at the start, and again after its State failed; dead letters
//
// A lane begins at its checkpoint, tells the feeds from where it wants events (LaneStart), and answers clients once it has
// come to where it was before, or to the end of what there was when it began; until then their requests wait.
// Owned by StreamService. Public functions are [main] unless marked; all else is [lane].
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "host/config/settings.hpp"
#include "host/ops/turn_guard.hpp"
#include "host/streaming/breaker.hpp"
#include "host/streaming/checkpointer.hpp"
#include "host/streaming/history_reads.hpp"
#include "host/streaming/progress.hpp"
#include "host/streaming/snapshots.hpp"

namespace statecast::host {

struct LaneStatus {
  std::uint64_t events = 0, applied = 0, rejected = 0;  // events = the other two
  std::uint64_t held = 0;                               // so far; those that are held still are in none of the others
  std::uint64_t failures = 0, renders = 0, render_failures = 0, frames = 0, frames_posted = 0, keys = 0;
  std::vector<Progress::At> positions;
  std::int64_t busy_since_ns = 0;  // 0 = idle
  std::size_t waiting = 0;         // messages in the mailbox
  CheckpointStatus checkpoints;
  std::size_t dead_letters = 0, dead_letter_bytes = 0;
  std::uint64_t dead_letters_dropped = 0;
  std::size_t history_bytes = 0, history_topics = 0;  // of appended topics: in memory; known
  Histories::Counts history;
  HistoryBounds history_bounds;
};

// From where a lane wants the events of its sources. Each start has a number; events of an earlier one are not taken.
struct LaneStart {
  std::uint32_t generation = 0;
  std::vector<Progress::At> after;
};

class Lane {
 public:
  Lane(std::uint16_t number, const StateSettings& settings, std::uint32_t partition, std::unique_ptr<StateInstance> state,
       Positions positions, const std::vector<Encoding>& encodings, std::vector<ShardInbox*> shards, const Clock& clock,
       const HistoryBounds& history = {}, Store* store = nullptr, std::chrono::milliseconds checkpoints = std::chrono::seconds(5));
  ~Lane();

  // Clients are answered from when the lane has come to these positions, one for each slot; none = at once.
  void start(std::vector<Position> serve_from = {});
  // Lets the thread end after what is in the mailbox, and after a last checkpoint.
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
  // An answer of the store; there is always room for it. [store]
  void post_reply(LaneMessage message) { mailbox_.try_push(message); }

  // The number of the start under way; events with another are not taken. [any]
  std::uint32_t generation() const { return generation_.load(std::memory_order_acquire); }
  // The start under way; waits while the lane takes no events. Nothing when it is closed. [source]
  std::optional<LaneStart> await_start();

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
  void take(LaneMessage& message);
  void flush();
  void resend_all();
  void refresh_if_due();
  void answer_parked();
  void note_positions();
  void note_removals();
  void note_histories();
  void tell_dropped(const Histories::Counts& counts);
  bool has_all(const Admit::Leg& leg, const std::vector<Position>& after);
  bool fold(const EventBatch& batch, const std::vector<std::uint32_t>& indices);
  bool apply(const EventBatch& batch, const std::vector<std::uint32_t>& indices);
  void note_failures(const EventBatch& batch, const std::vector<std::uint32_t>& indices, std::uint64_t failed);
  void note_resolved(const EventBatch& batch, const std::vector<std::uint32_t>& indices);
  void leave_out(const EventBatch& batch, std::vector<std::uint32_t>& indices);
  void serve_if_there();
  void send_all_again();

  // lane_restore.cpp
  void restore();
  std::string load(bool& found);
  std::string load_checkpoint(bool& found);
  bool load_salvaged();
  std::string ahead(const StoredCheckpoint& stored) const;
  void load_dead_letters(bool keep_failed);
  void publish_start();
  void stop_taking();
  void halt();
  template <class Work>
  void insist(Work&& work);
  void make_anew();
  void make_anew_after(const EventBatch& batch, const std::vector<std::uint32_t>& indices);
  void try_again();
  void on_not_made(const std::string& why);
  void on_turn_failed();
  void take_letters(const TakeDeadLetters& message, TakenLetters& taken);
  void take_letter(std::size_t place, const DeadLetter& letter, bool redeliver, TakenLetters& taken);
  void note_rejections(const EventBatch& batch, const std::vector<std::uint32_t>& indices);
  void note_refusals();
  Time next_deadline() const;
  std::chrono::milliseconds jittered_interval();

  void on(std::monostate&) {}
  void on(Events& message);
  void on(Joined& message) { message.remaining->fetch_sub(1); }
  void on(Admit& message);
  void on(Subscribe& message) { snapshots_.begin(message); }
  void on(Pull& message) { snapshots_.next(message); }
  void on(Cancel& message) { snapshots_.cancel(message); }
  void on(Unsubscribe& message) { interest_.remove(message.channel, message.shard); }
  void on(Recode& message) { snapshots_.recode(message); }
  void on(ReadValue& message);
  void on(Await& message);
  void on(Saved& message) { message.looked ? checkpointer_.on_look(message.lost) : checkpointer_.on_saved(); }
  void on(Fetched& message) { older_.on(message); }
  void on(TakeDeadLetters& message);
  std::vector<std::vector<Position>> cursors_ahead(const Admit& message) const;
  void admit(const Admit& message);
  void give_room();
  bool answer(const Await& message);
  AwaitReply::Event outcome_of(const Await::Event& event) const;

  const std::uint16_t number_;
  const std::uint32_t partition_;
  const bool send_always_;
  const std::chrono::milliseconds refresh_;
  const Clock& clock_;
  const HistoryBounds history_bounds_;
  std::unique_ptr<StateInstance> state_;
  TurnGuard turns_;
  Breaker breaker_;
  Positions positions_;  // folded
  Positions sent_;       // told to clients; catches up at each flush
  InterestTable interest_;
  ChangeSet changes_;
  Outbox outbox_;
  Fanout fanout_;
  OlderMessages older_;
  HistoryReads reads_;
  Snapshots snapshots_;
  Checkpointer checkpointer_;
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
  bool drop_told_ = false, topics_told_ = false;  // in the log: messages went because of the memory; topics of their number
  bool moved_ = false;  // positions went forward since the parked ones were looked at
  std::deque<LaneMessage> held_;        // what clients asked, until the lane serves them; counted as waiting
  bool taking_ = false, serving_ = false;  // events; clients
  std::vector<Position> serve_from_;
  std::vector<Position> singly_until_;  // events up to here made the State fail in a batch: one a call
  bool began_anew_ = false;             // clients get all values again when the lane serves them
  Time next_refresh_;
  std::minstd_rand random_;
  std::vector<const sc_event*> events_;     // of the apply call under way

  Counter applied_;
  std::atomic<std::uint64_t> rejected_{0}, held_events_{0}, keys_{0};
  Progress reached_;
  std::atomic<std::size_t> dead_letters_{0}, dead_letter_bytes_{0}, history_bytes_{0}, history_topics_{0};
  std::atomic<std::uint64_t> history_evicted_{0}, history_dropped_{0}, history_topics_dropped_{0}, dead_letters_dropped_{0};
  std::atomic<std::uint32_t> generation_{0}, starts_{0};  // starts_ counts publications, so that one can wait for it
  std::mutex start_mutex_;
  std::optional<LaneStart> start_;  // guarded by start_mutex_; nothing while no events are taken
  std::atomic<std::int64_t> busy_since_ns_{0};
  std::binary_semaphore finished_{0};
  std::thread thread_;
};

}  // namespace statecast::host

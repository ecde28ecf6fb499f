// Saves what a lane's State knows, beside its work: at most kKeysATurn keys at the end of a turn, until none is left that
// changed; what the lane knew at that moment is the cut, and it takes effect in the store as a whole. A key that changes
// while a checkpoint is copied is saved again with it.
//
// Without a store it does nothing. Owned by its lane. [lane]
#pragma once

#include <atomic>
#include <chrono>
#include <deque>

#include "host/streaming/change_set.hpp"
#include "host/streaming/instances.hpp"
#include "host/streaming/progress.hpp"
#include "host/streaming/store.hpp"

namespace statecast::host {

struct CheckpointStatus {
  std::uint64_t checkpoints = 0, keys = 0, failures = 0;
  std::int64_t saved_ns = 0;          // when the last one was durable (Clock::mono_ns); 0 = none since the start
  std::int64_t failing_since_ns = 0;  // 0 = the last one was saved
  std::vector<Progress::At> positions;
};

class Checkpointer {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kKeysATurn = 1'000;

  Checkpointer(std::uint16_t lane, StateInstance& state, ChangeSet& changes, const Positions& positions, const Clock& clock,
               Store* store, std::chrono::milliseconds every);

  bool keeps() const { return store_ != nullptr; }
  StateFile& file() { return store_->file(lane_); }

  // The end of a turn: goes on with a checkpoint, or begins one that is due.
  void step(Time now);
  Time next_deadline(Time now) const;
  void on_saved();  // the store is done with one
  void on_look(const std::string& lost);  // the store says that the file is lost, or there again
  // Saves all that is unsaved and waits until it is durable; why not, or nothing. Blocks, with a deadline.
  std::string save_now();

  // Waits until the store has done all that it was given, and forgets the checkpoint under way. False when it does not answer.
  bool settle();
  // The state begins at what the store has, or, `anew`, at the start of history: then the next checkpoint replaces the old one.
  void begin_at(bool anew);

  CheckpointStatus status() const;  // [any]

 private:
  enum class Stage { kIdle, kCopying, kWaiting };
  static constexpr std::chrono::seconds kPatience{5};

  bool due(Time now) const;
  void begin();
  void copy();
  CheckpointRows take_rows(std::size_t max);
  SaveCut take_cut();
  void finish();
  void give_up(const std::string& why, CheckpointCut* cut);
  void begin_over(const std::vector<DeadLetterRef>& left);
  std::string save_once();
  bool post_all_until(Time deadline);
  bool post_outgoing();
  bool moved() const;

  const std::uint16_t lane_;
  StateInstance& state_;
  ChangeSet& changes_;
  const Positions& positions_;
  const Clock& clock_;
  Store* const store_;
  const std::chrono::milliseconds every_;

  Stage stage_ = Stage::kIdle;
  Time due_{};
  bool anew_ = false;        // the next checkpoint replaces all: nothing is saved yet
  bool first_ = false;       // nothing of the one under way has been handed over
  std::string save_failed_;  // a key of it could not be saved
  std::size_t turns_left_ = 0;
  std::vector<KeyTable::Taken> copied_;  // keys of the checkpoint under way
  std::deque<StoreRequest> outgoing_;
  std::vector<SavedPosition> saved_at_;
  std::shared_ptr<PendingSave> pending_;  // while kWaiting

  Progress saved_;
  std::atomic<std::uint64_t> checkpoints_{0}, keys_{0}, failures_{0};
  std::atomic<std::int64_t> saved_ns_{0}, failing_since_ns_{0};
};

}  // namespace statecast::host

#include "host/streaming/checkpointer.hpp"

#include <algorithm>
#include <utility>

#include "host/ops/log.hpp"

namespace statecast::host {

namespace {

constexpr std::size_t kSparePasses = 4;              // how often a key may change again before the rest is saved at once
constexpr std::size_t kPartsAtOnce = 8;              // on their way to the disk, of all lanes

std::vector<Progress::At> places_of(const Positions& positions) {
  std::vector<Progress::At> out;
  for (const auto& slot : positions.slots()) out.push_back({slot.source, slot.position.partition});
  return out;
}

std::vector<SavedPosition> saved_positions(const Positions& positions) {
  std::vector<SavedPosition> out;
  for (const auto& slot : positions.slots()) out.push_back({slot.id, slot.epoch, slot.position});
  return out;
}

}  // namespace

Checkpointer::Checkpointer(std::uint16_t lane, StateInstance& state, ChangeSet& changes, const Positions& positions, const Clock& clock,
                           Store* store, std::chrono::milliseconds every)
    : lane_(lane), state_(state), changes_(changes), positions_(positions), clock_(clock), store_(store), every_(every), saved_(places_of(positions)) {}

CheckpointStatus Checkpointer::status() const {
  return {checkpoints_.load(std::memory_order_relaxed), keys_.load(std::memory_order_relaxed), failures_.load(std::memory_order_relaxed),
          saved_ns_.load(std::memory_order_relaxed), failing_since_ns_.load(std::memory_order_relaxed), saved_.read()};
}

bool Checkpointer::moved() const { return saved_positions(positions_) != saved_at_; }

bool Checkpointer::due(Time now) const {
  return now >= due_ || (changes_.histories().much_unsaved() && failing_since_ns_.load() == 0);
}

Checkpointer::Time Checkpointer::next_deadline(Time now) const {
  constexpr std::chrono::milliseconds kLookAgain{5};
  if (!keeps()) return Time::max();
  if (!outgoing_.empty()) return now + kLookAgain;
  if (stage_ == Stage::kWaiting) return Time::max();  // the store tells
  if (stage_ == Stage::kCopying) return store_->waiting() < kPartsAtOnce ? now : now + kLookAgain;
  return due_;
}

void Checkpointer::step(Time now) {
  if (!keeps() || !post_outgoing()) return;
  if (stage_ == Stage::kIdle && due(now)) {
    due_ = now + every_;
    if (anew_ || failing_since_ns_.load() != 0 || moved() || changes_.anything_unsaved()) begin();
  }
  if (stage_ == Stage::kCopying && store_->waiting() < kPartsAtOnce) copy();
}

void Checkpointer::begin() {
  stage_ = Stage::kCopying;
  first_ = true;
  save_failed_.clear();
  turns_left_ = kSparePasses * (changes_.key_table().unsaved() / kKeysATurn + 2);
}

void Checkpointer::copy() {
  const bool all = turns_left_ == 0;
  if (!all) --turns_left_;
  outgoing_.emplace_back(SaveRows{lane_, take_rows(all ? SIZE_MAX : kKeysATurn)});
  if (!save_failed_.empty()) return give_up("a key could not be saved: " + save_failed_, nullptr);
  if (changes_.key_table().unsaved() == 0) outgoing_.emplace_back(take_cut());
  post_outgoing();
}

CheckpointRows Checkpointer::take_rows(std::size_t max) {
  CheckpointRows rows;
  rows.first = std::exchange(first_, false);
  rows.anew = rows.first && anew_;
  for (auto& [key, changed, gone, stored] : changes_.key_table().take_unsaved(max)) {
    copied_.push_back({key, stored});
    std::string bytes;
    const sc_status status = gone ? SC_UNKNOWN : state_.save(key, bytes);
    if (status == SC_OK) rows.keys.push_back({std::move(key), changed, std::move(bytes)});
    else if (status == SC_UNKNOWN) changes_.key_table().drop_unseen(key), rows.gone.push_back(std::move(key));
    else save_failed_ = "'" + key + "': " + state_.error();
  }
  return rows;
}

// What the lane knows now, keys aside: those were handed over before.
SaveCut Checkpointer::take_cut() {
  auto pending = std::make_shared<PendingSave>();
  pending->cut = std::make_unique<CheckpointCut>();
  CheckpointCut& cut = *pending->cut;
  pending_ = std::move(pending);
  stage_ = Stage::kWaiting;
  cut.version = state_.plugin().version;
  cut.positions = saved_positions(positions_);
  cut.history_after_us = changes_.histories().oldest_kept_us(clock_);
  changes_.take_unsaved(cut);
  return {lane_, pending_};
}

// Hands over in order what waits; false when the store has no room.
bool Checkpointer::post_outgoing() {
  for (; !outgoing_.empty(); outgoing_.pop_front())
    if (!store_->post(outgoing_.front())) return false;
  return true;
}

void Checkpointer::on_saved() {
  if (pending_ && pending_->done.try_acquire()) finish();
}

// Of one that is under way its end tells.
void Checkpointer::on_look(const std::string& lost) {
  if (lost.empty()) due_ = {};
  else if (stage_ == Stage::kIdle) give_up(lost, nullptr);
}

void Checkpointer::finish() {
  const auto save = std::exchange(pending_, nullptr);
  stage_ = Stage::kIdle;
  if (!save->why.empty()) {
    give_up(save->why, save->cut.get());
    if (save->left) begin_over(*save->left);
    return;
  }
  checkpoints_.fetch_add(1, std::memory_order_relaxed);
  keys_.fetch_add(copied_.size(), std::memory_order_relaxed);
  copied_.clear();
  anew_ = false;
  changes_.on_saved(*save->cut, save->trimmed);
  saved_at_ = std::move(save->cut->positions);
  for (std::size_t i = 0; i < saved_at_.size(); ++i) saved_.note(i, saved_at_[i].position);
  saved_ns_ = clock_.mono_ns();
  if (failing_since_ns_.exchange(0) != 0) log::warning(state_.id(), "checkpoints are saved again");
}

// The lane goes on; all of it is to be saved with the next one.
void Checkpointer::give_up(const std::string& why, CheckpointCut* cut) {
  stage_ = Stage::kIdle;
  changes_.key_table().put_back(std::exchange(copied_, {}));
  if (cut != nullptr) changes_.put_back(*cut);
  failures_.fetch_add(1, std::memory_order_relaxed);
  if (failing_since_ns_.load() != 0) return;
  failing_since_ns_ = clock_.mono_ns();
  log::error(state_.id(), "the checkpoint is not saved: " + why + ": streaming goes on, and a restart replays more until it can be saved again");
}

// The file is a new one. All that the lane knows is saved at once; should that fail, too, it stays unsaved, and the next one is
// due when it would be anyway.
void Checkpointer::begin_over(const std::vector<DeadLetterRef>& left) {
  if (std::exchange(anew_, true)) return;
  changes_.forget_saved(left);
  const auto& slots = positions_.slots();
  for (std::size_t i = 0; i < slots.size(); ++i) saved_.note(i, Position{0, 0, slots[i].position.partition, 0});
  due_ = {};
}

bool Checkpointer::post_all_until(Time deadline) {
  while (!post_outgoing()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

std::string Checkpointer::save_now() {
  if (!keeps()) return "there is no store";
  const bool was_anew = anew_;
  const std::string why = save_once();
  return !why.empty() && anew_ && !was_anew ? save_once() : why;  // the file was begun anew
}

std::string Checkpointer::save_once() {
  constexpr const char* kSilent = "the store does not answer";
  const Time deadline = std::chrono::steady_clock::now() + kPatience;
  if (stage_ == Stage::kWaiting) {  // one that does not have everything
    if (!post_all_until(deadline) || !pending_->done.try_acquire_until(deadline)) return kSilent;
    finish();
  }
  if (stage_ == Stage::kIdle) begin();
  turns_left_ = 0;
  copy();
  if (stage_ == Stage::kIdle) return save_failed_;
  if (!post_all_until(deadline) || !pending_->done.try_acquire_until(deadline)) return kSilent;
  const std::string why = pending_->why;
  finish();
  return why;
}

bool Checkpointer::settle() {
  if (!keeps()) return true;
  const Time deadline = std::chrono::steady_clock::now() + kPatience;
  auto done = std::make_shared<std::binary_semaphore>(0);
  outgoing_.clear();
  outgoing_.emplace_back(SettleStore{lane_, done});
  if (!post_all_until(deadline) || !done->try_acquire_until(deadline)) return false;
  stage_ = Stage::kIdle;
  copied_.clear();
  // The State is made anew, and its keys with it; dead letters are what they are.
  if (const auto save = std::exchange(pending_, nullptr); save && (!save->done.try_acquire() || !save->why.empty()))
    changes_.dead_letters().put_back(*save->cut);
  return true;
}

void Checkpointer::begin_at(bool anew) {
  anew_ = anew;
  saved_at_ = anew ? std::vector<SavedPosition>{} : saved_positions(positions_);
  const auto& slots = positions_.slots();
  for (std::size_t i = 0; i < slots.size(); ++i) saved_.note(i, slots[i].position);
  due_ = std::chrono::steady_clock::now() + every_;
}

}  // namespace statecast::host

#include <algorithm>

#include "host/ops/log.hpp"
#include "host/streaming/lane.hpp"

namespace statecast::host {

namespace {

std::vector<Position> positions_of(const Positions& positions) {
  std::vector<Position> out;
  for (const auto& slot : positions.slots()) out.push_back(slot.position);
  return out;
}

// Why a checkpoint is of no use to this lane; empty when it is.
std::string misfit(const StoredCheckpoint& stored, const Positions& positions) {
  const auto& slots = positions.slots();
  if (stored.positions.size() != slots.size()) return "it is of other sources";
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const SavedPosition& saved = stored.positions[i];
    if (saved.source != slots[i].id || saved.position.partition != slots[i].position.partition) return "it is of other sources";
    if (saved.epoch != slots[i].epoch) return "source '" + saved.source + "' has another history now";
  }
  return "";
}

}  // namespace

// ---- where the lane begins

// Begins at the checkpoint, or, where there is none that can be used, at the start of history.
void Lane::restore() try {
  std::string refused;
  bool found = false;
  positions_.reset();
  changes_.restore({});
  if (checkpointer_.keeps()) refused = load(found);
  if (!refused.empty()) {
    log::warning(id(), "the checkpoint is not used: " + refused + ": history is replayed from its start");
    positions_.reset();
    changes_.restore({});
    if (auto made = state_->remake(); !made) return on_not_made(made.error().text());
  }
  checkpointer_.begin_at(!found);
  sent_ = positions_;
  note_positions();
  if (found) log::info(id(), "begins at its checkpoint: " + std::to_string(changes_.keys().size()) + " keys, " + positions_.cursor());
  publish_start();
  serve_if_there();
} catch (const StoreError& error) {
  // A disk that fails now may work later; what is on it is not given up.
  began_anew_ = true;
  on_not_made(error.what());
}

// Takes what was saved; why the checkpoint cannot be used, or nothing. A replay finds dead letters that are lost again, as
// long as the source has their events.
std::string Lane::load(bool& found) try {
  auto refused = load_checkpoint(found);
  load_dead_letters(found || began_anew_);
  return refused;
} catch (const StoreError& error) {
  if (!error.damaged()) throw;
  found = false;
  auto refused = checkpointer_.file().begin_anew(error.what());
  return load_salvaged() ? refused : refused + ", and its dead letters are not known";
}

bool Lane::load_salvaged() try {
  load_dead_letters(began_anew_);
  return true;
} catch (const StoreError&) {
  return false;
}

// Takes everything that was saved, dead letters aside; why it cannot be used, or nothing.
std::string Lane::load_checkpoint(bool& found) {
  auto head = checkpointer_.file().head();
  if (!head) return "";
  if (auto why = misfit(*head, positions_); !why.empty()) return why;
  if (auto why = ahead(*head); !why.empty()) return why;
  for (SavedTopic& topic : head->topics) {
    topic.marks = checkpointer_.file().marks(topic.topic, TopicHistory::next_marked(topic.first), topic.end, TopicHistory::kMarkEvery);
    topic.last_us = checkpointer_.file().time_of(topic.topic, topic.end - 1).value_or(topic.last_us);
  }
  changes_.restore(*head);
  std::string why;
  std::size_t loaded = 0;
  checkpointer_.file().load([&](const SavedKey& key) {
    constexpr std::size_t kKeysALook = 1'000;  // progress is no hang
    if (++loaded % kKeysALook == 0 && busy_since_ns_.load() != 0) busy_since_ns_ = clock_.mono_ns();
    if (state_->load(head->version, key.key, key.bytes) == SC_OK) {
      changes_.restore_key(key);
      return true;
    }
    why = state_->plugin().id + " " + state_->plugin().version + " refuses key '" + key.key + "', saved by " + head->version + ": " + state_->error();
    return false;
  });
  if (!why.empty()) return why;
  for (std::size_t i = 0; i < head->positions.size(); ++i) {
    positions_.advance_slot(i, head->positions[i].position);
    changes_.forget_rejections_until(positions_.slots()[i].source, head->positions[i].position);
  }
  found = true;
  return "";
}

// A source that has less than the checkpoint was put back to an older copy: what came since would be taken for known.
std::string Lane::ahead(const StoredCheckpoint& stored) const {
  if (began_anew_) return "";
  for (std::size_t i = 0; i < serve_from_.size(); ++i)
    if (whole(serve_from_[i]) < stored.positions[i].position)
      return "it is ahead of source '" + stored.positions[i].source + "', which has lost events";
  return "";
}

// A state that replays from the start may fare better with what made another version fail.
void Lane::load_dead_letters(bool keep_failed) {
  constexpr std::size_t kPage = 256;
  changes_.dead_letters().forget_saved();
  std::optional<DeadLetterRef> after;
  for (;;) {
    const auto page = checkpointer_.file().dead_letters(after, kPage);
    for (const DeadLetter& letter : page) changes_.dead_letters().restore(letter, keep_failed);
    if (page.size() < kPage) return;
    after = DeadLetterRef{page.back().epoch, page.back().position};
  }
}

// ---- what the feeds are told

void Lane::publish_start() {
  LaneStart start{generation_.load(), {}};
  for (const auto& slot : positions_.slots())
    start.after.push_back({slot.source, slot.position.partition, slot.position.hi, slot.position.lo, 0});
  taking_ = true;
  {
    std::lock_guard lock(start_mutex_);
    start_ = std::move(start);
  }
  starts_.fetch_add(1);
  starts_.notify_all();
}

std::optional<LaneStart> Lane::await_start() {
  while (!mailbox_.closed()) {
    const auto seen = starts_.load();
    {
      std::lock_guard lock(start_mutex_);
      if (start_) return start_;
    }
    if (!mailbox_.closed()) starts_.wait(seen);
  }
  return std::nullopt;
}

// From here on events are of no use; clients keep what they have, and what they ask waits.
void Lane::stop_taking() {
  flush();
  if (serving_) serve_from_ = positions_of(positions_);
  halt();
}

// Takes no memory.
void Lane::halt() {
  taking_ = serving_ = false;
  generation_.fetch_add(1, std::memory_order_release);
  std::lock_guard lock(start_mutex_);
  start_.reset();
}

// ---- after the State failed

// Nobody knows at which event: what the call reported is forgotten, and the State gets these events again, one by one.
void Lane::make_anew_after(const EventBatch& batch, const std::vector<std::uint32_t>& indices) {
  const std::string reason = "the state failed at a batch of " + std::to_string(indices.size()) + " events: " + state_->error();
  log::error(id(), reason + ": it is made anew from its checkpoint, and gets them one by one");
  changes_.drop_call();
  singly_until_.resize(positions_.slots().size());
  for (const auto index : indices) {
    const Position& position = batch.events()[index].pos;
    Position& until = singly_until_[positions_.slot_of(batch.source(), position.partition)];
    until = std::max(until, position);
  }
  breaker_.on_failure(reason, std::chrono::steady_clock::now());
  stop_taking();
  if (breaker_.closed()) make_anew();
}

void Lane::make_anew() {
  began_anew_ = true;
  if (!checkpointer_.settle()) return on_not_made("the store does not answer");
  if (auto made = state_->remake(); !made) return on_not_made(made.error().text());
  restore();
}

// The next try is the breaker's to say.
void Lane::on_not_made(const std::string& why) {
  log::error(id(), "the state cannot be made anew: " + why);
  do breaker_.on_failure(why, std::chrono::steady_clock::now());
  while (breaker_.closed());
}

// Something was thrown in a turn. Nobody knows what of it was done, and who was sent what of it: the State is made anew from its
// checkpoint, and clients come back with their cursors.
void Lane::on_turn_failed() {
  const bool served = serving_;
  halt();  // nothing is folded on top of what is half done
  // Before anything is sent again: a client that got what is newer would not come back for what it missed.
  insist([this] { outbox_.lose(); });
  insist([this] { changes_.keep_appended_after({}); });
  if (served) insist([this] { serve_from_ = positions_of(positions_); });
  insist([this] { breaker_.on_failure("the host failed at a turn of the lane: " + turns_.error(), std::chrono::steady_clock::now()); });
  turns_([this] {
    if (breaker_.closed()) make_anew();
  });
  while (!taking_ && breaker_.closed()) insist([this] { on_not_made(turns_.error()); });
}

// Until there is memory for it again.
template <class Work>
void Lane::insist(Work&& work) {
  constexpr std::chrono::milliseconds kPause{10};
  while (!turns_(work)) std::this_thread::sleep_for(kPause);
}

void Lane::try_again() {
  breaker_.half_open();
  log::warning(id(), "the state is made anew from its checkpoint");
  make_anew();
}

// ---- dead letters

void Lane::on(TakeDeadLetters& message) {
  TakenLetters taken;
  try {
    take_letters(message, taken);
  } catch (...) {
    taken.why = "the host failed";  // short enough to need no memory
    message.answer(std::move(taken));
    throw;
  }
  message.answer(std::move(taken));
}

void Lane::take_letters(const TakeDeadLetters& message, TakenLetters& taken) {
  flush();
  if (!taking_ || !serving_) {
    taken.why = "state '" + id() + "' is degraded or replaying: try again later";
  } else {
    for (const auto& [place, letter] : message.letters) take_letter(place, letter, message.redeliver, taken);
    note_refusals();
    note_removals();
    note_positions();
    // What clients are about to see must not be taken back by a crash.
    if (const auto why = checkpointer_.save_now(); !why.empty()) taken.why = "it is done, but could not be saved, so a restart undoes it: " + why;
  }
}

void Lane::take_letter(std::size_t place, const DeadLetter& letter, bool redeliver, TakenLetters& taken) {
  const auto slot = positions_.slot_of(letter.epoch, letter.position.partition);
  const bool known = slot && changes_.dead_letters().remove(*slot, letter.position);
  if (!known && !slot && !redeliver) {
    changes_.dead_letters().drop_unknown({letter.epoch, letter.position});
    return taken.done.push_back(place);
  }
  if (!known) return taken.unknown.push_back(place);
  if (!redeliver) return taken.done.push_back(place);
  const std::uint16_t source = positions_.slots()[*slot].source;
  EventBatch::Builder builder(source, false);
  builder.add({sizeof(sc_event), 0, letter.position, letter.time_us, str(letter.id), str(letter.event_source), str(letter.type),
               str(letter.subject), str(letter.data), str(letter.extensions)});
  const auto batch = builder.finish();
  const std::vector<std::uint32_t> only{0};
  changes_.forget_rejection(source, letter.position);
  changes_.begin(batch.get(), &only, true);
  const sc_status status = state_->apply({&batch->events()[0]}, changes_.table());
  changes_.rethrow();
  if (status != SC_OK) changes_.reject(0, "the state failed: " + state_->error(), true);
  const std::string* reason = changes_.rejections().find(source, letter.position);
  if (reason == nullptr) taken.done.push_back(place);
  else taken.rejected.emplace_back(place, *reason);
}

}  // namespace statecast::host

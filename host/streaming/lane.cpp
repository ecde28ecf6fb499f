#include "host/streaming/lane.hpp"

#include <pthread.h>

#include <algorithm>

#include "host/ops/log.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

std::vector<Progress::At> start_of(const Positions& positions) {
  std::vector<Progress::At> out;
  for (const auto& slot : positions.slots()) out.push_back({slot.source, slot.position.partition});
  return out;
}

}  // namespace

Lane::Lane(std::uint16_t number, const StateSettings& settings, std::uint32_t partition,
           std::unique_ptr<StateInstance> state, Positions positions, const std::vector<Encoding>& encodings,
           std::vector<ShardInbox*> shards, const Clock& clock, const HistoryBounds& history, Store* store,
           std::chrono::milliseconds checkpoints)
    : number_(number),
      partition_(partition),
      send_always_(settings.send_always),
      refresh_(settings.refresh_ms),
      clock_(clock),
      history_bounds_(history),
      state_(std::move(state)),
      turns_(ThreadRole::kLane, state_->id()),
      positions_(std::move(positions)),
      sent_(positions_),
      interest_(shards.size()),
      changes_(interest_, positions_, history, store != nullptr, clock),
      outbox_(number, shards),
      fanout_(number, *state_, interest_, encodings, outbox_),
      older_(number, settings.id, store),
      reads_(partition, changes_.histories(), older_, outbox_),
      snapshots_(*state_, interest_, changes_, positions_, fanout_, encodings, outbox_, older_),
      checkpointer_(number, *state_, changes_, positions_, clock, store, checkpoints),
      shards_(std::move(shards)),
      wants_room_(new std::atomic<bool>[shards_.size()]()),
      random_(std::random_device{}()),
      reached_(start_of(positions_)) {}

Lane::~Lane() {
  close();
  if (thread_.joinable()) thread_.join();
}

void Lane::start(std::vector<Position> serve_from) {
  serve_from_ = std::move(serve_from);
  next_refresh_ = std::chrono::steady_clock::now() + jittered_interval();
  thread_ = std::thread([this] { run(); });
}

bool Lane::join_until(std::chrono::steady_clock::time_point deadline) {
  if (!thread_.joinable()) return true;
  if (!finished_.try_acquire_until(deadline)) return false;
  thread_.join();
  return true;
}

LaneStatus Lane::status() const {
  LaneStatus status;
  status.applied = applied_.value();
  status.rejected = rejected_.load(std::memory_order_relaxed);
  status.events = status.applied + status.rejected;
  status.held = held_events_.load(std::memory_order_relaxed);
  status.failures = state_->failures();
  const PluginCalls& renders = state_->guard().calls()[PluginFunction("render").number()];
  status.renders = renders.times.snapshot().count();
  status.render_failures = renders.failures.value();
  status.frames = fanout_.frames();
  status.frames_posted = outbox_.frames_posted();
  status.keys = keys_.load(std::memory_order_relaxed);
  status.positions = reached_.read();
  status.busy_since_ns = busy_since_ns_.load(std::memory_order_relaxed);
  status.waiting = mailbox_.size();
  status.checkpoints = checkpointer_.status();
  status.dead_letters = dead_letters_.load(std::memory_order_relaxed);
  status.dead_letter_bytes = dead_letter_bytes_.load(std::memory_order_relaxed);
  status.dead_letters_dropped = dead_letters_dropped_.load(std::memory_order_relaxed);
  status.history_bytes = history_bytes_.load(std::memory_order_relaxed);
  status.history_topics = history_topics_.load(std::memory_order_relaxed);
  status.history = {history_evicted_.load(std::memory_order_relaxed), history_dropped_.load(std::memory_order_relaxed),
                    history_topics_dropped_.load(std::memory_order_relaxed)};
  status.history_bounds = history_bounds_;
  return status;
}

void Lane::run() {
  ::pthread_setname_np(::pthread_self(), ("lane " + id()).substr(0, 15).c_str());
  busy_since_ns_.store(clock_.mono_ns(), std::memory_order_relaxed);
  if (!turns_([this] { restore(); })) on_turn_failed();
  busy_since_ns_.store(0, std::memory_order_relaxed);
  while (!(mailbox_.closed() && mailbox_.size() == 0)) {
    mailbox_.wait_until(next_deadline());
    busy_since_ns_.store(clock_.mono_ns(), std::memory_order_relaxed);
    if (!turns_([this] { turn(); })) on_turn_failed();
    busy_since_ns_.store(0, std::memory_order_relaxed);
  }
  if (checkpointer_.keeps() && taking_) turns_([this] { checkpointer_.save_now(); });
  finished_.release();
}

namespace {

// What a client waits for an answer to, or what must stay in order with that.
bool is_clients(const LaneMessage& message) {
  return std::holds_alternative<Admit>(message) || std::holds_alternative<Subscribe>(message) || std::holds_alternative<Pull>(message) ||
         std::holds_alternative<Cancel>(message) || std::holds_alternative<Unsubscribe>(message) || std::holds_alternative<Recode>(message) ||
         std::holds_alternative<ReadValue>(message);
}

// Of the store: not counted among the requests.
bool is_reply(const LaneMessage& message) { return std::holds_alternative<Saved>(message) || std::holds_alternative<Fetched>(message); }

}  // namespace

void Lane::turn() {
  LaneMessage message;
  for (std::size_t taken = 0; taken < kMessagesATurn && mailbox_.try_pop(message); ++taken) {
    if (std::holds_alternative<Events>(message)) {
      events_waiting_.fetch_sub(1);
      events_waiting_.notify_one();
    } else if (!serving_ && is_clients(message)) {
      if (!turns_([&] { held_.push_back(std::move(message)); })) requests_waiting_.fetch_sub(1);
      continue;
    } else if (!is_reply(message)) {
      requests_waiting_.fetch_sub(1);
    }
    take(message);
    if (changes_.size() >= kChangesAFlush) flush();
  }
  const auto now = std::chrono::steady_clock::now();
  if (mailbox_.take_poke()) next_refresh_ = now;
  if (now >= breaker_.retry_at()) try_again();
  serve_if_there();
  if (serving_) refresh_if_due();
  flush();
  answer_parked();
  if (serving_) older_.step();
  if (changes_.histories().over_budget()) changes_.histories().tidy(clock_);
  note_histories();
  outbox_.post_all();
  if (taking_) checkpointer_.step(now);
  give_room();
}

// What a client asks is asked of all that was folded before, which goes out first. What comes of it concerns the client alone: its
// shard answers when nothing else does.
void Lane::take(LaneMessage& message) {
  const auto by_kind = [&] { std::visit([this](auto& m) { on(m); }, message); };
  if (!is_clients(message)) return by_kind();
  flush();
  turns_(by_kind);
}

// What clients had stays behind them: the messages since, each value as it is now, and ends that they have not heard of.
void Lane::send_all_again() {
  for (std::size_t i = 0; i < serve_from_.size(); ++i) sent_.advance_slot(i, serve_from_[i]);
  changes_.begin(nullptr, nullptr);
  resend_all();
  flush();
  for (const auto& [topic, number] : interest_.topics())
    if (changes_.has_ended(topic)) fanout_.send_ended(topic);
}

// Clients are answered from here on, those first that came first.
void Lane::serve_if_there() {
  if (serving_ || !taking_ || !(serve_from_.empty() || positions_.reached(serve_from_))) return;
  flush();
  serving_ = true;
  moved_ = true;
  if (!breaker_.closed()) breaker_.on_recovered();
  if (std::exchange(began_anew_, false)) send_all_again();
  else sent_ = positions_;
  while (!held_.empty()) {
    LaneMessage message = std::move(held_.front());
    held_.pop_front();
    requests_waiting_.fetch_sub(1);
    take(message);
  }
}

void Lane::give_room() {
  for (std::size_t shard = 0; shard < shards_.size(); ++shard)
    if (wants_room_[shard].load() && wants_room_[shard].exchange(false)) shards_[shard]->poke();
}

// ---- the ways in

bool Lane::post(LaneMessage& message) {
  if (requests_waiting_.fetch_add(1) < kRequests && mailbox_.try_push(message)) return true;
  requests_waiting_.fetch_sub(1);
  return false;
}

bool Lane::post_or_ask(LaneMessage& message, std::uint16_t shard) {
  if (post(message)) return true;
  wants_room_[shard].store(true);
  return post(message);  // the lane may have emptied its mailbox just before it could see that somebody asks
}

bool Lane::post_events(LaneMessage& message) {
  if (events_waiting_.fetch_add(1) < kEvents && mailbox_.try_push(message)) return true;
  events_waiting_.fetch_sub(1);
  return false;
}

bool Lane::post_events_wait(LaneMessage& message) {
  while (!mailbox_.closed()) {
    const auto waiting = events_waiting_.load();
    if (post_events(message)) return true;
    events_waiting_.wait(waiting);
  }
  return false;
}

void Lane::close() {
  mailbox_.close();
  events_waiting_.fetch_add(1u << 30);  // whoever waits for room looks again, and finds it closed
  events_waiting_.notify_all();
  starts_.fetch_add(1);
  starts_.notify_all();
}

// ---- events in

void Lane::on(Events& message) {
  if (!taking_ || message.generation != generation()) return;
  const EventBatch& batch = *message.batch;
  leave_out(batch, message.indices);
  if (!fold(batch, message.indices)) return;
  for (const sc_event& event : batch.events()) {
    const auto slot = positions_.slot_of(batch.source(), event.pos.partition);
    positions_.advance_slot(slot, whole(event.pos));
    if (!EventBatch::is_place_alone(event)) reached_.note_time(slot, event.time_us);
  }
  note_positions();
  if (breaker_.state() == BreakerState::kOpen) stop_taking();
}

// What made the State fail before is not given to it again, until an operator does.
void Lane::leave_out(const EventBatch& batch, std::vector<std::uint32_t>& indices) {
  if (changes_.dead_letters().empty()) return;
  std::erase_if(indices, [&](const auto index) { return changes_.dead_letters().made_fail(batch.source(), batch.events()[index].pos); });
}

// False when the State failed at the batch as a whole: it is made anew, and gets these events again, one by one.
bool Lane::fold(const EventBatch& batch, const std::vector<std::uint32_t>& indices) {
  if (indices.empty()) return true;
  const auto& first = batch.events()[indices.front()].pos;
  const bool singly = !singly_until_.empty() && !(singly_until_[positions_.slot_of(batch.source(), first.partition)] < first);
  if (!singly) return apply(batch, indices);
  for (const auto index : indices) apply(batch, {index});
  return true;
}

bool Lane::apply(const EventBatch& batch, const std::vector<std::uint32_t>& indices) {
  events_.clear();
  for (const auto index : indices) events_.push_back(&batch.events()[index]);
  changes_.begin(&batch, &indices);
  const auto rejected_before = changes_.rejected(), failed_before = changes_.failed();
  const ChangeSet::Held before = changes_.held();
  const sc_status status = state_->apply(events_, changes_.table());
  changes_.rethrow();
  if (status != SC_OK) {
    if (events_.size() > 1) return make_anew_after(batch, indices), false;
    changes_.reject(0, "the state failed: " + state_->error(), true);
  }
  if (!changes_.dead_letters().empty()) note_resolved(batch, indices);
  const auto rejected = changes_.rejected() - rejected_before;
  if (rejected != 0) note_rejections(batch, indices);
  note_failures(batch, indices, changes_.failed() - failed_before);
  note_refusals();
  note_removals();
  const ChangeSet::Held& held = changes_.held();
  applied_.add(events_.size() + (held.settled - before.settled) + (held.refused - before.refused) - (held.held - before.held) - rejected);
  return true;
}

void Lane::note_failures(const EventBatch& batch, const std::vector<std::uint32_t>& indices, std::uint64_t failed) {
  if (failed == 0) return breaker_.on_success();
  const auto now = std::chrono::steady_clock::now();
  for (const auto index : indices) {
    const sc_event& event = batch.events()[index];
    if (!changes_.dead_letters().made_fail(batch.source(), event.pos)) breaker_.on_success();
    else breaker_.on_failure(changes_.rejections().reason_of(batch.source(), event.pos), now);
  }
}

// An event that was rejected before, and is not any more.
void Lane::note_resolved(const EventBatch& batch, const std::vector<std::uint32_t>& indices) {
  for (const auto index : indices) {
    const sc_event& event = batch.events()[index];
    const bool rejected = changes_.rejections().find(batch.source(), event.pos) != nullptr;
    if (!rejected && changes_.rejections().remembers(batch.source(), event.pos)) changes_.dead_letters().remove(batch.source(), event.pos);
  }
  dead_letters_.store(changes_.dead_letters().size(), std::memory_order_relaxed);
  dead_letter_bytes_.store(changes_.dead_letters().bytes(), std::memory_order_relaxed);
}

void Lane::note_rejections(const EventBatch& batch, const std::vector<std::uint32_t>& indices) {
  for (const auto index : indices) {
    const sc_event& event = batch.events()[index];
    const std::string* reason = changes_.rejections().find(batch.source(), event.pos);
    if (reason == nullptr || changes_.rejections().is_held(batch.source(), event.pos)) continue;
    log::warning(id(), rejection_sentence(event, *reason));
  }
}

// Events of earlier batches, which were held.
void Lane::note_refusals() {
  for (const std::string& sentence : changes_.take_refused()) log::warning(id(), sentence);
  rejected_.store(changes_.rejected(), std::memory_order_relaxed);
  held_events_.store(changes_.held().held, std::memory_order_relaxed);
}

// What a State has let go of, the lane lets go of.
void Lane::note_removals() {
  std::string ignored;
  std::vector<std::string> keys;
  for (const ChangeSet::Removed& removed : changes_.take_removed()) {
    if (state_->save(removed.key, ignored) == SC_UNKNOWN) changes_.forget_key(removed.key);
    for (const std::string& topic : removed.topics)
      if (state_->list(topic, {}, 1, keys) == SC_OK && keys.empty()) changes_.forget_ended(topic);
  }
}

void Lane::note_positions() {
  moved_ = true;
  const auto& slots = positions_.slots();
  for (std::size_t i = 0; i < slots.size(); ++i) reached_.note(i, slots[i].position);
  keys_.store(changes_.keys().size(), std::memory_order_relaxed);
  dead_letters_dropped_.store(changes_.dead_letters().dropped(), std::memory_order_relaxed);
  dead_letters_.store(changes_.dead_letters().size(), std::memory_order_relaxed);
  dead_letter_bytes_.store(changes_.dead_letters().bytes(), std::memory_order_relaxed);
}

void Lane::note_histories() {
  const Histories& histories = changes_.histories();
  history_bytes_.store(histories.bytes(), std::memory_order_relaxed);
  history_topics_.store(histories.topics(), std::memory_order_relaxed);
  history_evicted_.store(histories.counts().evicted, std::memory_order_relaxed);
  history_dropped_.store(histories.counts().dropped, std::memory_order_relaxed);
  history_topics_dropped_.store(histories.counts().topics_dropped, std::memory_order_relaxed);
  tell_dropped(histories.counts());
}

void Lane::tell_dropped(const Histories::Counts& counts) {
  if (counts.topics_dropped != 0 && !std::exchange(topics_told_, true))
    log::warning(id(), "appended topics are more than limits.history_topics allows: those that got nothing for longest are forgotten, and "
                       "their clients start anew; raise it, or lower history_idle. The events stay in the log (statecast log dump)");
  if (counts.dropped == 0 || std::exchange(drop_told_, true)) return;
  log::warning(id(), "messages of appended topics are more than limits.history_memory allows: the oldest are dropped, and clients that "
                     "come late do not get them: " +
                         std::string(checkpointer_.keeps() ? "see why checkpoints are not saved" : "raise it, or keep them in a store (store.path)"));
}

// ---- the scheduler's tick

std::chrono::milliseconds Lane::jittered_interval() {
  // A tenth either way, so that the states of many instances do not beat together.
  const auto tenth = std::max<std::int64_t>(refresh_.count() / 10, 1);
  return refresh_ + std::chrono::milliseconds(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(2 * tenth + 1)) - tenth);
}

Lane::Time Lane::next_deadline() const {
  const auto now = std::chrono::steady_clock::now();
  Time next = taking_ ? checkpointer_.next_deadline(now) : breaker_.retry_at();
  if (serving_) {
    next = std::min(next, next_refresh_);
    for (const auto& parked : parked_admits_) next = std::min(next, parked.until);
  }
  for (const auto& parked : parked_awaits_) next = std::min(next, parked.until);
  if (older_.held_up()) next = std::min(next, now + std::chrono::milliseconds(10));
  return next;
}

void Lane::refresh_if_due() {
  if (std::chrono::steady_clock::now() < next_refresh_) return;
  flush();
  changes_.begin(nullptr, nullptr);
  const sc_status status = state_->refresh(clock_.now_us(), changes_.table());
  changes_.rethrow();
  if (status != SC_OK)
    breaker_.on_failure("refresh: " + state_->error(), std::chrono::steady_clock::now());
  note_refusals();
  note_removals();
  changes_.histories().tidy(clock_);
  if (send_always_) resend_all();
  next_refresh_ = std::chrono::steady_clock::now() + jittered_interval();
  if (breaker_.state() == BreakerState::kOpen) stop_taking();
}

void Lane::resend_all() {
  constexpr std::size_t kPage = 256;
  std::vector<std::string> keys;
  for (const auto& [topic, number] : interest_.topics()) {
    std::string after;
    do {
      if (state_->list(topic, after, kPage, keys) != SC_OK) break;
      for (const std::string& key : keys) changes_.resend(key, number);
      if (!keys.empty()) after = keys.back();
    } while (keys.size() == kPage);
  }
}

// ---- changes out

void Lane::flush() {
  if (!serving_) {
    changes_.keep_appended_after(serve_from_);
    changes_.take_ended();
    return;
  }
  if (changes_.empty()) {
    sent_ = positions_;
    return;
  }
  const auto entries = changes_.take();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& [slot, position, by_refresh] = entries[i].moment;
    const bool ends_event = i + 1 == entries.size() || entries[i + 1].moment.slot != slot || entries[i + 1].moment.position != position;
    if (!by_refresh && ends_event) {
      sent_.advance_slot(slot, position);
    } else if (!by_refresh && entries[i].appended) {
      sent_.advance_slot(slot, entries[i].appended->moment.position);  // a client must come back for what follows
    }
    fanout_.send(entries[i], sent_.cursor());
  }
  for (const std::string& topic : changes_.take_ended()) fanout_.send_ended(topic);
  sent_ = positions_;
}

}  // namespace statecast::host

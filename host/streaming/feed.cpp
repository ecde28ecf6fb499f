#include "host/streaming/feed.hpp"

#include <pthread.h>

#include <algorithm>

#include "host/ops/log.hpp"

namespace statecast::host {

namespace {

constexpr std::chrono::milliseconds kTailWait{1000}, kCatchUpWait{50};

void name_thread(const std::string& name) { ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str()); }

std::vector<Progress::At> partitions_of(const SourceInstance& source) {
  std::vector<Progress::At> out;
  for (std::uint32_t i = 0; i < source.partitions(); ++i) out.push_back({source.number, i});
  return out;
}

// Retention may have taken what a lane needs that begins after these positions. Where positions do not count events, only the
// source can say (SC_GONE).
void tell_missing(const SourceInstance& source, const Lane& lane, const std::vector<Position>& after) {
  for (const Position& at : after) {
    Position oldest{}, newest{};
    source.table().range(source.self(), at.partition, &oldest, &newest);
    if (at.lo != 0 || oldest.lo != 0 || oldest.hi <= at.hi + 1) continue;
    log::warning(lane.id(), std::to_string(oldest.hi - at.hi - 1) + " events of source '" + source.id() + "' are missing, " +
                                std::to_string(at.hi + 1) + " to " + std::to_string(oldest.hi - 1) +
                                ": the source no longer has them, and the state begins without what they said");
  }
}

// Component-wise: whether somebody at `mine` has all that `theirs` has.
bool covers(const std::vector<Position>& mine, const std::vector<Position>& theirs) {
  return std::ranges::equal(mine, theirs, [](const Position& m, const Position& t) { return !(m < t); });
}

}  // namespace

Feed::Feed(SourceInstance& source, Router router, const Clock& clock)
    : source_(source), router_(std::move(router)), clock_(clock), tail_(source), turns_(ThreadRole::kSource, source.id()), newest_(partitions_of(source)) {
  for (std::size_t place = 0; place < router_.lanes().size(); ++place) {
    auto consumer = std::make_unique<Consumer>(source);
    consumer->lane = router_.lanes()[place];
    consumer->place = place;
    consumer->done = edge(false);
    consumers_.push_back(std::move(consumer));
  }
}

Feed::~Feed() { stop(); }

void Feed::start() {
  never_live_ = behind_ = consumers_.size();
  at_ = reach_back_ = edge(true);
  note_newest();
  started_ = true;
  if (!wake_appender_) tail_thread_ = std::thread([this] { run_tail(); });
  for (auto& consumer : consumers_) {
    consumer->stage = Stage::kCatchingUp;
    consumer->thread = std::thread([this, c = consumer.get()] { run_catch_up(*c); });
  }
}

bool Feed::stop(std::chrono::steady_clock::time_point deadline) {
  stopping_.store(true, std::memory_order_release);
  stop_signal_.release(static_cast<std::ptrdiff_t>(consumers_.size()) + 1);
  tail_.interrupt();
  for (auto& consumer : consumers_) {
    consumer->stage.store(Stage::kStopping);
    consumer->stage.notify_all();
    consumer->reader.interrupt();
  }
  if (!started_) return true;
  for (std::size_t i = 0; i < consumers_.size() + (tail_thread_.joinable() ? 1 : 0); ++i)
    if (!ended_.try_acquire_until(deadline)) return false;
  if (tail_thread_.joinable()) tail_thread_.join();
  for (auto& consumer : consumers_) consumer->thread.join();
  started_ = false;
  return true;
}

// The positions at either end: before the first event, or at the newest one.
std::vector<Position> Feed::edge(bool newest) const {
  std::vector<Position> positions(source_.partitions());
  for (std::uint32_t i = 0; i < positions.size(); ++i) {
    Position first{}, last{};
    if (newest) source_.table().range(source_.self(), i, &first, &last);
    positions[i] = last;
    positions[i].partition = i;
  }
  return positions;
}

void Feed::note_newest() {
  for (std::size_t i = 0; i < at_.size(); ++i) newest_.note(i, at_[i]);
}

std::uint64_t Feed::read_catching_up() const {
  std::uint64_t sum = 0;
  for (const auto& consumer : consumers_) sum += consumer->read.value();
  return sum;
}

// ---- the tail

void Feed::run_tail() {
  name_thread("tail " + source_.id());
  bool open = false;
  Backoff backoff;
  turns_([&] { open = reopen(tail_, at_); });
  while (!stopping()) {
    if (turns_([&] { open = tail_turn(open, backoff); })) continue;
    missed_ = true;
    open = false;
    turns_([&] { on_fault(tail_, backoff); });
  }
  tail_.close();
  ended_.release();
}

// Whether the reader is of use for the next turn.
bool Feed::tail_turn(bool open, Backoff& backoff) {
  Ref<EventBatch> batch;
  const sc_status status = open ? poll(tail_, kTailWait, false, batch) : SC_RETRY;
  if (batch) on_tail_batch(std::move(batch));
  tend();
  if (status == SC_OK || status == SC_TIMEOUT) {
    backoff.reset();
    failing_since_ns_ = 0;
    return true;
  }
  on_fault(tail_, backoff);
  return reopen(tail_, at_);
}

void Feed::on_tail_batch(Ref<EventBatch> batch) {
  Retained routed_batch = routed(std::move(batch));
  for (const sc_event& event : routed_batch.batch->events()) {
    at_[event.pos.partition] = event.pos;
    if (!EventBatch::is_place_alone(event)) newest_.note_time(event.pos.partition, event.time_us);
  }
  note_newest();
  read_by_tail_.add(routed_batch.batch->events().size());
  unconsumed_.add(routed_batch.unconsumed);
  for (auto& consumer : consumers_)
    if (consumer->live && !give(*consumer, routed_batch, false)) leave_behind(*consumer, "its mailbox is full");
  retain(std::move(routed_batch));
}

void Feed::hand_over(std::vector<Ref<EventBatch>> batches) {
  if (missed_) return read_back("the host failed to hand events on");
  if (are_news(batches)) {
    for (Ref<EventBatch>& batch : batches) on_tail_batch(std::move(batch));
    return;
  }
  // Whatever the source means by that, what its readers yield is what counts.
  log::error(source_.id(), "stored events at places that it had given already, or does not have: they are read back");
  read_back("events came out of order");
}

// The lanes catch up to what there is now; the tail goes on behind that.
void Feed::read_back(std::string_view why) {
  missed_ = true;
  for (auto& consumer : consumers_)
    if (consumer->live) leave_behind(*consumer, why);
  at_ = reach_back_ = edge(true);
  note_newest();
  retained_.clear();
  retained_bytes_ = 0;
  missed_ = false;
}

// Whether every event is behind the one before it in its partition.
bool Feed::are_news(const std::vector<Ref<EventBatch>>& batches) const {
  auto last = at_;
  const auto follows = [&](const sc_event& event) {
    if (event.pos.partition >= last.size() || !(last[event.pos.partition] < event.pos)) return false;
    last[event.pos.partition] = event.pos;
    return true;
  };
  return std::ranges::all_of(batches, [&](const auto& batch) { return std::ranges::all_of(batch->events(), follows); });
}

void Feed::tend() {
  if (missed_) read_back("the host failed to hand events on");
  for (auto& consumer : consumers_)
    if (consumer->live && !up_to_date(*consumer)) leave_behind(*consumer, "it begins anew");
  answer_joins();
}

void Feed::wake_tail() { wake_appender_ ? wake_appender_() : tail_.interrupt(); }

void Feed::retain(Retained batch) {
  retained_bytes_ += batch.batch->bytes();
  retained_.push_back(std::move(batch));
  while (retained_.size() > kRetainedBatches || retained_bytes_ > kRetainedBytes) {
    const EventBatch& oldest = *retained_.front().batch;
    for (const sc_event& event : oldest.events()) reach_back_[event.pos.partition] = event.pos;
    retained_bytes_ -= oldest.bytes();
    retained_.pop_front();
  }
}

void Feed::leave_behind(Consumer& consumer, std::string_view why) {
  if (consumer.lane->closed()) return;  // the host stops
  if (up_to_date(consumer))
    log::warning(consumer.lane->id(), "is behind: " + std::string(why) + "; it catches up from source '" + source_.id() + "'");
  consumer.live = false;
  ++behind_;
  Stage resting = Stage::kResting;
  if (consumer.stage.compare_exchange_strong(resting, Stage::kCatchingUp)) consumer.stage.notify_all();
}

void Feed::answer_joins() {
  for (auto& consumer : consumers_)
    if (consumer->stage.load() == Stage::kAsking) join(*consumer);
}

// Gives the lane what the tail still holds beyond the lane's positions, and from here on everything.
void Feed::join(Consumer& consumer) {
  bool joined = covers(consumer.done, reach_back_);
  for (std::size_t i = 0; joined && i < retained_.size(); ++i) joined = give(consumer, retained_[i], false);
  if (joined && !consumer.was_live) joined = consumer.was_live = consumer.lane->post(Joined{&never_live_});
  if (joined) {
    consumer.live = true;
    --behind_;
  }
  Stage asking = Stage::kAsking;
  if (consumer.stage.compare_exchange_strong(asking, joined ? Stage::kResting : Stage::kRefused)) consumer.stage.notify_all();
}

// ---- catching up

void Feed::run_catch_up(Consumer& consumer) {
  name_thread("catch-up " + consumer.lane->id());
  Backoff backoff;
  bool goes_on = true;
  while (goes_on && !stopping()) {
    if (!consumer.turns([&] { goes_on = catch_up(consumer, backoff); })) consumer.turns([&] { on_fault(consumer.reader, backoff); });
    consumer.reader.close();
  }
  ended_.release();
}

// From being left behind to joining the tail. False when the lane is closed.
bool Feed::catch_up(Consumer& consumer, Backoff& backoff) {
  consumer.stage.wait(Stage::kResting);
  if (stopping() || !follow_start(consumer)) return false;
  if (!reopen(consumer.reader, consumer.done)) {
    on_fault(consumer.reader, backoff);
    return true;
  }
  while (!stopping() && catch_up_turn(consumer, backoff)) {
  }
  return true;
}

// The lane may have begun anew, or not begun yet: waits for it. False when it is closed.
bool Feed::follow_start(Consumer& consumer) const {
  const auto start = consumer.lane->await_start();
  if (!start) return false;
  if (consumer.started && start->generation == consumer.generation) return true;
  consumer.started = true;
  consumer.generation = start->generation;
  for (const auto& at : start->after)
    if (at.source == source_.number) consumer.done[at.partition] = {at.hi, at.lo, at.partition, 0};
  tell_missing(source_, *consumer.lane, consumer.done);
  return true;
}

// False when the reader is of no more use: the lane has joined the tail or begins anew, or the source failed.
bool Feed::catch_up_turn(Consumer& consumer, Backoff& backoff) {
  if (!up_to_date(consumer)) return false;
  Ref<EventBatch> batch;
  const sc_status status = poll(consumer.reader, kCatchUpWait, true, batch);
  const std::size_t read = batch ? batch->events().size() : 0;
  consumer.read.add(read);
  // Where the tail is handed over, no reader on it knows better.
  if (wake_appender_ && (status == SC_OK || status == SC_TIMEOUT)) failing_since_ns_ = 0;
  if (batch && !give(consumer, routed(std::move(batch)), true)) return false;
  if (status != SC_OK && status != SC_TIMEOUT) {
    on_fault(consumer.reader, backoff);
    return false;
  }
  backoff.reset();
  return read == kBatchEvents || !ask_to_join(consumer);
}

bool Feed::ask_to_join(Consumer& consumer) {
  Stage catching_up = Stage::kCatchingUp;
  if (!consumer.stage.compare_exchange_strong(catching_up, Stage::kAsking)) return false;
  wake_tail();
  consumer.stage.wait(Stage::kAsking);
  Stage refused = Stage::kRefused;
  return !consumer.stage.compare_exchange_strong(refused, Stage::kCatchingUp);
}

// ---- both

// Posts what the lane does not have yet; false when it has no room (or, waiting, when it is closed).
bool Feed::give(Consumer& consumer, const Retained& batch, bool wait) {
  const auto& events = batch.batch->events();
  Events part{batch.batch, {}};
  bool news = false;
  for (const sc_event& event : events) news = news || consumer.done[event.pos.partition] < event.pos;
  if (!up_to_date(consumer)) return false;
  if (!news) return true;
  part.generation = consumer.generation;
  for (const auto index : batch.indices[consumer.place])
    if (consumer.done[events[index].pos.partition] < events[index].pos) part.indices.push_back(index);
  LaneMessage message = std::move(part);
  if (!(wait ? consumer.lane->post_events_wait(message) : consumer.lane->post_events(message))) return false;
  for (const sc_event& event : events)
    if (Position& done = consumer.done[event.pos.partition]; done < event.pos) done = event.pos;
  return true;
}

Feed::Retained Feed::routed(Ref<EventBatch> batch) const {
  Retained out{std::move(batch), std::vector<std::vector<std::uint32_t>>(consumers_.size()), 0};
  const auto& events = out.batch->events();
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    if (EventBatch::is_place_alone(events[i])) continue;
    bool consumed = false;
    router_.route(events[i], [&](std::size_t place) {
      out.indices[place].push_back(i);
      consumed = true;
    });
    if (!consumed) ++out.unconsumed;
  }
  return out;
}

sc_status Feed::poll(SourceReader& reader, std::chrono::milliseconds wait, bool replay, Ref<EventBatch>& batch) {
  EventBatch::Builder builder(source_.number, replay);
  const auto deadline = clock_.mono_ns() + std::chrono::duration_cast<std::chrono::nanoseconds>(wait).count();
  const sc_status status = reader.poll(kBatchEvents, deadline, builder);
  if (!builder.empty()) batch = builder.finish();
  return status;
}

bool Feed::reopen(SourceReader& reader, std::vector<Position>& after) {
  const sc_status status = reader.open(after);
  if (status != SC_GONE) return status == SC_OK;
  // What followed was trimmed: go on with the oldest that is left, and say that the rest is missing.
  log::error(source_.id(), "events were trimmed before they were read; states lack them");
  for (Position& position : after) {
    Position oldest{}, newest{};
    source_.table().range(source_.self(), position.partition, &oldest, &newest);
    if (oldest.hi > 0) --oldest.hi;
    oldest.partition = position.partition;
    if (position < oldest) position = oldest;
  }
  return reader.open(after) == SC_OK;
}

void Feed::on_fault(const SourceReader& reader, Backoff& backoff) {
  if (stopping()) return;
  if (failing_since_ns_ == 0) {
    failing_since_ns_ = clock_.mono_ns();
    log::error(source_.id(), "cannot be read, trying again: " + reader.error());
  }
  [[maybe_unused]] const bool stop = stop_signal_.try_acquire_for(backoff.next());
}

}  // namespace statecast::host

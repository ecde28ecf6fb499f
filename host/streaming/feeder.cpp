#include "host/streaming/feeder.hpp"

#include <pthread.h>

#include <algorithm>

#include "host/ops/log.hpp"
#include "host/streaming/json.hpp"
#include "plugin-api/include/statecast/repeated_member.hpp"
#include "plugin-api/include/statecast/shown_text.hpp"

namespace statecast::host {

namespace {

constexpr std::chrono::nanoseconds kPollWait = std::chrono::seconds(1);
constexpr std::size_t kLongestName = 1024;

bool is_name(sc_str text) {
  return text.n != 0 && text.n <= kLongestName && !has_control(view(text));
}

}  // namespace

std::optional<std::string> fault_of(const sc_event& event) {
  if (!is_name(event.id)) return "its id is empty, too long, or contains control characters";
  if (!is_name(event.source)) return "its source is empty, too long, or contains control characters";
  if (!is_name(event.type)) return "its type is empty, too long, or contains control characters";
  if (event.subject.n != 0 && !is_name(event.subject)) return "its subject is too long, or contains control characters";
  if (nested_deeper_than(view(event.data), kDeepestData)) return "its data are nested deeper than " + std::to_string(kDeepestData) + " levels";
  if (nested_deeper_than(view(event.extensions), kDeepestData)) return "its extensions are nested deeper than " + std::to_string(kDeepestData) + " levels";
  if (!is_json(view(event.data))) return "its data is not JSON: " + excerpt(view(event.data));
  if (event.extensions.n != 0 && !is_json_object(view(event.extensions))) return "its extensions are not a JSON object";
  for (const auto json : {view(event.data), view(event.extensions)})
    if (const auto twice = repeated_member(json)) return "the member '" + excerpt(*twice) + "' is there twice";
  return std::nullopt;
}

Feeder::Feeder(SourceInstance& source, Appender& target, const Clock& clock)
    : source_(source), target_(target), clock_(clock), reader_(source), turns_(ThreadRole::kSource, source.id()), done_(source.partitions()) {
  for (std::uint32_t i = 0; i < done_.size(); ++i) done_[i].partition = i;
}

Feeder::~Feeder() { stop(); }

void Feeder::start() {
  thread_ = std::thread([this] { run(); });
}

bool Feeder::stop(std::chrono::steady_clock::time_point deadline) {
  stopping_.store(true, std::memory_order_release);
  stop_signal_.release();
  reader_.interrupt();
  if (!thread_.joinable()) return true;
  if (!ended_.try_acquire_until(deadline)) return false;
  thread_.join();
  return true;
}

void Feeder::run() {
  ::pthread_setname_np(::pthread_self(), ("feed " + source_.id()).substr(0, 15).c_str());
  bool open = false;
  turns_([&] { open = reopen(); });
  while (!stopping()) {
    if (turns_([&] { open = turn(open); })) continue;
    turns_([&] { on_fault("cannot be fed: " + turns_.error()); });
    open = false;
  }
  reader_.close();
  ended_.release();
}

// Whether the reader is of use for the next turn.
bool Feeder::turn(bool open) {
  Ref<EventBatch> batch;
  const sc_status status = open ? poll(batch) : SC_RETRY;
  if (batch) feed(batch);
  if (status == SC_OK || status == SC_TIMEOUT) {
    if (!batch) on_success();  // else feeding it says how it goes
    return true;
  }
  on_fault("cannot be read: " + reader_.error());
  return reopen();
}

bool Feeder::reopen() { return reader_.open(done_) == SC_OK; }

sc_status Feeder::poll(Ref<EventBatch>& batch) {
  struct Taker {
    Feeder& feeder;
    EventBatch::Builder builder;

    void add(const sc_event& event) {
      const auto fault = fault_of(event);
      fault ? feeder.refuse(event, *fault) : builder.add(event);
    }
    void pass(const sc_pos&) {}  // nothing to feed; what a new reader meets again is known
  } taker{*this, EventBatch::Builder(source_.number, false)};
  const sc_status status = reader_.poll(kBatchEvents, clock_.mono_ns() + kPollWait.count(), taker);
  if (!taker.builder.empty()) batch = taker.builder.finish();
  return status;
}

// Returns once the events are in the log, or the host stops: then they are read again at the next start.
void Feeder::feed(const Ref<EventBatch>& batch) {
  while (!stopping()) {
    AppendWaiter waiter;
    AppendRequest request{{}, batch, &waiter};
    if (!target_.post_wait(request)) return;
    waiter.replied.acquire();
    if (waiter.reply.status == SC_OK) return count(*batch, waiter.reply);
    on_fault("cannot be fed into '" + target_.source().id() + "': " + waiter.reply.why);
  }
}

void Feeder::count(const EventBatch& batch, const AppendReply& reply) {
  for (std::size_t i = 0; i < reply.receipts.size(); ++i) {
    const auto& receipt = reply.receipts[i];
    if (receipt.status != SC_OK) refuse(batch.events()[i], "the log refused it: " + receipt.why);
    else fed_.fetch_add(1, std::memory_order_relaxed);
    if (receipt.duplicate) duplicates_.fetch_add(1, std::memory_order_relaxed);
  }
  for (const sc_event& event : batch.events())
    if (event.pos.partition < done_.size()) done_[event.pos.partition] = event.pos;
  on_success();
}

void Feeder::on_success() {
  backoff_.reset();
  if (failing_since_ns_.exchange(0) != 0) log::info(source_.id(), "feeds '" + target_.source().id() + "' again");
}

void Feeder::refuse(const sc_event& event, const std::string& why) {
  refused_.fetch_add(1, std::memory_order_relaxed);
  log::error(source_.id(), "left out the event '" + excerpt(view(event.id)) + "' (" + excerpt(view(event.type)) + "): " + why);
}

void Feeder::on_fault(const std::string& what) {
  if (stopping()) return;
  if (failing_since_ns_ == 0) {
    failing_since_ns_ = clock_.mono_ns();
    log::error(source_.id(), what + "; trying again");
  }
  [[maybe_unused]] const bool stop = stop_signal_.try_acquire_for(backoff_.next());
}

}  // namespace statecast::host

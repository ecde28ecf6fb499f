#include "host/streaming/appender.hpp"

#include <pthread.h>

#include <algorithm>

#include "host/ops/log.hpp"
#include "host/streaming/feed.hpp"

namespace statecast::host {

Appender::Appender(SourceInstance& source, std::vector<ShardInbox*> shards, std::chrono::milliseconds upkeep)
    : source_(source), shards_(std::move(shards)), upkeep_(upkeep), guard_(source.id()), turns_(ThreadRole::kAppend, source.id()) {}

Appender::~Appender() { stop(); }

void Appender::hand_to(Feed& feed) {
  feed_ = &feed;
  feed.follow_appender([this] { mailbox_.poke(); });
}

void Appender::start() {
  alive_ns_ = system_clock().mono_ns();
  thread_ = std::thread([this] { run(); });
}

bool Appender::stop(std::chrono::steady_clock::time_point deadline) {
  mailbox_.close();
  if (!thread_.joinable()) return true;
  if (!ended_.try_acquire_until(deadline)) return false;
  thread_.join();
  return true;
}

void Appender::run() {
  ::pthread_setname_np(::pthread_self(), ("append " + source_.id()).substr(0, 15).c_str());
  while (!(mailbox_.closed() && mailbox_.size() == 0)) {
    mailbox_.wait_until(std::chrono::steady_clock::now() + std::min(kRound, upkeep_));
    alive_ns_ = system_clock().mono_ns();
    if (!turns_([this] { turn(); })) answer_rest();
    group_.clear();
    group_events_.clear();
    answered_ = 0;
    turns_([this] { look_after(std::chrono::steady_clock::now()); });
  }
  ended_.release();
}

void Appender::turn() {
  gather();
  mailbox_.take_poke();
  take_group();
  if (!group_.empty()) commit();
  if (feed_ != nullptr) feed_->tend();
}

// Something was thrown: perhaps they were stored, perhaps not.
void Appender::answer_rest() {
  if (answered_ == group_.size()) return;
  if (feed_ != nullptr) feed_->on_missed();
  while (answered_ < group_.size()) {
    const AppendRequest& request = group_[answered_];
    AppendReply reply{request.request, SC_RETRY, {}, {}, true};
    answer(request, std::move(reply));
  }
  for (ShardInbox* shard : shards_) shard->wake();
}

// Waits for those who will be back at once.
void Appender::gather() {
  const std::size_t there = mailbox_.size(), wanted = std::min(gathering_.wanted(), mailbox_.capacity());
  if (there == 0 || there >= wanted || mailbox_.closed()) return;
  mailbox_.wait_until(std::chrono::steady_clock::now() + gathering_.patience(), wanted);
  gathering_.on_waited(there, mailbox_.size());
}

void Appender::take_group() {
  std::size_t bytes = 0;
  while (group_events_.size() < kEventsACommit && bytes < kBytesACommit) {
    AppendRequest& request = group_.emplace_back();  // there first: what was taken from the mailbox is answered, whatever happens
    if (!mailbox_.try_pop(request)) return group_.pop_back();
    for (const sc_event& event : request.events->events()) group_events_.push_back(&event);
    bytes += request.events->bytes();
  }
}

void Appender::commit() {
  struct Taken {
    std::vector<AppendReply::Receipt> receipts;
    HostFault fault;
  } taken{std::vector<AppendReply::Receipt>(group_events_.size()), {}};
  auto& receipts = taken.receipts;
  const sc_receipts sink{sizeof(sc_receipts), &taken,
                         [](void* ctx, std::size_t i, sc_status status, const sc_pos* position, std::uint32_t duplicate, sc_str why) {
                           auto& [all, fault] = *static_cast<Taken*>(ctx);
                           if (i >= all.size()) return;
                           fault.keep([&, &all = all] {
                             all[i] = {status, duplicate != 0, position != nullptr ? *position : Position{}, std::string(view(why))};
                           });
                         }};
  const std::int64_t began_ns = system_clock().mono_ns();
  const sc_status status = guard_("append", [&](const sc_sink* err) {
    return source_.table().append(source_.self(), group_events_.data(), group_events_.size(), &sink, err);
  });
  taken.fault.rethrow();
  if (status == SC_OK) {
    on_stored();
    commits_.add();
    count(receipts);
    hand_on(receipts);
  } else {
    on_failure(status, group_events_.size());
  }
  const std::int64_t now_ns = system_clock().mono_ns();
  gathering_.on_append(group_.size(), mailbox_.size(), std::chrono::nanoseconds(now_ns - began_ns));
  for (const AppendRequest& request : group_) times_.observe(now_ns - request.posted_ns);
  auto next = receipts.begin();
  for (const AppendRequest& request : group_) {
    const auto n = static_cast<std::ptrdiff_t>(request.events->events().size());
    AppendReply reply{request.request, status, status == SC_OK ? std::string() : guard_.error(), {}};
    if (status == SC_OK) reply.receipts.assign(std::make_move_iterator(next), std::make_move_iterator(next + n));
    next += n;
    answer(request, std::move(reply));
  }
  for (ShardInbox* shard : shards_) shard->wake();
}

// Before the publishers are answered: their shards then have both to do at once, the answers and what is delivered.
void Appender::hand_on(const std::vector<AppendReply::Receipt>& receipts) {
  if (feed_ == nullptr) return;
  if (!turns_([&] { feed_->hand_over(stored(receipts)); })) feed_->on_missed();
}

// The events of the commit that are new in the source, as its readers would yield them.
std::vector<Ref<EventBatch>> Appender::stored(const std::vector<AppendReply::Receipt>& receipts) const {
  std::vector<Ref<EventBatch>> batches;
  for (std::size_t i = 0; i < receipts.size();) {
    EventBatch::Builder builder(source_.number, false);
    for (const std::size_t end = std::min(receipts.size(), i + kEventsABatch); i < end; ++i) {
      if (receipts[i].status != SC_OK || receipts[i].duplicate) continue;
      sc_event event = *group_events_[i];
      event.pos = receipts[i].position;
      builder.add(event);
    }
    if (!builder.empty()) batches.push_back(builder.finish());
  }
  return batches;
}

void Appender::on_stored() {
  if (last_failed_ns_.exchange(0) != 0) log::info(source_.id(), "takes events again");
}

void Appender::on_failure(sc_status status, std::size_t events) {
  failed_.add(events);
  const std::string why = guard_.error().empty() ? "no reason given" : guard_.error();
  if (last_failed_ns_ == 0) log::error(source_.id(), "takes no events: " + why);
  {
    const std::lock_guard lock(mutex_);
    fault_ = why;
  }
  last_failed_ns_ = system_clock().mono_ns();
  next_probe_ = std::chrono::steady_clock::now() + (status == SC_FAILED ? kRoundsWhenBroken : 1) * upkeep_;
}

std::optional<std::string> Appender::fault() const {
  if (last_failed_ns() == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return fault_;
}

void Appender::look_after(SteadyTime now) {
  if (last_failed_ns_ != 0 && now >= next_probe_) probe();
  if (now < next_upkeep_) return;
  next_upkeep_ = now + upkeep_;
  tell_saved();
}

// Without it nobody would know that a disk has space again before somebody publishes, and nobody publishes to a host
// that is not ready.
void Appender::probe() {
  const sc_receipts nothing{sizeof(sc_receipts), nullptr,
                            [](void*, std::size_t, sc_status, const sc_pos*, std::uint32_t, sc_str) {}};
  const sc_status status =
      guard_("append", [&](const sc_sink* err) { return source_.table().append(source_.self(), nullptr, 0, &nothing, err); });
  status == SC_OK ? on_stored() : on_failure(status, 0);
}

void Appender::tell_saved() {
  if (!saved_ || source_.table().ack == nullptr) return;
  const std::vector<Position> saved = saved_();
  if (saved.empty()) return;
  const sc_status status =
      guard_("ack", [&](const sc_sink* err) { return source_.table().ack(source_.self(), saved.data(), saved.size(), err); });
  if (status == SC_RETRY || status == SC_FAILED) on_failure(status, 0);
}

void Appender::count(const std::vector<AppendReply::Receipt>& receipts) {
  for (const auto& receipt : receipts) {
    Counter& outcome = receipt.status != SC_OK ? refused_ : receipt.duplicate ? duplicates_ : stored_;
    outcome.add();
  }
}

void Appender::answer(const AppendRequest& request, AppendReply reply) {
  ++answered_;
  if (request.waiter != nullptr) {
    request.waiter->reply = std::move(reply);
    return request.waiter->replied.release();
  }
  ShardMessage message = std::move(reply);
  shards_[request.request.shard]->put_wait(message);
}

}  // namespace statecast::host

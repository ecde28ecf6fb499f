#include "host/streaming/appender.hpp"

#include <pthread.h>

#include <limits>

#include "host/ops/log.hpp"

namespace statecast::host {

Appender::Appender(SourceInstance& source, std::vector<ShardInbox*> shards)
    : source_(source), shards_(std::move(shards)), guard_(source.id()) {}

Appender::~Appender() { stop(); }

void Appender::start() {
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
    mailbox_.wait_until(std::chrono::steady_clock::now() + std::chrono::minutes(1));
    mailbox_.take_poke();
    AppendRequest request;
    std::size_t bytes = 0;
    while (group_events_.size() < kEventsACommit && bytes < kBytesACommit && mailbox_.try_pop(request)) {
      for (const sc_event& event : request.events->events()) group_events_.push_back(&event);
      bytes += request.events->bytes();
      group_.push_back(std::move(request));
    }
    if (!group_.empty()) commit();
    group_.clear();
    group_events_.clear();
  }
  ended_.release();
}

void Appender::commit() {
  std::vector<AppendReply::Receipt> receipts(group_events_.size());
  const sc_receipts sink{sizeof(sc_receipts), &receipts,
                         [](void* ctx, std::size_t i, sc_status status, const sc_pos* position, std::uint32_t duplicate, sc_str why) {
                           auto& all = *static_cast<std::vector<AppendReply::Receipt>*>(ctx);
                           if (i >= all.size()) return;
                           all[i] = {status, duplicate != 0, position != nullptr ? *position : Position{}, std::string(view(why))};
                         }};
  const sc_status status = guard_("append", [&](const sc_sink* err) {
    return source_.table().append(source_.self(), group_events_.data(), group_events_.size(), &sink, err);
  });
  if (status == SC_OK) {
    last_failed_ns_ = 0;
    commits_.add();
    count(receipts);
  } else {
    failed_.add(group_events_.size());
    if (last_failed_ns_ == 0) log::error(source_.id(), "takes no events: " + guard_.error());
    last_failed_ns_ = system_clock().mono_ns();
  }
  const std::int64_t now_ns = system_clock().mono_ns();
  for (const AppendRequest& request : group_) times_.observe(now_ns - request.posted_ns);
  auto next = receipts.begin();
  for (const AppendRequest& request : group_) {
    const auto n = static_cast<std::ptrdiff_t>(request.events->events().size());
    AppendReply reply{request.request, status, status == SC_OK ? std::string() : guard_.error(), {}};
    if (status == SC_OK) reply.receipts.assign(std::make_move_iterator(next), std::make_move_iterator(next + n));
    next += n;
    answer(request, std::move(reply));
  }
}

void Appender::count(const std::vector<AppendReply::Receipt>& receipts) {
  for (const auto& receipt : receipts) {
    Counter& outcome = receipt.status != SC_OK ? refused_ : receipt.duplicate ? duplicates_ : stored_;
    outcome.add();
  }
}

void Appender::answer(const AppendRequest& request, AppendReply reply) {
  if (request.waiter != nullptr) {
    request.waiter->reply = std::move(reply);
    return request.waiter->replied.release();
  }
  ShardMessage message = std::move(reply);
  shards_[request.request.shard]->push_wait(message);
}

}  // namespace statecast::host

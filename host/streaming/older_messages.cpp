#include "host/streaming/older_messages.hpp"

#include <utility>

#include "host/ops/log.hpp"
#include "host/streaming/store.hpp"

namespace statecast::host {

std::uint64_t OlderMessages::ask(const std::string& topic, std::uint64_t from, std::uint64_t end, Done done) {
  waiting_.emplace(++requests_, Asked{topic, from, end, std::move(done)});
  return requests_;
}

void OlderMessages::forget(std::uint64_t request) {
  waiting_.erase(request);
  if (const auto found = under_way_.find(request); found != under_way_.end()) found->second = nullptr;
}

void OlderMessages::step() {
  if (!arrived_.empty())  // seldom, and an empty deque costs an allocation
    for (Fetched& fetched : std::exchange(arrived_, {})) hand_over(fetched);
  held_up_ = false;
  while (!waiting_.empty() && under_way_.size() < kUnderWay) {
    auto& [request, asked] = *waiting_.begin();
    StoreRequest message = FetchHistory{lane_, request, asked.topic, asked.from, asked.end, kAtOnce};
    held_up_ = !store_->post(message);
    if (held_up_) return;
    under_way_.emplace(request, std::move(asked.done));
    waiting_.erase(waiting_.begin());
  }
}

void OlderMessages::hand_over(Fetched& fetched) {
  if (!fetched.why.empty() && !std::exchange(failing_, true))
    log::error(state_, "older messages cannot be read: " + fetched.why + ": clients that come late are told that they miss some");
  if (fetched.why.empty()) failing_ = false;
  const auto found = under_way_.find(fetched.request);
  if (found == under_way_.end()) return;
  const Done done = std::move(found->second);
  under_way_.erase(found);
  if (done) done(fetched);
}

}  // namespace statecast::host

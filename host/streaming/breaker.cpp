#include "host/streaming/breaker.hpp"

#include <algorithm>
#include <memory>
#include <random>

namespace statecast::host {

Breaker::Breaker(Random random) : random_(std::move(random)) {}

Breaker::Random Breaker::system_random() {
  auto generator = std::make_shared<std::minstd_rand>(std::random_device{}());
  return [generator] { return std::uniform_real_distribution<double>(0, 1)(*generator); };
}

void Breaker::on_failure(std::string_view reason, Time now) {
  ++failures_;
  const BreakerState before = state();
  if (before == BreakerState::kClosed && failures_ < kFailuresToOpen) return;
  std::lock_guard lock(mutex_);
  status_.reason = reason;
  status_.failures = failures_;
  if (before == BreakerState::kClosed) status_.since_ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
  if (before != BreakerState::kOpen) open(now);
}

void Breaker::open(Time now) {
  retry_at_ = now + next_pause();
  status_.state = BreakerState::kOpen;
  state_.store(BreakerState::kOpen, std::memory_order_relaxed);
}

// Between half of its length and all of it, so that many do not try at the same moment.
std::chrono::milliseconds Breaker::next_pause() {
  constexpr unsigned kDoublingsAtMost = 6;  // 1 s becomes more than the longest pause
  const auto longest = std::min(kLongestPause, kFirstPause * (1 << std::min(tries_++, kDoublingsAtMost)));
  return longest / 2 + std::chrono::milliseconds(static_cast<std::int64_t>(random_() * static_cast<double>((longest / 2).count())));
}

void Breaker::half_open() {
  if (state() != BreakerState::kOpen) return;
  std::lock_guard lock(mutex_);
  status_.state = BreakerState::kHalfOpen;
  state_.store(BreakerState::kHalfOpen, std::memory_order_relaxed);
}

void Breaker::on_recovered() {
  failures_ = tries_ = 0;
  if (closed()) return;
  std::lock_guard lock(mutex_);
  status_ = {};
  state_.store(BreakerState::kClosed, std::memory_order_relaxed);
}

std::optional<BreakerStatus> Breaker::status() const {
  if (closed()) return std::nullopt;
  std::lock_guard lock(mutex_);
  if (closed()) return std::nullopt;  // it closed meanwhile
  return status_;
}

}  // namespace statecast::host

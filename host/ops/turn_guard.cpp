#include "host/ops/turn_guard.hpp"

#include <atomic>

#include "host/ops/log.hpp"

namespace statecast::host {

namespace {

// What fails once may fail a thousand times a second: the log gets one line a minute of the same.
constexpr std::chrono::minutes kTellEvery{1};

std::array<std::atomic<std::uint64_t>, kThreadRoles.size()> failed{};

}  // namespace

std::uint64_t failed_turns(ThreadRole role) { return failed[static_cast<std::size_t>(role)].load(std::memory_order_relaxed); }

void TurnGuard::on_thrown(std::string_view what) noexcept {
  failed[static_cast<std::size_t>(role_)].fetch_add(1, std::memory_order_relaxed);
  try {
    if (!is_news(what)) return;
    error_ = what;
    told_at_ = std::chrono::steady_clock::now();
    log::error(who_, "a turn failed (" + error_ + "): what it was doing ends, all else goes on; the same again is told after a minute");
  } catch (...) {
    // Without memory there is no line in the log; the count is there.
  }
}

bool TurnGuard::is_news(std::string_view what) {
  return error_ != what || std::chrono::steady_clock::now() - told_at_ >= kTellEvery;
}

}  // namespace statecast::host

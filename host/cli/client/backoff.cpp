#include "host/cli/client/backoff.hpp"

#include <algorithm>
#include <random>

namespace statecast::host::client {

Backoff::Backoff(std::function<double()> dice) : dice_(std::move(dice)) {}

std::function<double()> Backoff::system_dice() {
  return [random = std::minstd_rand(std::random_device{}())]() mutable { return std::uniform_real_distribution<double>(0, 1)(random); };
}

std::chrono::milliseconds Backoff::next(std::chrono::milliseconds least) {
  const auto most = std::max(least, std::min(kLongest, least * 3 / 2 * (1 << std::min(tries_, 10u))));
  ++tries_;
  return least + std::chrono::milliseconds(static_cast<long>(dice_() * static_cast<double>((most - least).count())));
}

}  // namespace statecast::host::client

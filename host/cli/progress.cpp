#include "host/cli/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace statecast::host {

namespace {

constexpr int kWidth = 30;
constexpr std::chrono::milliseconds kMoment{100};

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return grouped(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::string progress_line(double fraction, std::string_view text) {
  if (fraction < 0) return std::string(text);
  const double part = std::min(fraction, 1.0);
  const int done = static_cast<int>(part * kWidth);
  const std::string percent = std::to_string(static_cast<int>(part * 100));
  return "[" + std::string(static_cast<std::size_t>(done), '#') + std::string(static_cast<std::size_t>(kWidth - done), '-') + "] " +
         std::string(3 - std::min<std::size_t>(percent.size(), 3), ' ') + percent + "%  " + std::string(text);
}

ProgressBar::ProgressBar() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressBar::show(double fraction, std::string_view text) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (shown_ && now - last_ < kMoment)) return;
  last_ = now;
  shown_ = true;
  std::cerr << "\r\x1b[K" << progress_line(fraction, text) << std::flush;
}

void ProgressBar::clear() {
  if (std::exchange(shown_, false)) std::cerr << "\r\x1b[K" << std::flush;
}

}  // namespace statecast::host

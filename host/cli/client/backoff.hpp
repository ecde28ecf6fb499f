// How long to wait before the next try: at least what the host asked for, growing with every try that failed, never the
// same for two clients, so that those who lost a host together do not come back together.
//
// Plain values; any thread.
#pragma once

#include <chrono>
#include <functional>

namespace statecast::host::client {

class Backoff {
 public:
  static constexpr std::chrono::milliseconds kFirst{1000}, kLongest{10'000};

  // `dice` gives numbers from 0 to 1.
  explicit Backoff(std::function<double()> dice = system_dice());

  // The wait before the next try. `least` is what the host asked for, which may be more than kLongest.
  std::chrono::milliseconds next(std::chrono::milliseconds least = kFirst);
  // After a try that worked.
  void reset() { tries_ = 0; }

 private:
  static std::function<double()> system_dice();

  std::function<double()> dice_;
  unsigned tries_ = 0;
};

}  // namespace statecast::host::client

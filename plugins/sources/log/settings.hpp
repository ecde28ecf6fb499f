// What an operator sets for a source of type `log`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace statecast::log {

// What the log keeps; 0 = without this bound.
struct Keep {
  std::int64_t age_us = 0;  // since an event was stored
  std::uint64_t bytes = 0;  // of the file, as far as it is in use
};

struct Settings {
  std::string path;
  Keep keep;

  explicit Settings(std::string_view json);
};

}  // namespace statecast::log

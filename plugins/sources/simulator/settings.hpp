// What an operator sets for a source of type `simulator`.
//
// The defaults stand here once: plugin.cpp puts them into the manifest's schema, from which the host fills them in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace statecast::simulator {

inline constexpr std::string_view kDefaultSettings = R"({
  "rate": 3,
  "drivers": 12,
  "merchants": 8,
  "customers": 40,
  "location_interval": 1000,
  "pace": 1,
  "orders": 0
})";

struct Settings {
  double rate = 0;  // new orders a minute of the platform's own time
  std::int64_t drivers = 0, merchants = 0, customers = 0;
  std::int64_t location_interval_ms = 0;  // between two locations of one driver, by the times of the events
  double pace = 0;                        // 0 = as fast as possible
  std::int64_t orders = 0;                // after so many the platform comes to its end; 0 = never
  std::optional<std::int64_t> seed;
  std::optional<std::int64_t> start_us;

  // How much faster the platform lives than the times in its events go by.
  double speed() const { return pace > 0 ? pace : 1; }

  // Reads a JSON object, from which any member may be absent; throws Failure.
  static Settings read(std::string_view json);
};

}  // namespace statecast::simulator

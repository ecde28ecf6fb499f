// What an operator sets for a state of type `window`.
//
// The defaults stand here once: plugin.cpp puts them into the manifest's schema, from which the host fills them in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "plugins/states/window/grouping.hpp"

namespace statecast::window {

// Durations in milliseconds.
inline constexpr std::string_view kDefaultSettings = R"({
  "size": 60000,
  "allowed_lateness": 10000,
  "max_ahead": 3600000,
  "max_groups": 10000,
  "max_types": 100,
  "max_memory": 268435456
})";

// Of one group at most so many windows may be open at a time.
inline constexpr std::int64_t kOpenAtMost = 1000;

struct Settings {
  std::int64_t size_us;
  std::int64_t lateness_us;
  std::int64_t max_ahead_us;  // 0 = no bound
  std::size_t max_groups;
  std::size_t max_types;
  std::size_t max_bytes;  // of the open windows
  std::string name;                                          // every result goes to windows/<name>
  std::optional<Grouping> grouping;                          // nothing = all events are one group
  std::optional<std::set<std::string, std::less<>>> types;  // nothing = every type is counted

  // JSON: what a saved window depends on.
  std::string meaning;

  bool counts(std::string_view type) const { return !types || types->contains(type); }

  // Reads a JSON object, from which any member may be absent; throws Rejection.
  static Settings read(std::string_view json, std::string_view instance);
};

}  // namespace statecast::window

// What an operator sets for a state of type `delivery`.
//
// The defaults stand here once: plugin.cpp puts them into the manifest's schema, from which the host fills them in.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "plugins/states/bound.hpp"

namespace statecast::delivery {

// Durations in milliseconds.
inline constexpr std::string_view kDefaultSettings = R"({
  "ended_statuses": ["COMPLETED", "CANCELLED"],
  "keep": 86400000,
  "stale_after": 60000,
  "tracked_statuses": ["OUT_FOR_DELIVERY"],
  "ended_order_statuses": ["DELIVERED", "CANCELLED", "FAILED"],
  "keep_orders": 604800000,
  "keep_idle": 2592000000,
  "max_runs": 200000,
  "max_drivers": 200000,
  "max_orders": 1000000,
  "max_memory": 536870912
})";

struct Settings {
  using Statuses = std::set<std::string, std::less<>>;

  Statuses ended_statuses;        // of a run: nothing more will come
  Statuses tracked_statuses;      // of an order: its customer sees its driver
  Statuses ended_order_statuses;  // of an order: it is forgotten
  // In microseconds:
  std::int64_t keep, keep_orders, stale_after;
  std::int64_t keep_idle;               // of a run that has not ended; 0 = for ever
  Bound::Limits runs, drivers, orders;

  // Reads a JSON object, from which any member may be absent; throws Rejection.
  static Settings read(std::string_view json);
};

}  // namespace statecast::delivery

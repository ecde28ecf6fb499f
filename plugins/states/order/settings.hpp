// What an operator sets for a state of type `order`.
//
// The defaults stand here once: plugin.cpp puts them into the manifest's schema, from which the host fills them in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/states/bound.hpp"
#include "plugins/states/order/early_events.hpp"
#include "plugins/states/order/lifecycle.hpp"

namespace statecast::order {

inline constexpr std::string_view kDefaultSettings = R"({
  "lifecycle": {
    "PENDING": ["CONFIRMED", "CANCELLED"],
    "CONFIRMED": ["PREPARING", "CANCELLED"],
    "PREPARING": ["READY", "CANCELLED"],
    "READY": ["OUT_FOR_DELIVERY"],
    "OUT_FOR_DELIVERY": ["DELIVERED", "FAILED"],
    "DELIVERED": [],
    "CANCELLED": [],
    "FAILED": []
  },
  "initial": "PENDING",
  "staff_only": ["internalNote"],
  "keep": 86400000,
  "keep_idle": 2592000000,
  "max_orders": 1000000,
  "max_memory": 1073741824,
  "hold_early": 60000,
  "max_early": 1000
})";

struct Settings {
  Lifecycle lifecycle;
  std::vector<std::string> staff_only;  // members of `data` that customers do not see
  std::int64_t keep_us;                 // how long an order stays after its end
  std::int64_t keep_idle_us;            // and without an event; 0 = for ever
  Bound::Limits bound;
  EarlyEvents::Bounds early;

  // Reads a JSON object, from which any member may be absent; throws Rejection.
  static Settings read(std::string_view json);
};

}  // namespace statecast::order

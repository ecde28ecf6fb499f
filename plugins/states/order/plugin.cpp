#include <statecast/plugin.hpp>

#include "plugins/states/manifest.hpp"
#include "plugins/states/order/order_state.hpp"

namespace {

constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "lifecycle": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "description": "Every status an order may have, each with the list of those that may follow it."
      },
      "initial": {"type": "string", "description": "The status of a new order."},
      "staff_only": {
        "type": "array",
        "items": {"type": "string"},
        "shapes_saved": false,
        "description": "Fields of an order that staff see and customers do not."
      },
      "keep": {
        "type": "integer",
        "format": "duration",
        "minimum": 0,
        "maximum": 3153600000000,
        "description": "How long an order stays after its end, by the time of the event that ended it."
      },
      "hold_early": {
        "type": "integer",
        "format": "duration",
        "minimum": 0,
        "maximum": 86400000,
        "shapes_saved": false,
        "description": "How long an event that comes before the OrderCreated of its order waits for it, by the times of the events that follow; then it is rejected. 0s = it is rejected at once."
      },
      "max_early": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000000,
        "shapes_saved": false,
        "description": "How many events of a partition wait so at most, 20 of one order and 8 MiB among them; then the oldest is rejected."
      },
      "keep_idle": {
        "type": "integer", "format": "duration", "minimum": 0, "maximum": 3153600000000,
        "description": "How long an order that has not ended stays without an event, up to the time of the newest event of any order. 0s = for ever."
      },
      "max_orders": {
        "type": "integer", "minimum": 1, "maximum": 1000000000,
        "description": "The most orders that a partition keeps: beyond, those that ended go first, then those without an event for longest."
      },
      "max_memory": {
        "type": "integer", "format": "size", "minimum": 65536, "maximum": 1099511627776,
        "description": "The most that the orders of a partition may take, about; beyond, they go as those beyond max_orders."
      }
    }
  },
  "consumes": [
    {"type": "OrderCreated", "key": "/subject"},
    {"type": "PaymentProcessed", "key": "/subject"},
    {"type": "OrderStatusUpdated", "key": "/subject"}
  ],
  "topics": [
    {"prefix": "orders", "kind": "updated", "spans": ["all"]},
    {"prefix": "customers", "kind": "updated", "spans": true}
  ],
  "partitionable": true
})";

const std::string manifest = statecast::with_defaults(kManifest, statecast::order::kDefaultSettings);

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::state<statecast::order::OrderState>(
                      "order", "1.0.0", "Orders: their status, items and payment, for customers and staff", manifest));

#include <statecast/plugin.hpp>

#include "plugins/states/delivery/delivery_state.hpp"
#include "plugins/states/manifest.hpp"

namespace {

// Not partitionable: who may see a driver depends on orders and on runs, whose keys lead to other partitions than the
// driver's.
constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "ended_statuses": {
        "type": "array", "items": {"type": "string"},
        "description": "The statuses of a run that end it: nothing of it changes any more, and its streams close."
      },
      "keep": {
        "type": "integer", "format": "duration", "minimum": 1000, "maximum": 315360000000,
        "description": "How long a run is kept after its end, and a driver after the last location."
      },
      "stale_after": {
        "type": "integer", "format": "duration", "minimum": 1000, "maximum": 315360000000,
        "description": "A driver without a location for so long is shown with \"stale\": true."
      },
      "tracked_statuses": {
        "type": "array", "items": {"type": "string"},
        "description": "While an order has one of these statuses, its customer sees the driver who brings it."
      },
      "ended_order_statuses": {
        "type": "array", "items": {"type": "string"},
        "description": "The statuses of an order that end it: it is forgotten here."
      },
      "keep_orders": {
        "type": "integer", "format": "duration", "minimum": 1000, "maximum": 315360000000,
        "description": "An order without an event for so long is forgotten here, in whatever status it is."
      },
      "keep_idle": {
        "type": "integer", "format": "duration", "minimum": 0, "maximum": 315360000000,
        "description": "How long a run that has not ended stays without an event, up to the time of the newest event of any run. 0s = for ever."
      },
      "max_runs": {
        "type": "integer", "minimum": 1, "maximum": 1000000000,
        "description": "The most runs that are kept: beyond, those that ended go first, then those without an event for longest."
      },
      "max_drivers": {
        "type": "integer", "minimum": 1, "maximum": 1000000000,
        "description": "The most drivers that are kept: beyond, those without a location for longest go."
      },
      "max_orders": {
        "type": "integer", "minimum": 1, "maximum": 1000000000,
        "description": "The most orders that are kept: beyond, those without an event for longest go."
      },
      "max_memory": {
        "type": "integer", "format": "size", "minimum": 65536, "maximum": 1099511627776,
        "description": "The most that the runs may take, about, and the drivers, and the orders; beyond, they go as those that are too many."
      }
    }
  },
  "consumes": [
    {"type": "RunUpdated", "key": "/subject"},
    {"type": "DriverLocationUpdated", "key": "/subject"},
    {"type": "OrderCreated", "key": "/subject"},
    {"type": "OrderStatusUpdated", "key": "/subject"}
  ],
  "topics": [
    {"prefix": "runs", "kind": "updated", "spans": ["all"]},
    {"prefix": "drivers", "kind": "updated", "spans": ["all"]}
  ],
  "partitionable": false
})";

const std::string manifest = statecast::with_defaults(kManifest, statecast::delivery::kDefaultSettings);

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::state<statecast::delivery::DeliveryState>(
                      "delivery", "1.0.0",
                      "Delivery runs and where drivers are, for staff, drivers and waiting customers", manifest));

#include <statecast/plugin.hpp>

#include "plugins/states/manifest.hpp"
#include "plugins/states/merchant/merchant_state.hpp"

namespace {

constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "max_items": {
        "type": "integer", "minimum": 1, "maximum": 100000,
        "shapes_saved": false,
        "description": "The most menu items that a merchant may have; more are rejected."
      },
      "max_promotions": {
        "type": "integer", "minimum": 1, "maximum": 10000,
        "shapes_saved": false,
        "description": "The most promotions that a merchant may have, unless one has ended; more are rejected."
      },
      "max_size": {
        "type": "integer", "format": "size", "minimum": 1024, "maximum": 67108864,
        "shapes_saved": false,
        "description": "The most that a merchant may take as JSON. Keep it below the transports' buffer."
      },
      "max_merchants": {
        "shapes_saved": false, "type": "integer", "minimum": 1, "maximum": 1000000000,
        "description": "The most merchants that a partition keeps; events of more are rejected."
      },
      "max_memory": {
        "shapes_saved": false, "type": "integer", "format": "size", "minimum": 65536, "maximum": 1099511627776,
        "description": "The most that the merchants of a partition may take, about; events that need more are rejected."
      },
      "staff_only": {
        "type": "array",
        "items": {"type": "string"},
        "shapes_saved": false,
        "description": "Fields of a merchant, a menu item or a promotion that staff see and others do not."
      }
    }
  },
  "consumes": [
    {"type": "MenuItemUpdated", "key": "/data/merchantId"},
    {"type": "RestaurantStatusChanged", "key": "/subject"},
    {"type": "PromotionPublished", "key": "/data/merchantId"}
  ],
  "topics": [{"prefix": "merchants", "kind": "updated", "spans": ["all"]}],
  "partitionable": true
})";

const std::string manifest = statecast::with_defaults(kManifest, statecast::merchant::kDefaultSettings);

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::state<statecast::merchant::MerchantState>(
                      "merchant", "1.0.0", "Merchants: whether they are open, their menus and promotions", manifest));

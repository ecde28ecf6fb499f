#include <statecast/plugin.hpp>

#include "plugins/states/manifest.hpp"
#include "plugins/states/window/window_state.hpp"

namespace {

// Not partitionable: the stream has one time, which closes the windows of all groups.
constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "size": {
        "type": "integer", "format": "duration", "minimum": 1, "maximum": 2678400000,
        "description": "How long a window is."
      },
      "allowed_lateness": {
        "type": "integer", "format": "duration", "minimum": 0, "maximum": 2678400000,
        "description": "How far an event may be behind the newest; a window closes so much after its end."
      },
      "max_ahead": {
        "type": "integer", "format": "duration", "minimum": 0, "maximum": 3153600000000,
        "description": "An event so far ahead of the newest must be confirmed by others; 0s = none must."
      },
      "types": {
        "type": "array",
        "items": {"type": "string"},
        "description": "The event types that are counted; without it all are."
      },
      "group_by": {
        "type": "string",
        "description": "Where an event names its group: /subject, or a JSON pointer into /data."
      },
      "max_groups": {
        "type": "integer", "minimum": 1, "maximum": 10000000,
        "description": "The most groups that may have open windows; events of others are not counted."
      },
      "max_memory": {
        "type": "integer", "format": "size", "minimum": 65536, "maximum": 1099511627776,
        "description": "The most that the open windows of a partition may take, about; beyond, events of other windows are not counted, and other types are counted together."
      },
      "max_types": {
        "type": "integer", "minimum": 1, "maximum": 10000,
        "description": "The most types that a window tells one by one."
      },
      "name": {
        "type": "string",
        "description": "The topic of all results is windows/<name>; without it, the instance's id is the name."
      }
    }
  },
  "consumes": [{"type": "*", "key": "/subject"}],
  "topics": [{"prefix": "windows", "kind": "appended"}]
})";

const std::string manifest = statecast::with_defaults(kManifest, statecast::window::kDefaultSettings);

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::state<statecast::window::WindowState>(
                      "window", "1.0.0", "Windows: how many events of each type came in each span of time", manifest));

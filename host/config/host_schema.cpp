#include "host/config/host_schema.hpp"

#include <nlohmann/json.hpp>

#include "host/config/install_paths.hpp"
#include "plugin-api/include/statecast/abi/entry.h"

namespace statecast::host {
namespace {

using Schema = nlohmann::ordered_json;

// Defaults are those of settings.hpp, in milliseconds and bytes.
constexpr const char* kFile = R"json({
  "properties": {
    "version": {"type": "integer", "enum": [1]},
    "include": {"type": "array", "items": {"type": "string"}},
    "server": {
      "properties": {
        "listen": {"type": ["string", "array"], "items": {"type": "string"}, "default": "127.0.0.1:8080"},
        "admin": {"type": ["string", "array"], "items": {"type": "string"}, "default": "127.0.0.1:9180"},
        "hosts": {"type": ["string", "array"], "items": {"type": "string"}, "default": []},
        "origins": {"type": ["string", "array"], "items": {"type": "string"}, "default": []},
        "publish": {"type": "string"},
        "page": {"type": "boolean", "default": true},
        "log": {
          "properties": {
            "level": {"type": "string", "enum": ["debug", "info", "warning", "error"], "default": "info"},
            "format": {"type": "string", "enum": ["auto", "text", "json", "journald"], "default": "auto"}
          }
        },
        "shards": {"type": "integer", "minimum": 0, "maximum": 256, "default": 0},
        "drain": {"type": "integer", "format": "duration", "minimum": 0, "maximum": 3600000, "default": 10000}
      }
    },
    "plugins": {
      "properties": {
        "search": {"type": "array", "items": {"type": "string", "format": "path"}},
        "require": {"type": "object", "additionalProperties": {"type": "string"}}
      }
    },
    "store": {
      "properties": {
        "path": {"type": "string", "format": "path", "default": ""},
        "every": {"type": "integer", "format": "duration", "minimum": 10, "maximum": 3600000, "default": 5000}
      }
    },
    "sources": {},
    "states": {},
    "transports": {},
    "access": {},
    "insecure": {"type": "boolean", "default": false},
    "limits": {
      "properties": {
        "connections": {"type": "integer", "minimum": 1, "maximum": 10000000, "default": 50000},
        "per_ip": {"type": "integer", "minimum": 0, "maximum": 10000000, "default": 0},
        "topics_per_session": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100},
        "header": {"type": "integer", "format": "size", "minimum": 1024, "maximum": 64512, "default": 16384},
        "body": {"type": "integer", "format": "size", "minimum": 1, "maximum": 1073741824, "default": 1048576},
        "header_timeout": {"type": "integer", "format": "duration", "minimum": 10, "maximum": 3600000, "default": 10000},
        "body_timeout": {"type": "integer", "format": "duration", "minimum": 10, "maximum": 3600000, "default": 30000},
        "idle_timeout": {"type": "integer", "format": "duration", "minimum": 10, "maximum": 86400000, "default": 60000},
        "history_memory": {"type": "integer", "format": "size", "minimum": 65536, "maximum": 1099511627776, "default": 268435456},
        "history_topics": {"type": "integer", "minimum": 16, "maximum": 1000000000, "default": 200000},
        "buffers": {"type": "integer", "format": "size", "minimum": 65536, "maximum": 1099511627776, "default": 268435456}
      }
    }
  }
})json";

constexpr const char* kSource = R"json({
  "properties": {
    "into": {"type": "string"},
    "type": {"type": "string"},
    "enabled": {"type": "boolean", "default": true}
  },
  "required": ["type"]
})json";

constexpr const char* kState = R"json({
  "properties": {
    "sources": {"type": "array", "items": {"type": "string"}},
    "refresh": {"type": "integer", "format": "duration", "minimum": 10, "maximum": 86400000, "default": 5000},
    "partitions": {"type": "integer", "minimum": 1, "maximum": 64, "default": 1},
    "send": {"type": "string", "enum": ["on_change", "always"], "default": "on_change"},
    "history": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 1000},
    "history_age": {"type": "integer", "format": "duration", "minimum": 0, "maximum": 31536000000, "default": 0},
    "history_idle": {"type": "integer", "format": "duration", "minimum": 0, "maximum": 31536000000, "default": 604800000},
    "hang_after": {"type": "integer", "format": "duration", "minimum": 100, "maximum": 86400000, "default": 10000},
    "on_hang": {"type": "string", "enum": ["degrade", "restart"], "default": "degrade"},
    "type": {"type": "string"},
    "enabled": {"type": "boolean", "default": true}
  },
  "required": ["type", "sources"]
})json";

constexpr const char* kTransport = R"json({
  "properties": {
    "expose": {"type": ["string", "array"], "items": {"type": "string"}, "default": "all"},
    "path": {"type": "string"},
    "routes": {
      "type": "array",
      "items": {"properties": {"path": {"type": "string"}, "topic": {"type": "string", "default": ""}}, "required": ["path"]},
      "default": []
    },
    "buffer": {"type": "integer", "format": "size", "minimum": 4096, "maximum": 1073741824, "default": 262144},
    "buffer_messages": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 1024},
    "slow_clients": {
      "properties": {
        "updated": {"type": "string", "enum": ["conflate", "drop_oldest", "drop_newest", "disconnect"], "default": "conflate"},
        "appended": {"type": "string", "enum": ["disconnect", "block"], "default": "disconnect"}
      }
    },
    "heartbeat": {"type": "integer", "format": "duration", "minimum": 10, "maximum": 3600000, "default": 15000},
    "flush_window": {"type": "integer", "format": "duration", "minimum": 0, "maximum": 1000, "default": 0},
    "write_timeout": {"type": "integer", "format": "duration", "minimum": 10, "maximum": 3600000, "default": 30000},
    "max_age": {"type": "integer", "format": "duration", "minimum": 0, "maximum": 2592000000, "default": 0},
    "type": {"type": "string"},
    "enabled": {"type": "boolean", "default": true}
  },
  "required": ["type"]
})json";

Schema with_plugin_folder(Schema schema) {
  schema["properties"]["plugins"]["properties"]["search"]["default"] = {install_paths().plugins.string()};
  return schema;
}

}  // namespace

const Schema& file_schema() {
  static const Schema schema = with_plugin_folder(Schema::parse(kFile));
  return schema;
}

const Schema& instance_schema(std::uint32_t kind) {
  static const Schema source = Schema::parse(kSource), state = Schema::parse(kState),
                      transport = Schema::parse(kTransport);
  return kind == SC_KIND_SOURCE ? source : kind == SC_KIND_STATE ? state : transport;
}

}  // namespace statecast::host

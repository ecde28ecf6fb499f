#include <statecast/plugin.hpp>

#include "plugins/sources/log/log_source.hpp"

namespace {

constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "properties": {
      "path": {
        "type": "string", "format": "path", "minLength": 1,
        "description": "The log's file. Its folder must exist; beside it stand <path>-wal, <path>-shm and <path>.lock."
      }
    },
    "required": ["path"]
  },
  "appends": true
})";

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::source<statecast::log::LogSource>("log", "0.1.0",
                                                               "Durable events in one SQLite file on this machine",
                                                               kManifest));

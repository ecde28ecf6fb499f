#include <statecast/plugin.hpp>

#include "plugins/sources/log/log_source.hpp"

namespace {

constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "properties": {
      "path": {
        "type": "string", "format": "path", "minLength": 1,
        "description": "The log's file. Its folder must exist; beside it stand <path>-wal, <path>-shm, <path>.lock and <path>.newest."
      },
      "retention": {
        "type": "object",
        "properties": {
          "age": {
            "type": "integer", "format": "duration", "minimum": 1000,
            "description": "How long an event is kept after it was stored."
          },
          "size": {
            "type": "integer", "format": "size", "minimum": 1048576,
            "description": "What the events may take of the file; then the oldest go."
          }
        },
        "description": "What is kept; without it, everything. What a state has not saved is kept up to twice that."
      }
    },
    "required": ["path"]
  },
  "appends": true,
  "exclusive": true
})";

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::source<statecast::log::LogSource>("log", "0.1.0",
                                                               "Durable events in one SQLite file on this machine",
                                                               kManifest));

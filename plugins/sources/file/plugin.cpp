#include <statecast/plugin.hpp>

#include "plugins/sources/file/file_source.hpp"

namespace {

constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "additionalProperties": false,
    "required": ["path"],
    "properties": {
      "path": {
        "type": "string", "format": "path",
        "description": "The recording: a CloudEvent in its JSON form on each line."
      },
      "pace": {
        "type": "number", "default": 1, "minimum": 0,
        "description": "How much faster than recorded it is replayed: 10 = ten times as fast; 0 = as fast as possible."
      }
    }
  },
  "feeds": true
})";

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::source<statecast::file::FileSource>("file", "0.1.0", "Replays a recording of events",
                                                                 kManifest));

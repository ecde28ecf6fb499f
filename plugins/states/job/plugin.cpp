#include <statecast/plugin.hpp>

#include "plugins/states/job/job_state.hpp"
#include "plugins/states/manifest.hpp"

namespace {

// A job's nodes may live in all partitions, a node lives in one.
constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "max_nodes": {
        "type": "integer", "minimum": 1, "maximum": 100000000,
        "shapes_saved": false,
        "description": "The most nodes whose updates are counted, in each partition; updates of more are rejected."
      }
    }
  },
  "consumes": [{"type": "NodeStateUpdated", "key": "/subject"}],
  "topics": [
    {"prefix": "jobs", "kind": "appended", "spans": true},
    {"prefix": "nodes", "kind": "appended"}
  ],
  "partitionable": true
})";

const std::string manifest = statecast::with_defaults(kManifest, statecast::job::kDefaultSettings);

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::state<statecast::job::JobState>(
                      "job", "1.0.0", "Jobs: every update of the nodes that work on them", manifest));

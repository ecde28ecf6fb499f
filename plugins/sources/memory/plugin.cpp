#include <statecast/plugin.hpp>

#include "plugins/sources/memory/memory_source.hpp"

namespace {

constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "properties": {
      "capacity": {
        "type": "integer", "default": 1000000, "minimum": 1,
        "description": "How many events are held; then the oldest go."
      },
      "bytes": {
        "type": "integer", "format": "size", "default": 268435456, "minimum": 1,
        "description": "How many bytes of events are held; then the oldest go."
      }
    }
  },
  "appends": true,
  "exclusive": true
})";

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::source<statecast::memory::MemorySource>(
                      "memory", "0.1.0", "Events in memory, gone with the process: for tests and benches", kManifest));

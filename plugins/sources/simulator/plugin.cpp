#include <nlohmann/json.hpp>
#include <statecast/plugin.hpp>

#include "plugins/sources/simulator/simulator_source.hpp"

namespace {

constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "rate": {
        "type": "number", "minimum": 0.01, "maximum": 60000,
        "description": "New orders a minute of the platform's own time. Fewer come while the drivers cannot keep up."
      },
      "drivers": {"type": "integer", "minimum": 1, "maximum": 100000, "description": "How many drivers there are."},
      "merchants": {"type": "integer", "minimum": 1, "maximum": 10000, "description": "How many merchants there are."},
      "customers": {
        "type": "integer", "minimum": 1, "maximum": 1000000,
        "description": "How many customers there are: c-1, c-2, ..."
      },
      "location_interval": {
        "type": "integer", "format": "duration", "minimum": 10,
        "description": "How often each driver tells where it is, by the times in the events."
      },
      "pace": {
        "type": "number", "minimum": 0, "maximum": 3600,
        "description": "1 = the platform lives in real time, 60 = an hour in a minute; 0 = as fast as possible."
      },
      "orders": {
        "type": "integer", "minimum": 0,
        "description": "After so many orders the platform comes to its end, when the last has ended; 0 = it never does."
      },
      "seed": {
        "type": "integer", "minimum": 0,
        "description": "With a seed each start makes the same events, and a log that has them keeps them once."
      },
      "start": {"type": "string", "description": "The time of the first event, as 2023-12-20T14:35:00Z. Absent = now."}
    }
  },
  "feeds": true
})";

std::string with_defaults(const char* manifest) {
  auto json = nlohmann::ordered_json::parse(manifest);
  const auto defaults = nlohmann::ordered_json::parse(statecast::simulator::kDefaultSettings);
  for (const auto& [name, value] : defaults.items()) json["settings"]["properties"][name]["default"] = value;
  return json.dump();
}

const std::string manifest = with_defaults(kManifest);

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::source<statecast::simulator::SimulatorSource>(
                      "simulator", "0.1.0", "An ordering platform that lives by itself: for demos, tests and benches",
                      manifest));

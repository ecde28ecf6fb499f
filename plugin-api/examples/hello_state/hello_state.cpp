// The library: names its plugins, and says in the manifest what the host must know of each.
#include <statecast/plugin.hpp>

#include "greeting_state.hpp"

constexpr std::string_view kManifest = R"({
  "consumes": [{"type": "Greeted", "key": "/subject"}],
  "topics": [{"prefix": "greetings", "kind": "updated", "spans": ["all"]}],
  "partitionable": true
})";

STATECAST_PLUGINS("hello", "1.0.0",
                  statecast::state<GreetingState>("hello", "1.0.0", "Counts greetings by name", kManifest));

// All keys of one instance, the host's and its plugin's, as one JSON Schema.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "host/loading/catalog.hpp"

namespace statecast::host {

// The host's own keys of an instance with this plugin.
nlohmann::ordered_json host_schema_of(std::uint32_t kind, const Plugin* plugin);

// Where both name a key, it is the host's. No plugin = one that is not known, which may have any keys. Throws
// nlohmann::json::exception when the plugin's schema is none.
nlohmann::ordered_json merged_schema(std::uint32_t kind, const Plugin* plugin);

}  // namespace statecast::host

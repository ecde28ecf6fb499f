// The keys that belong to the host, as JSON Schemas: the same reader that serves plugins reads them.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

namespace statecast::host {

// The whole file; instances and access are left open, since plugins and access rules say more about them.
const nlohmann::ordered_json& file_schema();

// The host's own keys of one instance of a kind (SC_KIND_*).
const nlohmann::ordered_json& instance_schema(std::uint32_t kind);

}  // namespace statecast::host

// From a schema of settings as the host and plugins read them to one of YAML as an operator writes it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace statecast::host {

// Quantities become text with a unit, maps are closed as SchemaReader takes them to be and may be left empty, and
// references are relative to `place`, "#/definitions/state.order", where the schema will stand in another.
nlohmann::ordered_json written_schema(const nlohmann::ordered_json& schema, const std::string& place);

}  // namespace statecast::host

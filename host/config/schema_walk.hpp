// The way from a JSON Schema to the schemas of what lies beneath it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace statecast::host {

// A schema that allows anything.
const nlohmann::ordered_json& any_schema();

// The schema that a `$ref` within `root` names in the end, else the schema itself; any_schema() when it names none.
const nlohmann::ordered_json& resolved(const nlohmann::ordered_json& schema, const nlohmann::ordered_json& root);

// A schema that names its properties is closed, unless it says otherwise.
bool is_open(const nlohmann::ordered_json& schema);

// The schema of a key of a map; null when the key is unknown.
const nlohmann::ordered_json* schema_of_key(const nlohmann::ordered_json& schema, const std::string& key);

// The schema of every item of a list.
const nlohmann::ordered_json& schema_of_items(const nlohmann::ordered_json& schema);

}  // namespace statecast::host

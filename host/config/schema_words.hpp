// What a JSON Schema asks for and what a YAML node is instead, in an operator's words.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/document.hpp"
#include "host/config/units.hpp"

namespace statecast::host {

// The names under `type`; implied ones where the schema has properties or items but no type. Empty = anything.
std::vector<std::string> types_of(const nlohmann::ordered_json& schema);
bool allows(const nlohmann::ordered_json& schema, std::string_view type);

// The unit in which an integer is written, if its schema has such a format.
std::optional<Quantity> quantity_of(const nlohmann::ordered_json& schema);

// "true or false", "a duration such as 30s", "text or a list"
std::string expected(const nlohmann::ordered_json& schema);

// "nothing", "a list", "the number 5", "the text 'abc'"
std::string found(const YamlNode& node);

}  // namespace statecast::host

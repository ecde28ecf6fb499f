// YAML as JSON by YAML 1.2's core schema, where no JSON Schema says more: `yes` is text, 0o17 is a number.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "host/config/document.hpp"

namespace statecast::host {

// True, a number or text.
nlohmann::json plain_scalar(const std::string& text);

// Null as well. A quoted scalar, and one that came from a tag, is always text.
nlohmann::json plain_scalar(const YamlNode& node);

// Lists and maps too. What was refused becomes null.
nlohmann::json plain_json(const YamlNode& node);

}  // namespace statecast::host

#include "plugins/states/manifest.hpp"

#include <nlohmann/json.hpp>

namespace statecast {

std::string with_defaults(std::string_view manifest, std::string_view defaults) {
  auto json = nlohmann::ordered_json::parse(manifest);
  const auto values = nlohmann::ordered_json::parse(defaults);
  for (const auto& [name, value] : values.items()) json["settings"]["properties"][name]["default"] = value;
  return json.dump();
}

}  // namespace statecast

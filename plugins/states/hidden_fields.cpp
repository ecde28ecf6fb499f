#include "plugins/states/hidden_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace statecast {

std::string without_fields(const std::string& object, std::span<const std::string> names) {
  using Json = nlohmann::ordered_json;
  // Most objects have no such member, and are spared the parsing.
  const auto mentioned = [&](const std::string& name) {
    const bool stands_as_it_is = std::ranges::all_of(name, [](unsigned char c) { return c >= ' ' && c != '"' && c != '\\'; });
    if (stands_as_it_is && object.find(name) == object.npos) return false;
    return object.find(Json(name).dump()) != object.npos;
  };
  if (std::ranges::none_of(names, mentioned)) return object;
  Json value = Json::parse(object);
  for (const std::string& name : names) value.erase(name);
  return value.dump();
}

}  // namespace statecast

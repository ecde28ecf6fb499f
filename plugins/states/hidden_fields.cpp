#include "plugins/states/hidden_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>

namespace statecast {

std::string without_fields(std::string_view object, std::span<const std::string> names) {
  // Most objects have no such member, and are spared the parsing.
  const auto mentioned = [&](const std::string& name) {
    const bool stands_as_it_is = std::ranges::all_of(name, [](unsigned char c) { return c >= ' ' && c != '"' && c != '\\'; });
    if (stands_as_it_is && object.find(name) == object.npos) return false;
    return object.find(nlohmann::json(name).dump()) != object.npos;
  };
  if (std::ranges::none_of(names, mentioned)) return std::string(object);
  std::string out;
  WrittenMembers members(object);
  for (std::string_view written, value; members.next(written, value);) {
    if (std::ranges::any_of(names, [&](const std::string& name) { return is_named(written, name); })) continue;
    out.append(",\"").append(written).append("\":").append(value);
  }
  if (out.empty()) return "{}";
  out.front() = '{';  // for the first comma
  return out += '}';
}

}  // namespace statecast

#include "plugins/states/hidden_fields.hpp"

#include <algorithm>
#include <statecast/written_json.hpp>

namespace statecast {

std::string without_fields(std::string_view object, std::span<const std::string> names) {
  // Most objects have no such member, and are spared the walk. A name may hide behind escapes.
  const auto mentioned = [&](const std::string& name) { return object.find('"' + name + '"') != object.npos; };
  if (object.find('\\') == object.npos && std::ranges::none_of(names, mentioned)) return std::string(object);
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

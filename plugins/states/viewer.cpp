#include "plugins/states/viewer.hpp"

#include <nlohmann/json.hpp>

namespace statecast {

Viewer Viewer::of(std::string_view claims) {
  using nlohmann::json;
  const json object = json::parse(claims, nullptr, false);
  Viewer viewer;
  if (!object.is_object()) return viewer;
  if (const auto sub = object.find("sub"); sub != object.end() && sub->is_string())
    viewer.sub = sub->get<std::string>();
  const auto roles = object.find("roles");
  if (roles == object.end() || !roles->is_array()) return viewer;
  for (const json& role : *roles) {
    viewer.staff |= role == "staff" || role == "admin";
    viewer.customer |= role == "customer";
  }
  return viewer;
}

}  // namespace statecast

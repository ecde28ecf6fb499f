#include "plugins/states/delivery/viewer.hpp"

#include <nlohmann/json.hpp>

namespace statecast::delivery {

Viewer Viewer::of(std::string_view claims) {
  const auto object = nlohmann::json::parse(claims, nullptr, false);
  Viewer viewer;
  if (!object.is_object()) return viewer;
  if (const auto sub = object.find("sub"); sub != object.end() && sub->is_string())
    viewer.sub = sub->get<std::string>();
  const auto roles = object.find("roles");
  if (roles == object.end() || !roles->is_array()) return viewer;
  for (const auto& role : *roles) {
    viewer.sees_all |= role == "staff" || role == "admin" || role == "dispatcher";
    viewer.driver |= role == "driver";
    viewer.customer |= role == "customer";
  }
  return viewer;
}

}  // namespace statecast::delivery

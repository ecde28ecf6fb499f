#include "plugins/states/job/settings.hpp"

#include <nlohmann/json.hpp>

namespace statecast::job {

Settings Settings::read(std::string_view json) {
  auto settings = nlohmann::json::parse(kDefaultSettings);
  settings.update(nlohmann::json::parse(json));
  return {settings.at("max_nodes").get<std::size_t>()};
}

}  // namespace statecast::job

#include "plugins/states/merchant/settings.hpp"

#include <nlohmann/json.hpp>

namespace statecast::merchant {

Settings Settings::read(std::string_view json) {
  auto settings = nlohmann::json::parse(kDefaultSettings);
  settings.update(nlohmann::json::parse(json));
  return {settings.at("max_items").get<std::size_t>(), settings.at("max_promotions").get<std::size_t>(),
          settings.at("max_size").get<std::size_t>(), settings.at("staff_only").get<std::vector<std::string>>(),
          {settings.at("max_merchants").get<std::size_t>(), settings.at("max_memory").get<std::size_t>()}};
}

}  // namespace statecast::merchant

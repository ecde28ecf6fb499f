#include "plugins/states/order/settings.hpp"

#include <nlohmann/json.hpp>

namespace statecast::order {

Settings Settings::read(std::string_view json) {
  auto settings = nlohmann::json::parse(kDefaultSettings);
  settings.update(nlohmann::json::parse(json));  // whole members: a lifecycle replaces the default one
  return {Lifecycle(settings.at("lifecycle").get<Lifecycle::Transitions>(), settings.at("initial").get<std::string>()),
          settings.at("staff_only").get<std::vector<std::string>>(), settings.at("keep").get<std::int64_t>() * 1000,
          settings.at("keep_idle").get<std::int64_t>() * 1000,
          {settings.at("max_orders").get<std::size_t>(), settings.at("max_memory").get<std::size_t>()},
          {settings.at("hold_early").get<std::int64_t>() * 1000, settings.at("max_early").get<std::size_t>()}};
}

}  // namespace statecast::order

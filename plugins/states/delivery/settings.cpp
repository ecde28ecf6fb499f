#include "plugins/states/delivery/settings.hpp"

#include <nlohmann/json.hpp>

#include "plugins/states/rejection.hpp"

namespace statecast::delivery {

Settings Settings::read(std::string_view json) {
  auto given = nlohmann::json::parse(kDefaultSettings);
  given.update(nlohmann::json::parse(json));  // whole members: a list replaces the default one
  const auto statuses = [&](const char* name) { return given.at(name).get<Statuses>(); };
  const auto microseconds = [&](const char* name) { return given.at(name).get<std::int64_t>() * 1000; };
  const Settings settings{statuses("ended_statuses"), statuses("tracked_statuses"), statuses("ended_order_statuses"),
                          microseconds("keep"),       microseconds("keep_orders"),  microseconds("stale_after")};
  for (const std::string& status : settings.tracked_statuses)
    if (settings.ended_order_statuses.contains(status))
      throw Rejection("tracked_statuses: '" + status +
                      "' is also among ended_order_statuses; an order cannot be on its way and over: take it from one");
  return settings;
}

}  // namespace statecast::delivery

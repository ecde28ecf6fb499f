#include "plugins/states/delivery/settings.hpp"

#include <nlohmann/json.hpp>

#include "plugins/states/rejection.hpp"

namespace statecast::delivery {

Settings Settings::read(std::string_view json) {
  auto given = nlohmann::json::parse(kDefaultSettings);
  given.update(nlohmann::json::parse(json));  // whole members: a list replaces the default one
  const auto statuses = [&](const char* name) { return given.at(name).get<Statuses>(); };
  const auto microseconds = [&](const char* name) { return given.at(name).get<std::int64_t>() * 1000; };
  const auto limits = [&](const char* count) {
    return Bound::Limits{given.at(count).get<std::size_t>(), given.at("max_memory").get<std::size_t>()};
  };
  const Settings settings{statuses("ended_statuses"), statuses("tracked_statuses"), statuses("ended_order_statuses"),
                          microseconds("keep"),       microseconds("keep_orders"),  microseconds("stale_after"),
                          microseconds("keep_idle"),    limits("max_runs"),           limits("max_drivers"),
                          limits("max_orders")};
  for (const std::string& status : settings.tracked_statuses)
    if (settings.ended_order_statuses.contains(status))
      throw Rejection("tracked_statuses: '" + status +
                      "' is also among ended_order_statuses; an order cannot be on its way and over: take it from one");
  return settings;
}

}  // namespace statecast::delivery

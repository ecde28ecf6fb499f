#include "plugins/sources/simulator/settings.hpp"

#include <nlohmann/json.hpp>
#include <statecast/rfc3339.hpp>
#include <statecast/types.hpp>

namespace statecast::simulator {
namespace {

std::int64_t start_of(const std::string& text) {
  if (const auto us = parse_rfc3339(text)) return *us;
  throw Failure(SC_REJECTED, "start: '" + text + "' is no time with a zone; write it as 2023-12-20T14:35:00Z");
}

}  // namespace

Settings Settings::read(std::string_view json) {
  auto all = nlohmann::json::parse(kDefaultSettings);
  all.update(nlohmann::json::parse(json));
  Settings settings{.rate = all.at("rate"),
                    .drivers = all.at("drivers"),
                    .merchants = all.at("merchants"),
                    .customers = all.at("customers"),
                    .location_interval_ms = all.at("location_interval"),
                    .pace = all.at("pace"),
                    .orders = all.at("orders"),
                    .seed = {},
                    .start_us = {}};
  if (all.contains("seed")) settings.seed = all.at("seed").get<std::int64_t>();
  if (all.contains("start")) settings.start_us = start_of(all.at("start").get<std::string>());
  return settings;
}

}  // namespace statecast::simulator

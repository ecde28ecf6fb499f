#include "plugins/states/delivery/topic.hpp"

#include "plugins/states/id.hpp"

namespace statecast::delivery {

std::optional<Topic> Topic::parse(std::string_view topic) {
  if (topic == kAllRuns) return Topic{Kind::all_runs, {}};
  if (topic == kAllDrivers) return Topic{Kind::all_drivers, {}};
  if (const auto run = id_in(topic, kRuns)) return Topic{Kind::run, *run};
  if (const auto driver = id_in(topic, kDrivers)) return Topic{Kind::driver, *driver};
  return std::nullopt;
}

std::optional<std::string_view> id_in(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix)) return std::nullopt;
  const auto id = key.substr(prefix.size());
  if (!is_id(id)) return std::nullopt;
  return id;
}

}  // namespace statecast::delivery

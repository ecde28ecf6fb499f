#include "plugins/states/window/settings.hpp"

#include <nlohmann/json.hpp>

#include "plugins/states/id.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast::window {
namespace {

std::int64_t duration_us(const nlohmann::json& settings, const char* name) {
  return settings.at(name).get<std::int64_t>() * 1000;
}

std::string read_name(const nlohmann::json& settings, std::string_view instance) {
  const std::string name = settings.value("name", std::string(instance));
  if (!is_id(name)) throw Rejection("name: must be an id: " + std::string(kIdRule));
  return name;
}

void check(const Settings& settings) {
  if (settings.size_us < 1000) throw Rejection("size: must be at least 1ms");
  const std::int64_t open = settings.lateness_us / settings.size_us;
  if (open > kOpenAtMost)
    throw Rejection("allowed_lateness: is as long as " + std::to_string(open) + " windows of this size; " +
                    std::to_string(kOpenAtMost) + " may be open at a time, so shorten it, or lengthen 'size'");
  if (settings.types && settings.types->empty()) throw Rejection("types: name at least one, or leave it out for all");
}

}  // namespace

Settings Settings::read(std::string_view json, std::string_view instance) {
  auto given = nlohmann::json::parse(kDefaultSettings);
  given.update(nlohmann::json::parse(json));
  Settings settings{.size_us = duration_us(given, "size"),
                    .lateness_us = duration_us(given, "allowed_lateness"),
                    .max_ahead_us = duration_us(given, "max_ahead"),
                    .max_groups = given.at("max_groups").get<std::size_t>(),
                    .max_types = given.at("max_types").get<std::size_t>(),
                    .max_bytes = given.at("max_memory").get<std::size_t>(),
                    .name = read_name(given, instance),
                    .grouping = {},
                    .types = {},
                    .meaning = {}};
  if (given.contains("group_by")) settings.grouping.emplace(given.at("group_by").get<std::string>());
  if (given.contains("types")) settings.types = given.at("types").get<std::set<std::string, std::less<>>>();
  check(settings);
  nlohmann::json meaning{{"size", given.at("size")}};
  for (const char* name : {"group_by", "types"})
    if (given.contains(name)) meaning[name] = given.at(name);
  settings.meaning = meaning.dump();
  return settings;
}

}  // namespace statecast::window

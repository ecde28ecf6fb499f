#include "plugins/sources/log/settings.hpp"

#include <nlohmann/json.hpp>

namespace statecast::log {

Settings::Settings(std::string_view json) {
  const auto settings = nlohmann::json::parse(json);
  path = settings.value("path", std::string());
  const auto retention = settings.value("retention", nlohmann::json::object());
  keep.age_us = retention.value("age", std::int64_t{0}) * 1000;
  keep.bytes = retention.value("size", std::uint64_t{0});
}

}  // namespace statecast::log

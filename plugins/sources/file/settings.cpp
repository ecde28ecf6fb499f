#include "plugins/sources/file/settings.hpp"

#include <nlohmann/json.hpp>

namespace statecast::file {

Settings Settings::read(std::string_view json) {
  const auto settings = nlohmann::json::parse(json);
  return {settings.at("path").get<std::string>(), settings.value("pace", 1.0)};
}

}  // namespace statecast::file

#include "host/config/plugin_requirement.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace statecast::host {
namespace {

using Version = std::vector<std::uint32_t>;

// "2.1.0-rc1" is 2.1.0 here: a build's label doesn't make it unfit.
std::optional<Version> parse_version(std::string_view text) {
  Version version;
  text = text.substr(0, text.find_first_of("-+"));
  while (true) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    version.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) break;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  version.resize(std::max<std::size_t>(version.size(), 3));
  return version;
}

std::optional<std::string> installed_version(const PluginCatalog& catalog, const std::string& name) {
  for (const auto& plugin : catalog.plugins())
    if (plugin->package == name) return plugin->package_version;
  for (const auto& plugin : catalog.plugins())
    if (plugin->id == name) return plugin->version;
  return std::nullopt;
}

}  // namespace

void check_requirement(const std::string& name, const std::string& wanted, const PluginCatalog& catalog,
                       Report& report) {
  const Path path = Path() / "plugins" / "require" / name;
  const auto least = wanted.starts_with(">=") ? parse_version(std::string_view(wanted).substr(2)) : std::nullopt;
  if (!least) {
    report.at_value(path, "version", "'" + wanted + "' is no requirement").fix = "write it like \">=2.1\"";
    return;
  }
  const auto installed = installed_version(catalog, name);
  if (!installed) {
    report.at_key(path, "plugin-not-found", "no package or plugin of this name was found").fix =
        "install it, or remove the requirement";
    return;
  }
  const auto actual = parse_version(*installed);
  if (!actual || *actual < *least)
    report.at_value(path, "plugin-version", "version " + *installed + " is installed, " + wanted + " is required").fix =
        "upgrade " + name;
}

}  // namespace statecast::host

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "host/cli/commands.hpp"
#include "host/config/load_config.hpp"

namespace statecast::host {

namespace {

using nlohmann::ordered_json;

const Plugin* find(const PluginCatalog& catalog, std::string_view name) {
  const auto found = std::ranges::find_if(catalog.plugins(), [&](const auto& plugin) {
    return std::string(kind_name(plugin->kind)) + "/" + plugin->id == name;
  });
  return found == catalog.plugins().end() ? nullptr : found->get();
}

// Durations and sizes are integers to the plugin, and text with a unit in YAML.
std::string type_of(const ordered_json& property) {
  const auto format = property.value("format", std::string());
  if (format == "duration" || format == "size" || format == "path") return format;
  return property.contains("type") && property["type"].is_string() ? property["type"].get<std::string>() : "value";
}

std::string default_of(const ordered_json& property) {
  const auto format = property.value("format", std::string());
  return property["default"].dump() + (format == "duration" ? "ms" : format == "size" ? "B" : "");
}

void print_settings(const std::string& schema) {
  const auto json = ordered_json::parse(schema);
  const auto required = json.value("required", std::vector<std::string>());
  const auto properties = json.value("properties", ordered_json::object());
  std::cout << "\nsettings:" << (properties.empty() ? " none\n" : "\n");
  for (const auto& [name, property] : properties.items()) {
    std::cout << "  " << name << ": " << type_of(property);
    if (std::ranges::find(required, name) != required.end()) std::cout << ", required";
    if (property.contains("default")) std::cout << ", default " << default_of(property);
    std::cout << "\n";
    if (property.contains("description")) std::cout << "      " << property["description"].get<std::string>() << "\n";
  }
}

void print_offer(const Manifest& manifest) {
  for (const auto& what : manifest.consumes)
    std::cout << "consumes " << (what.type == kEveryType ? "every type" : what.type) << ", by " << what.key << "\n";
  for (const auto& topic : manifest.topics)
    std::cout << "topics   " << topic.prefix << "/<name>, " << (topic.appended ? "every message counts" : "the latest value counts") << "\n";
  for (const auto& route : manifest.routes)
    std::cout << "route    " << route.path << (route.topic.empty() ? "" : " -> " + route.topic) << "\n";
}

}  // namespace

int explain_command(const std::filesystem::path& file, const std::string& name) {
  const PluginCatalog catalog = PluginCatalog::load(ConfigFile::open(file).plugin_search());
  const Plugin* plugin = find(catalog, name);
  if (plugin == nullptr) {
    std::cerr << "statecast: there is no plugin '" << name << "' in the folders that " << file.string() << " names\n"
              << "  = fix: see 'statecast plugins' for those that are there, and write kind/id, for instance state/order\n";
    return kExitFailed;
  }
  std::cout << name << " " << plugin->version << "  " << plugin->summary << "\n    " << plugin->package << " "
            << plugin->package_version << ", " << plugin->library.string() << "\n";
  print_settings(plugin->manifest.settings_schema);
  if (!plugin->manifest.consumes.empty() || !plugin->manifest.routes.empty()) std::cout << "\n";
  print_offer(plugin->manifest);
  return kExitOk;
}

}  // namespace statecast::host

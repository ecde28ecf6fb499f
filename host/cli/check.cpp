#include <iostream>

#include "host/cli/commands.hpp"
#include "host/config/editor_schema.hpp"
#include "host/config/load_config.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

namespace {

void print(const Error& error) { std::cerr << error.text() << "\n"; }

}  // namespace

int check_command(const std::filesystem::path& file, CheckOutput output) {
  const ConfigFile config = ConfigFile::open(file);
  const PluginCatalog catalog = PluginCatalog::load(config.plugin_search());
  const LoadResult loaded = config.check(catalog);
  if (output == CheckOutput::kJson)
    std::cout << format_json(file.string(), loaded.diagnostics);
  else if (!loaded.config)
    std::cerr << format_text(loaded.diagnostics);
  else if (output == CheckOutput::kEffective)
    std::cout << config.effective(catalog);
  else
    std::cout << file.string() << ": ok (" << loaded.config->sources.size() << " sources, " << loaded.config->states.size()
              << " states, " << loaded.config->transports.size() << " transports)\n";
  return loaded.config ? kExitOk : kExitConfig;
}

int schema_command(const std::optional<std::filesystem::path>& file) {
  const ConfigFile config = file ? ConfigFile::open(*file) : ConfigFile::from_text("statecast.yaml", "version: 1");
  if (!config.readable()) {
    std::cerr << format_text(config.check({}).diagnostics);
    return kExitConfig;
  }
  const PluginCatalog catalog = PluginCatalog::load(config.plugin_search());
  for (const Error& refused : catalog.refused()) print(refused);
  std::cout << editor_schema(catalog);
  return kExitOk;
}

int plugins_command(const std::filesystem::path& file, const std::vector<std::filesystem::path>& folders) {
  const PluginCatalog catalog = PluginCatalog::load(folders.empty() ? ConfigFile::open(file).plugin_search() : folders);
  for (const auto& plugin : catalog.plugins())
    std::cout << kind_name(plugin->kind) << "/" << plugin->id << " " << plugin->version << "  " << plugin->summary << "\n    "
              << plugin->package << " " << plugin->package_version << ", " << plugin->library.string() << "\n";
  for (const Error& refused : catalog.refused()) print(refused);
  std::cout << catalog.plugins().size() << " plugins, " << catalog.refused().size() << " refused; searched:";
  for (const auto& folder : catalog.searched()) std::cout << " " << folder.string();
  std::cout << "\n";
  return catalog.refused().empty() ? kExitOk : kExitFailed;
}

}  // namespace statecast::host

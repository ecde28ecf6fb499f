#include <iostream>

#include "host/cli/commands.hpp"
#include "host/config/load_config.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

namespace {

void print(const Error& error) { std::cerr << error.text() << "\n"; }

}  // namespace

int check_command(const std::filesystem::path& file) {
  const ConfigFile config = ConfigFile::open(file);
  const LoadResult loaded = config.check(PluginCatalog::load(config.plugin_search()));
  if (!loaded.config) {
    std::cerr << format_text(loaded.diagnostics);
    return kExitConfig;
  }
  std::cout << file.string() << ": ok (" << loaded.config->sources.size() << " sources, " << loaded.config->states.size()
            << " states, " << loaded.config->transports.size() << " transports)\n";
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

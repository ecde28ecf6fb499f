// From a YAML file, with those that it includes, and the plugins that were found to a Config, or to everything that is
// wrong at once.
//
// In two steps, since the file says where to look for plugins:
//
//   ConfigFile file = ConfigFile::open(path);
//   PluginCatalog catalog = PluginCatalog::load(file.plugin_search());
//   LoadResult loaded = file.check(catalog);
//
// Used by main, before anything starts.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/config/diagnostic.hpp"
#include "host/config/settings.hpp"
#include "host/loading/catalog.hpp"

namespace statecast::host {

class Report;

struct LoadResult {
  std::optional<Config> config;         // nothing when there are diagnostics
  std::vector<Diagnostic> diagnostics;  // in the order of the files
};

class ConfigFile {
 public:
  // Never fails: what can't be read is told by check(). Relative paths within a file are relative to its folder.
  static ConfigFile open(const std::filesystem::path& path);
  static ConfigFile from_text(const std::filesystem::path& path, const std::string& text);

  ~ConfigFile();
  ConfigFile(ConfigFile&&) noexcept;
  ConfigFile& operator=(ConfigFile&&) noexcept;

  // Where to look for plugins; nowhere when the file can't be read.
  std::vector<std::filesystem::path> plugin_search() const;

  // Whether all of its files could be read as YAML.
  bool readable() const;

  LoadResult check(const PluginCatalog& catalog) const;

  // The configuration in effect, as YAML without secrets; only for what check() finds right.
  std::string effective(const PluginCatalog& catalog) const;

 private:
  struct Contents;
  struct Parts;
  Parts read(const PluginCatalog& catalog, Report& report) const;
  explicit ConfigFile(std::unique_ptr<Contents> contents);
  static ConfigFile refused(const std::filesystem::path& path, std::string message, std::string fix);

  std::unique_ptr<Contents> contents_;
};

}  // namespace statecast::host

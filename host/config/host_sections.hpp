// Reads the sections that no plugin has a say in: version, server, plugins, limits.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/config/document.hpp"
#include "host/config/report.hpp"
#include "host/config/settings.hpp"

namespace statecast::host {

class PluginCatalog;

struct HostSections {
  ServerSettings server;
  LimitSettings limits;
  StoreSettings store;
  std::vector<std::filesystem::path> plugin_search;
  bool insecure = false;
  std::string keys;  // all of the file's, JSON, defaults filled in
};

HostSections read_host_sections(const Document& document, const PluginCatalog& catalog, Report& report);

// plugins.search alone, which is needed before there is a catalog. What is wrong with it is reported later.
std::vector<std::filesystem::path> read_plugin_search(const Document& document);

}  // namespace statecast::host

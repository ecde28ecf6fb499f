// Reads sources, states and transports: each instance's host keys into its settings, the plugin's own keys through the
// plugin's schema into JSON.
#pragma once

#include <string>
#include <vector>

#include "host/config/document.hpp"
#include "host/config/report.hpp"
#include "host/config/settings.hpp"
#include "host/loading/catalog.hpp"

namespace statecast::host {

// An instance as declared; disabled ones too, since others may refer to them.
template <class Settings>
struct Declared {
  Settings settings;
  Path path;  // states.orders
  bool enabled = true;
  const Plugin* plugin = nullptr;  // null = not found
  std::string keys = "{}";         // all of them, JSON, defaults filled in
};

struct Instances {
  std::vector<Declared<SourceSettings>> sources;
  std::vector<Declared<StateSettings>> states;
  std::vector<Declared<TransportSettings>> transports;
};

Instances read_instances(const Document& document, const PluginCatalog& catalog, Report& report);

}  // namespace statecast::host

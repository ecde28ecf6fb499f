// Checks one line of plugins.require: that a package or plugin is installed in a version that is new enough.
#pragma once

#include <string>

#include "host/config/report.hpp"
#include "host/loading/catalog.hpp"

namespace statecast::host {

// `wanted` is like ">=2.1"; `name` is a package's, else a plugin's.
void check_requirement(const std::string& name, const std::string& wanted, const PluginCatalog& catalog,
                       Report& report);

}  // namespace statecast::host

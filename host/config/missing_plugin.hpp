// Reports that no plugin provides the type that an instance names, and where was looked.
#pragma once

#include <cstdint>
#include <string>

#include "host/config/report.hpp"
#include "host/loading/catalog.hpp"

namespace statecast::host {

void report_missing_plugin(std::uint32_t kind, const std::string& type, const Path& instance,
                           const PluginCatalog& catalog, Report& report);

}  // namespace statecast::host

// The JSON Schema (draft-07) of a configuration as it is written, for editors; made from the plugins that are installed.
#pragma once

#include <string>

#include "host/loading/catalog.hpp"

namespace statecast::host {

// JSON text. It says less than `statecast check`: nothing of references between instances, and of quantities only how
// they are written.
std::string editor_schema(const PluginCatalog& catalog);

}  // namespace statecast::host

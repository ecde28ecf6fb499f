// One plugin library, from its path to its plugins.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "host/loading/catalog.hpp"

namespace statecast::host {

// Loads the library, for ever, and checks all that can be known before an instance is created. One wrong descriptor
// refuses the library as a whole. [main]
Result<std::vector<std::unique_ptr<Plugin>>> open_library(const std::filesystem::path& path);

}  // namespace statecast::host

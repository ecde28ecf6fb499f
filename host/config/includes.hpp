// Reads the files that `include` names into the document of the file that names them.
#pragma once

#include <cstddef>

#include "host/config/document.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

inline constexpr std::size_t kLargestConfigFile = 1024 * 1024;
inline constexpr std::size_t kMostIncludedFiles = 1000;

// Merges each file into the document's tree, in the order of the patterns and then of the names; a file that is named
// twice is read once. False = a part of the configuration could not be read; the report says which.
bool read_includes(Document& document, Report& report);

}  // namespace statecast::host

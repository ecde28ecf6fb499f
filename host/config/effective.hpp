// The configuration that is in effect, as YAML for an operator to read.
#pragma once

#include <string>

#include "host/config/document.hpp"
#include "host/config/host_sections.hpp"
#include "host/config/instances.hpp"

namespace statecast::host {

// Everything that counts, defaults too, in one file and always in the same order: quantities with their units, absolute
// paths, the place of each value that was written, and `<redacted>` for each that is secret. Without secrets it reads
// back as a configuration of the same effect. The document must have been found right.
std::string effective_yaml(const Document& document, const HostSections& host, const Instances& instances);

}  // namespace statecast::host

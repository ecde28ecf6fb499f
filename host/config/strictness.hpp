// Takes out of a tree what YAML allows and a configuration must not have, so that later checks need not know of it.
#pragma once

#include "host/config/document.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

// Reports aliases, tags, substitutions and duplicate keys, and marks the nodes concerned as refused.
void check_strictly(YamlNode& root, const YamlFile& file, Document& document, Report& report);

}  // namespace statecast::host

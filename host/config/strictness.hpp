// Takes out of a tree what YAML allows and a configuration must not have, and puts in what typed tags stand for, so that
// later checks need not know of either.
#pragma once

#include "host/config/document.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

// Reports aliases, unknown tags, tags without a value, substitutions and duplicate keys, and marks the nodes concerned as
// refused.
void check_strictly(YamlNode& root, const YamlFile& file, Document& document, Report& report);

}  // namespace statecast::host

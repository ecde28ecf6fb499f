// Merges the trees of several files into one: maps by key, lists end to end. What stands in two places is an error that
// names both.
#pragma once

#include "host/config/document.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

// Merges the tree of a further file into that of the document. Sources, states, transports and tokens are whole: two
// files can't share one.
void merge(YamlNode& into, YamlNode from, Report& report);

}  // namespace statecast::host

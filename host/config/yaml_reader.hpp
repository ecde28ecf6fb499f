// Reads YAML 1.2 text into a tree, strictly: one document, each key once, no anchors, no substitution, and no tags but
// those of typed_tags.hpp, which it resolves.
#pragma once

#include <optional>
#include <string>

#include "host/config/document.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

// The tree of a file of the document: a map, or nothing at all. Nothing returned = the text is no YAML that can be read
// further; the report says why. Lesser faults are reported too, and the nodes concerned are marked as refused.
std::optional<YamlNode> read_yaml(const std::string& text, YamlFile& file, Document& document, Report& report);

}  // namespace statecast::host

// Reads YAML 1.2 text into a Document, strictly: one document, each key once, no anchors, tags or substitution.
#pragma once

#include "host/config/document.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

// Fills in document.root(). False = the text is no YAML that can be read further; the report says why. Lesser faults
// are reported too, and the nodes concerned are marked as refused.
bool read_yaml(const std::string& text, Document& document, Report& report);

}  // namespace statecast::host

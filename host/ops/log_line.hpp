// How one line of the log is laid out before it is queued: what spdlog calls its payload.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/ops/log.hpp"

namespace statecast::host::log {

// spdlog's pattern around a payload: it adds the time and the level.
const char* pattern_of(Format format);

struct Line {
  std::string component, text;
  std::vector<std::pair<std::string, std::string>> fields;  // without those that have nothing to say
};

// Text: "component: text  = name: value", on one line whatever is in it. JSON: the rest of the object that the pattern
// begins. Journal: the journal's own fields, NAME=value, each ended by a NUL.
std::string payload(Format format, const Line& line);

// The fields of a payload for the journal; they point into it.
std::vector<std::string_view> journal_fields(std::string_view payload);

}  // namespace statecast::host::log

// An event as one line of a recording: a structured CloudEvent (CloudEvents 1.0, JSON format), without the line's end.
//
// Published again, the line gives the same event: id, source, type, subject, time, extension attributes, and the data as
// they were written. Line ends within the data become spaces, which changes no JSON value. [any]
#pragma once

#include <string>

#include "plugin-api/include/statecast/types.hpp"

namespace statecast::host {

std::string cloud_event_line(const sc_event& event);

// Microseconds since 1970 as RFC 3339 in UTC, with as many digits as they need: "2023-12-20T14:35:00.25Z".
std::string format_rfc3339(std::int64_t time_us);

}  // namespace statecast::host

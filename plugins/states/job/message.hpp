// The message that tells one update of one node.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/states/fields.hpp"

namespace statecast::job {

// A message is at most so large: small enough for a client's buffer.
inline constexpr std::size_t kMaxMessageBytes = 128 * 1024;

// {"type":"state_update","node","status","state","timestamp","index"}, then the platform's own fields, without those
// that are null and those that have a name of the message. `timestamp` is in milliseconds since 1970-01-01 UTC; `index`
// is the number of the update among the node's, from 1. Throws Rejection when it would become too large.
std::string message_of(std::string_view node, const Json& fields, std::int64_t time_us, std::uint64_t index);

}  // namespace statecast::job

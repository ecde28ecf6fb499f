// The message that tells one update of one node.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/states/fields.hpp"

namespace statecast::job {

// {"type":"state_update","node","status","state","timestamp","index"}, then the platform's own fields, without those
// that are null and those that have a name of the message. `timestamp` is in milliseconds since 1970-01-01 UTC; `index`
// is the number of the update among the node's, from 1. What is not the message's own stands as it was written in `data`,
// so a message is hardly larger than those.
std::string message_of(std::string_view node, const Json& fields, std::string_view data, std::int64_t time_us, std::uint64_t index);

}  // namespace statecast::job

// A merge patch (RFC 7396) on the texts of JSON objects, so that what a State passes through to its clients stands there as its
// publisher wrote it: a tree would round 2^64+1, and make 1.1 of 1.10.
#pragma once

#include <string>
#include <string_view>

namespace statecast {

// The object with the patch merged into it, without space: members that are there keep their places, others come last. Names
// stand in one spelling, with no more escapes than they need. Both are JSON, and no deeper than data are (kDeepestData).
std::string merged_as_written(std::string_view object, std::string_view patch);

// The value without the space between its parts.
void append_compact(std::string& out, std::string_view value);
// The name of a member, which may have escapes, in quotes and in the one spelling.
void append_name(std::string& out, std::string_view written);

}  // namespace statecast

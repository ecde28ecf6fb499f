// What has to be known of JSON as text, beside what the library makes of it: how deep it is, and how a member was
// written, so that no digit of its numbers is lost.
#pragma once

#include <string_view>

namespace statecast::file {

// Whether arrays and objects lie in one another more than `levels` deep. Of any text.
bool is_deeper_than(std::string_view json, int levels);

// The value of an object's member as it was written; the last, where there are several of the name, and empty where
// there is none. Of text that is one JSON object, and of a name that needs no escapes.
std::string_view member_as_written(std::string_view object, std::string_view name);

}  // namespace statecast::file

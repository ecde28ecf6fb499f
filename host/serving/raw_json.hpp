// Finds the parts of a JSON text as they were written, so that what passes through keeps its numbers, its order and its
// bytes. For texts that a parser has accepted already. [any]
#pragma once

#include <string_view>
#include <vector>

namespace statecast::host {

// The value of the object's last member of this name; empty when there is none, or its name is written with escapes.
std::string_view raw_member(std::string_view object, std::string_view name);

// The elements of an array.
std::vector<std::string_view> raw_elements(std::string_view array);

// Whether arrays and objects are nested more than `levels` deep. For any text.
bool nested_deeper_than(std::string_view text, int levels);

}  // namespace statecast::host

// Fields that some views do not see.
#pragma once

#include <span>
#include <string>

namespace statecast {

// The text of a JSON object without these of its members.
std::string without_fields(std::string_view object, std::span<const std::string> names);

}  // namespace statecast

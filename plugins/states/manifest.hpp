// The manifest of a State whose settings' defaults stand elsewhere, once.
#pragma once

#include <string>
#include <string_view>

namespace statecast {

// The manifest, with each member of the JSON object `defaults` as the default of the setting of that name.
std::string with_defaults(std::string_view manifest, std::string_view defaults);

}  // namespace statecast

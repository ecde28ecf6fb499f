// Addresses to listen on: 127.0.0.1:8080, [::1]:8080.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/config/settings.hpp"

namespace statecast::host {

// Numeric IP addresses only: a name may resolve to something else tomorrow.
std::optional<Endpoint> parse_endpoint(std::string_view text);

bool is_loopback(const Endpoint& endpoint);
std::string text_of(const Endpoint& endpoint);

}  // namespace statecast::host

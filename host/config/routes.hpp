// The syntax of routes, "/api/v1/realtime/orders/{id}/stream" to "orders/{id}", and when two of them collide.
#pragma once

#include <string>
#include <string_view>

#include "host/config/settings.hpp"

namespace statecast::host {

// What is wrong with the route, as a sentence; empty = nothing.
std::string route_fault(const RouteSettings& route);

// Whether some request path matches both patterns.
bool overlap(std::string_view pattern, std::string_view other);

}  // namespace statecast::host

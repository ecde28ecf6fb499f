// The opening handshake (RFC 6455 4.2).
#pragma once

#include <statecast/transport.hpp>
#include <string>

namespace statecast::websocket {

constexpr std::string_view kSubprotocol = "statecast.v1";  // echoed to a client that offers it; not needed

// Checks the client's request and returns the response that accepts it. Throws Failure(SC_REJECTED) with what is wrong
// with the request, Failure(SC_UNSUPPORTED) when it asks for another version than 13.
std::string accept_handshake(const Client& client);

}  // namespace statecast::websocket

// Where a request goes to, and which page it comes from, as headers and configurations write it: RFC 9110 7.2, RFC 6454 6.
// Names are compared in lower case and without a dot at the end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace statecast::host {

// "orders.example:8080", "127.0.0.1", "[::1]:8080"
struct Authority {
  std::string name;
  std::string port;         // may be empty
  bool is_address = false;  // a numeric one: only names can be made to lead elsewhere
};
std::optional<Authority> parse_authority(std::string_view text);

// "https://shop.example"
struct WebOrigin {
  std::string scheme;
  Authority at;  // with the port that the scheme has by itself, where none is given
};
std::optional<WebOrigin> parse_origin(std::string_view text);

bool same(const WebOrigin& one, const WebOrigin& other);
// Whether a page of the origin was got from there. Who is asked does not know by which scheme: a proxy may end TLS.
bool is_from(const WebOrigin& origin, const Authority& asked);

// "orders.example", or "*.example.org" for all names below it.
bool is_host_pattern(std::string_view text);
bool matches_host_pattern(std::string_view name, std::string_view pattern);

}  // namespace statecast::host

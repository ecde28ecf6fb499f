// Where a host is: http://127.0.0.1:8080, https://live.example.com/statecast. Plain values. [any]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/result.hpp"

namespace statecast::host::client {

struct Url {
  bool tls = false;
  std::string host;    // a name or an address, an IPv6 address without its brackets
  std::uint16_t port = 80;
  std::string prefix;  // what stands before every path, "/statecast"; empty for most
  std::string text;    // as it was given, without a slash at its end

  std::string authority() const;  // "[::1]:8080"
};

// `option` is what the error tells to correct: "--url".
Result<Url> parse_url(std::string_view text, std::string_view option);

// For one value of a query.
std::string encode_query(std::string_view value);

}  // namespace statecast::host::client

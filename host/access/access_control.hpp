// Says who a client is, from the token that it brings, and what it may do beyond reading.
//
// Made once by main from the configuration and owned there; const and without locks, so every shard asks it directly.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/settings.hpp"

namespace statecast::host {

struct Identity {
  bool ok = false;
  std::string claims;  // JSON object with `sub` and `roles`, when ok
  std::string reason;  // a sentence for the client, when not
  bool may_publish = false;  // whether the claims have the role staff, admin or publisher
};

class AccessControl {
 public:
  explicit AccessControl(const AccessSettings& settings);

  // The values of the Authorization header and of ?token=, each empty when absent; the header counts first, since a
  // browser's EventSource and WebSocket can only send the other. [any]
  Identity identify(std::string_view authorization, std::string_view query_token) const;

 private:
  using Digest = std::array<unsigned char, 32>;  // SHA-256
  struct Token {
    Digest digest;
    Identity identity;
  };

  static Digest digest_of(std::string_view token);
  Identity identify_token(std::string_view token) const;

  bool everybody_;
  std::vector<Token> tokens_;
};

}  // namespace statecast::host

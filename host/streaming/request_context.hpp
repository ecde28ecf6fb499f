// The client that asks, as states and transports see it.
//
// Made on a shard when a request comes in, then immutable; read on lanes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/streaming/ref.hpp"
#include "plugin-api/include/statecast/types.hpp"

namespace statecast::host {

struct RequestContext : Counted<RequestContext> {
  std::uint64_t session = 0;
  std::string remote, method, path, query;
  std::string claims = "{}";                                 // JSON object
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case

  // As plugins are told; valid as long as this.
  sc_client client() const;
  // The same client under other claims.
  Ref<RequestContext> with_claims(std::string other) const;
};

}  // namespace statecast::host

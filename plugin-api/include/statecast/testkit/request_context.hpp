// The client of a test: a RequestContext that owns its strings.
#pragma once

#include <map>
#include <string>

#include "../types.hpp"

namespace statecast::testkit {

struct RequestContext {
  std::string method = "GET";
  std::string path = "/";
  std::string query{};                          // still percent-encoded
  std::map<std::string, std::string> headers{};  // names in lower case
  std::string claims = "{}";                   // JSON object
  std::string remote = "192.0.2.1:50000";
  std::uint64_t session = 1;

  // Valid as long as this object is.
  sc_client abi() const {
    return {.size = sizeof(sc_client),
            .flags = 0,
            .session = session,
            .remote = str(remote),
            .method = str(method),
            .path = str(path),
            .query = str(query),
            .claims = str(claims),
            .ctx = const_cast<RequestContext*>(this),
            .header = header};
  }

 private:
  static sc_str header(void* ctx, sc_str name) {
    const auto& headers = static_cast<const RequestContext*>(ctx)->headers;
    const auto found = headers.find(std::string(view(name)));
    return found == headers.end() ? sc_str{} : str(found->second);
  }
};

}  // namespace statecast::testkit

// The head of a request: its first line and its header, whole. Beast parses it; what Beast takes and RFC 9110 and 9112 do
// not, or what two readers of the same bytes could read in two ways, is refused here. [shard]
#pragma once

#include <cstdint>
#include <string_view>

#include "host/serving/http.hpp"

namespace statecast::host {

struct HttpHead {
  HttpRequest request;  // but for its body and where it came from
  bool keep_alive = false;
  bool chunked = false;       // how the body is framed; else it has `length` bytes
  std::uint64_t length = 0;
  bool awaits_continue = false;  // the body comes when 100 was sent, or after a while (RFC 9110 10.1.1)

  bool has_body() const { return chunked || length != 0; }
};

// `text` ends with the empty line. Throws Wrong, or what the library throws.
HttpHead read_head(std::string_view text);

// A character of a token (RFC 9110 5.6.2): of a method, of a field's name.
bool is_token(char c);

}  // namespace statecast::host

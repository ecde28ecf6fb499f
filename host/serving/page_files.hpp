// The page at `/`: files of page/ that are built into the program, the same for everybody. It takes no token: what the
// page shows, it asks for as any client does.
//
// Constant. [any]
#pragma once

#include <string_view>

#include "host/serving/http.hpp"

namespace statecast::host {

struct PageFile {
  std::string_view path;          // "/" for index.html, "/page/<name>" for the others
  std::string_view content_type;
  std::string_view etag;          // of the content, with its quotes
  std::string_view bytes;
};

// The file at this path, or null.
const PageFile* find_page_file(std::string_view path);

// The file, or 304 when the client has it: `if_none_match` is that header of its request (RFC 9110 13.1.2).
HttpResponse page_response(const PageFile& file, std::string_view if_none_match);

}  // namespace statecast::host

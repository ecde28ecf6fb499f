// The little JSON that the streaming side needs, behind functions so that the library's header stays out of ours. [any]
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace statecast::host {

// Whether the text is exactly one JSON value.
bool is_json(std::string_view text);

// Whether the text is exactly one JSON object.
bool is_json_object(std::string_view text);

// The text as a JSON string, quotes included. Bytes that are no UTF-8 become U+FFFD.
std::string json_quote(std::string_view text);
void append_json_quoted(std::string& out, std::string_view text);

// The string, or the number as text, at a JSON pointer; nothing when there is none.
std::optional<std::string> json_text_at(std::string_view json, std::string_view pointer);

// At most about 80 bytes of `text` on one line, for messages.
std::string excerpt(std::string_view text);

}  // namespace statecast::host

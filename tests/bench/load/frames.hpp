// What a stream is made of, as far as a client must know it to count messages: blocks of SSE (WHATWG HTML 9.2.5, lines
// ending in LF) and unmasked frames of WebSocket (RFC 6455 5.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace statecast::bench {

enum class Form { sse, websocket };

struct StreamFrame {
  std::size_t size = 0;   // bytes on the wire
  std::string_view text;  // what is in it
};

// The frame at the front, or nothing while it is not whole.
std::optional<StreamFrame> first_frame(Form form, std::string_view bytes);

// The number that a message carries in its member "number", of ten digits; nothing in all other frames.
std::optional<std::uint64_t> number_in(std::string_view text);

}  // namespace statecast::bench

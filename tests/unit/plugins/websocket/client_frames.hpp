// The bytes that a client sends: masked frames (RFC 6455 5.2), right or wrong.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/transports/websocket/frame.hpp"

namespace statecast::websocket {

constexpr std::array<std::uint8_t, 4> kMask = {0x37, 0xFA, 0x21, 0x3D};

// A string from byte values, zeros included.
template <class... Bytes>
std::string bytes(Bytes... values) {
  return {static_cast<char>(values)...};
}

inline std::string masked(std::string_view payload) {
  std::string out(kMask.begin(), kMask.end());
  for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(static_cast<char>(payload[i] ^ kMask[i % 4]));
  return out;
}

// The mask bit and the length, in the shortest form.
inline std::string masked_length(std::uint64_t length) {
  const int n = length <= 125 ? 0 : length <= 0xFFFF ? 2 : 8;
  std::string out = bytes(0x80 | (n == 0 ? static_cast<int>(length) : n == 2 ? 126 : 127));
  for (int i = n - 1; i >= 0; --i) out.push_back(static_cast<char>(length >> (8 * i)));
  return out;
}

inline std::string client_frame(int first_byte, std::string_view payload) {
  return bytes(first_byte) + masked_length(payload.size()) + masked(payload);
}

inline std::string client_text(std::string_view text) { return client_frame(0x81, text); }
inline std::string client_ping(std::string_view payload) { return client_frame(0x89, payload); }
inline std::string client_pong(std::string_view payload) { return client_frame(0x8A, payload); }

inline std::string close_payload(int code, std::string_view reason = {}) {
  return bytes(code >> 8, code & 0xFF) + std::string(reason);
}
inline std::string client_close(int code, std::string_view reason = {}) {
  return client_frame(0x88, close_payload(code, reason));
}

// The unmasked frame that the server sends for a short text.
inline std::string server_text(std::string_view text) {
  std::string out = bytes(0x81);
  if (text.size() <= 125) {
    out += bytes(text.size());
  } else {
    out += bytes(126, text.size() >> 8, text.size() & 0xFF);
  }
  return out.append(text);
}

}  // namespace statecast::websocket

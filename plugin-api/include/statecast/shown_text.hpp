// Text from outside, made fit to be shown. A terminal obeys control characters, and the marks of bidirectional text (Unicode TR 9)
// turn around what is read: an id with such could forge a line of the log, or show itself as another id.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace statecast {

namespace detail {

// A character and how many bytes of UTF-8 it takes; U+FFFD for one byte that belongs to none.
struct Character {
  std::uint32_t code;
  std::size_t bytes;
};

inline Character character_at(std::string_view text, std::size_t at) {
  constexpr Character kNone{0xfffd, 1};
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};  // what fewer bytes can say is not said in more
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t bytes = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
  if (bytes == 0 || text.size() - at < bytes) return kNone;
  std::uint32_t code = bytes == 1 ? first : first & (0xff >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xc0) != 0x80) return kNone;
    code = code << 6 | (next & 0x3f);
  }
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return code < kLeast[bytes] || surrogate || code > 0x10ffff ? kNone : Character{code, bytes};
}

// DEL and U+0080 to U+009F, and what turns or breaks a line without being seen.
constexpr bool is_unseen(std::uint32_t code) {
  return (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace detail

// Whether there is a control character in it: U+0000 to U+001F, U+007F to U+009F. [any]
inline bool has_control(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c == 0x7f) return true;
    if (c == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0) return true;
  }
  return false;
}

// The text with escapes as JSON has them (\u202e) for DEL, U+0080 to U+009F, marks of bidirectional text, the separators of lines
// and paragraphs, and bytes that are no UTF-8. Of JSON it makes the same JSON. What is below U+0020 stays. [any]
inline std::string escape_unseen(std::string_view text) {
  std::string out;
  if (std::ranges::all_of(text, [](unsigned char c) { return c < 0x7f; })) return out = text;  // nearly always
  out.reserve(text.size() + 16);
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, bytes] = detail::character_at(text, at);
    const bool broken = code == 0xfffd && bytes == 1;
    if (broken || detail::is_unseen(code)) {
      constexpr char kDigits[] = "0123456789abcdef";
      out += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[code >> shift & 15];
    } else {
      out.append(text, at, bytes);
    }
    at += bytes;
  }
  return out;
}

// The same on one line, with a space for each character below U+0020. [any]
inline std::string as_one_line(std::string_view text) {
  std::string out = escape_unseen(text);
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20; }, ' ');
  return out;
}

// So much of a text as fits into a message: on one line, and at most about so many bytes. [any]
inline std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return as_one_line(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;  // not within a character
  return as_one_line(text.substr(0, most)) + "...";
}

}  // namespace statecast

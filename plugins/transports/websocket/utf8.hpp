// UTF-8 (RFC 3629), judged byte by byte.
#pragma once

#include <cstdint>
#include <string_view>

namespace statecast::websocket {

// Accepts text in any pieces and refuses it at the first byte that cannot belong to it: overlong forms, surrogates and
// what lies beyond U+10FFFF included. Three bytes of memory; used by one session, on its shard.
class Utf8Validator {
 public:
  // False at the first wrong byte; nothing after that is meaningful.
  constexpr bool feed(std::string_view text) {
    for (const char c : text) {
      if (!accept(static_cast<std::uint8_t>(c))) return false;
    }
    return true;
  }

  // Does the text end between two characters?
  constexpr bool complete() const { return missing_ == 0; }

 private:
  constexpr bool accept(std::uint8_t byte) {
    if (missing_ == 0) return lead(byte);
    if (byte < low_ || byte > high_) return false;
    return expect(static_cast<std::uint8_t>(missing_ - 1));
  }

  // RFC 3629 4: the lead byte fixes how many bytes follow, and for some leads narrows the first of them.
  constexpr bool lead(std::uint8_t byte) {
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    if (byte < 0xE0) return expect(1);
    if (byte == 0xE0) return expect(2, 0xA0, 0xBF);  // lower would be overlong
    if (byte == 0xED) return expect(2, 0x80, 0x9F);  // higher would be a surrogate
    if (byte < 0xF0) return expect(2);
    if (byte == 0xF0) return expect(3, 0x90, 0xBF);  // lower would be overlong
    if (byte == 0xF4) return expect(3, 0x80, 0x8F);  // higher would be beyond U+10FFFF
    return expect(3);
  }

  constexpr bool expect(std::uint8_t missing, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
    missing_ = missing;
    low_ = low;
    high_ = high;
    return true;
  }

  std::uint8_t missing_ = 0;               // continuation bytes still to come
  std::uint8_t low_ = 0x80, high_ = 0xBF;  // the range of the next one
};

constexpr bool is_utf8(std::string_view text) {
  Utf8Validator validator;
  return validator.feed(text) && validator.complete();
}

// The longest prefix of `text` (UTF-8) that has at most `bytes` bytes and splits no character.
constexpr std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<std::uint8_t>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace statecast::websocket

#include "plugins/transports/websocket/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace statecast::websocket {
namespace {

// UTF-8 of any number up to 31 bits in the length asked for, right or wrong.
std::string encoded(std::uint32_t code_point, int length) {
  if (length == 1) return {static_cast<char>(code_point)};
  std::string out(static_cast<std::size_t>(length), '\0');
  for (int i = length - 1; i > 0; --i, code_point >>= 6)
    out[static_cast<std::size_t>(i)] = static_cast<char>(0x80 | (code_point & 0x3F));
  out[0] = static_cast<char>((0xFF00 >> length & 0xFF) | code_point);
  return out;
}

int shortest(std::uint32_t code_point) {
  return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

// How many bytes are taken before the validator refuses one.
std::size_t accepted(std::string_view text) {
  Utf8Validator validator;
  std::size_t n = 0;
  while (n < text.size() && validator.feed(text.substr(n, 1))) ++n;
  return n;
}

TEST(Utf8, AcceptsEveryCodePointButTheSurrogates) {
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    ASSERT_EQ(is_utf8(encoded(c, shortest(c))), !surrogate) << std::hex << c;
  }
}

TEST(Utf8, RefusesWhatLiesBeyondTheLastCodePoint) {
  for (std::uint32_t c = 0x110000; c < 0x200000; c += 0x3F) ASSERT_FALSE(is_utf8(encoded(c, 4))) << std::hex << c;
  EXPECT_FALSE(is_utf8(encoded(0x200000, 5)));
  EXPECT_FALSE(is_utf8(encoded(0x4000000, 6)));
}

TEST(Utf8, RefusesEveryOverlongForm) {
  for (std::uint32_t c = 0; c < 0x10000; ++c) {
    for (int length = shortest(c) + 1; length <= 4; ++length)
      ASSERT_FALSE(is_utf8(encoded(c, length))) << std::hex << c;
  }
}

TEST(Utf8, RefusesBytesThatNeverOccur) {
  for (const int byte : {0x80, 0xBF, 0xC0, 0xC1, 0xF5, 0xF8, 0xFC, 0xFE, 0xFF}) {
    EXPECT_EQ(accepted(std::string(1, static_cast<char>(byte))), 0u) << byte;
  }
}

TEST(Utf8, RefusesAtTheFirstByteThatCannotBelong) {
  EXPECT_EQ(accepted("\xE0\x9F\xBF"), 1u);      // overlong
  EXPECT_EQ(accepted("\xED\xA0\x80"), 1u);      // a surrogate
  EXPECT_EQ(accepted("\xF0\x8F\xBF\xBF"), 1u);  // overlong
  EXPECT_EQ(accepted("\xF4\x90\x80\x80"), 1u);  // beyond U+10FFFF
  EXPECT_EQ(accepted("\xE2\x82 "), 2u);         // a character that breaks off
  EXPECT_EQ(accepted("\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xF4\x90\x80\x80 edited"), 12u);
}

TEST(Utf8, IsNotCompleteWithinACharacter) {
  const std::string_view text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x80";
  const std::vector<bool> complete = {true, false, true, false, false, true, false, false, false, true};
  Utf8Validator validator;
  for (std::size_t i = 0; i < text.size(); ++i) {
    ASSERT_TRUE(validator.feed(text.substr(i, 1)));
    EXPECT_EQ(validator.complete(), complete[i]) << i;
  }
}

TEST(Utf8, CutsOnlyBetweenCharacters) {
  EXPECT_EQ(utf8_prefix("abc", 3), "abc");
  EXPECT_EQ(utf8_prefix("abcd", 3), "abc");
  EXPECT_EQ(utf8_prefix("ab\xC3\xA9", 3), "ab");
  EXPECT_EQ(utf8_prefix("\xF0\x9F\x9A\x80", 3), "");
  EXPECT_EQ(utf8_prefix("a\xF0\x9F\x9A\x80z", 5), "a\xF0\x9F\x9A\x80");
}

}  // namespace
}  // namespace statecast::websocket

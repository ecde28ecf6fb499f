#include <gtest/gtest.h>

#include <statecast/shown_text.hpp>

namespace statecast {
namespace {

TEST(EscapeUnseen, EscapesWhatATerminalObeysOrTurnsUnseen) {
  EXPECT_EQ(escape_unseen("a\x7f\u0080\u009f\u00a0b"), "a\\u007f\\u0080\\u009f\u00a0b");
  EXPECT_EQ(escape_unseen("\u061c\u200d\u200e\u200f\u2010"), "\\u061c\u200d\\u200e\\u200f\u2010");
  EXPECT_EQ(escape_unseen("\u2027\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f"), "\u2027\\u2028\\u2029\\u202a\\u202b\\u202c\\u202d\\u202e\u202f");
  EXPECT_EQ(escape_unseen("\u2065\u2066\u2067\u2068\u2069\u206a"), "\u2065\\u2066\\u2067\\u2068\\u2069\u206a");
}

TEST(EscapeUnseen, LeavesOtherTextAsItIs) {
  for (const char* text : {"", "plain", "größe", "日本語", "😀", "שלום", "\n\t\x1b", "\xef\xbf\xbd"}) EXPECT_EQ(escape_unseen(text), text);
}

TEST(EscapeUnseen, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(escape_unseen("a\x9b" "b"), "a\\ufffdb");
  EXPECT_EQ(escape_unseen("\xc3"), "\\ufffd");
  EXPECT_EQ(escape_unseen("\xc0\x80"), "\\ufffd\\ufffd") << "written longer than it is";
  EXPECT_EQ(escape_unseen("\xed\xa0\x80"), "\\ufffd\\ufffd\\ufffd") << "half of a pair";
  EXPECT_EQ(escape_unseen("\xf5\x80\x80\x80"), "\\ufffd\\ufffd\\ufffd\\ufffd");
}

TEST(AsOneLine, HasNoControlCharacter) { EXPECT_EQ(as_one_line("a\nb\tc\x1b[0m\u009b"), "a b c [0m\\u009b"); }

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("1234567890", 10), "1234567890");
  EXPECT_EQ(shortened("123456789é", 10), "123456789...");
  EXPECT_EQ(shortened("12345678é0", 10), "12345678é...");
  EXPECT_EQ(shortened("\x80\x80\x80", 2), "...");
}

TEST(HasControl, KnowsThoseOfOneByteAndOfTwo) {
  for (const char* text : {"\x01", "a\x1f", "\x7f", "\u0080", "a\u009fb"}) EXPECT_TRUE(has_control(text)) << escape_unseen(text);
  for (const char* text : {"", " ", "é", "\u00a0", "\xc2", "日本語\u202e"}) EXPECT_FALSE(has_control(text)) << text;
}

}  // namespace
}  // namespace statecast

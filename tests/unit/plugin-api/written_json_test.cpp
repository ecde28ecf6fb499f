#include <gtest/gtest.h>

#include <statecast/written_json.hpp>
#include <string>

namespace statecast {
namespace {

using Texts = std::vector<std::string_view>;

TEST(WrittenMember, GivesAValueAsItWasWritten) {
  constexpr std::string_view text = R"( { "a" : 1.50 , "b":"x, \"}]" ,"c":{"b":[1, {"d":2}]}, "e": [ ] ,"f":null} )";
  EXPECT_EQ(written_member(text, "a"), "1.50");
  EXPECT_EQ(written_member(text, "b"), R"("x, \"}]")");
  EXPECT_EQ(written_member(text, "c"), R"({"b":[1, {"d":2}]})");
  EXPECT_EQ(written_member(text, "e"), "[ ]");
  EXPECT_EQ(written_member(text, "f"), "null");
  EXPECT_EQ(written_member(text, "d"), std::nullopt) << "of the object itself only";
}

TEST(WrittenMember, IsFoundInAnySpelling) {
  EXPECT_EQ(written_member(R"({"d\u0061ta":1})", "data"), "1");
  EXPECT_EQ(written_member(R"({"\ud83d\ude00\n":1})", "😀\n"), "1");
  EXPECT_EQ(written_member(R"({"data\u0000":1})", "data"), std::nullopt);
  EXPECT_EQ(written_member("{}", "data"), std::nullopt);
}

TEST(WrittenMember, IsNothingInWhatIsNoObject) {
  for (const char* text : {"", "[]", "7", "{", "{\"", "{\"a", "{\"a\"", "\"a\"", "{\"a\\"}) EXPECT_EQ(written_member(text, "b"), std::nullopt) << text;
}

TEST(WrittenMember, IsNotMisledByBackslashes) {
  EXPECT_EQ(written_member(R"({"a":"\\","b":"\\\"","c":3})", "c"), "3");
}

TEST(WrittenElements, GivesEachAsItWasWritten) {
  EXPECT_EQ(written_elements(R"( [ {"a":[1,2]} , "x]" ,3,[ ],null ] )"), (Texts{R"({"a":[1,2]})", R"("x]")", "3", "[ ]", "null"}));
  EXPECT_EQ(written_elements("[]"), Texts{});
  EXPECT_EQ(written_elements("[1]"), Texts{"1"});
}

TEST(NestedDeeperThan, CountsWhatIsOpen) {
  EXPECT_FALSE(nested_deeper_than("[[{}],[[]]]", 3));
  EXPECT_TRUE(nested_deeper_than("[[{}],[[]]]", 2));
  EXPECT_FALSE(nested_deeper_than("7", 0));
  EXPECT_TRUE(nested_deeper_than(std::string(100'000, '['), kDeepestDocument));
}

TEST(NestedDeeperThan, TakesNoBracketInAStringForOne) {
  EXPECT_FALSE(nested_deeper_than(R"(["[[[","\"[["])", 1));
  EXPECT_TRUE(nested_deeper_than(R"(["\\",[)", 1));
}

TEST(NestedDeeperThan, BearsTextThatIsNoJson) {
  for (const char* text : {"", "]]]", "\"", "\"\\", "[\"", "{]"}) EXPECT_FALSE(nested_deeper_than(text, 1)) << text;
}

}  // namespace
}  // namespace statecast

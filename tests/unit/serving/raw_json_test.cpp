#include "host/serving/raw_json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace statecast::host {
namespace {

using Texts = std::vector<std::string_view>;

TEST(RawMember, GivesAValueAsItWasWritten) {
  constexpr std::string_view text = R"( { "a" : 1.50 , "b":"x, \"}]" ,"c":{"b":[1, {"d":2}]}, "e": [ ] ,"f":null} )";
  EXPECT_EQ(raw_member(text, "a"), "1.50");
  EXPECT_EQ(raw_member(text, "b"), R"("x, \"}]")");
  EXPECT_EQ(raw_member(text, "c"), R"({"b":[1, {"d":2}]})");
  EXPECT_EQ(raw_member(text, "e"), "[ ]");
  EXPECT_EQ(raw_member(text, "f"), "null");
  EXPECT_EQ(raw_member(text, "d"), "") << "of the object itself only";
}

TEST(RawMember, GivesTheLastOfSeveralAsParsersDo) { EXPECT_EQ(raw_member(R"({"a":1,"a":"two"})", "a"), "\"two\""); }

TEST(RawMember, GivesNothingForANameWrittenWithEscapes) {
  EXPECT_EQ(raw_member(R"({"d\u0061ta":1})", "data"), "");
  EXPECT_EQ(raw_member("{}", "data"), "");
}

TEST(RawMember, IsNotMisledByBackslashes) {
  EXPECT_EQ(raw_member(R"({"a":"\\","b":"\\\"","c":3})", "c"), "3");
}

TEST(RawElements, GivesEachAsItWasWritten) {
  EXPECT_EQ(raw_elements(R"( [ {"a":[1,2]} , "x]" ,3,[ ],null ] )"), (Texts{R"({"a":[1,2]})", R"("x]")", "3", "[ ]", "null"}));
  EXPECT_EQ(raw_elements("[]"), Texts{});
  EXPECT_EQ(raw_elements("[1]"), Texts{"1"});
}

TEST(NestedDeeperThan, CountsWhatIsOpen) {
  EXPECT_FALSE(nested_deeper_than("[[{}],[[]]]", 3));
  EXPECT_TRUE(nested_deeper_than("[[{}],[[]]]", 2));
  EXPECT_FALSE(nested_deeper_than("7", 0));
}

TEST(NestedDeeperThan, TakesNoBracketInAStringForOne) {
  EXPECT_FALSE(nested_deeper_than(R"(["[[[","\"[["])", 1));
  EXPECT_TRUE(nested_deeper_than(R"(["\\",[)", 1));
}

TEST(NestedDeeperThan, BearsTextThatIsNoJson) {
  for (const char* text : {"", "]]]", "\"", "\"\\", "[\"", "{]"}) EXPECT_FALSE(nested_deeper_than(text, 1)) << text;
}

}  // namespace
}  // namespace statecast::host

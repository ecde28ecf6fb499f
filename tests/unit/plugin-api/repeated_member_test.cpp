#include <gtest/gtest.h>

#include <statecast/plain_json.hpp>
#include <statecast/repeated_member.hpp>
#include <string>

namespace statecast {
namespace {

constexpr std::nullopt_t kNone = std::nullopt;

TEST(RepeatedMember, IsNamedByItsPath) {
  EXPECT_EQ(repeated_member(R"({"id":"a","id":"b"})"), "id");
  EXPECT_EQ(repeated_member(R"({"data":{"items":[1,{},{"price":1,"name":"x","price":1}]}})"), "data.items[2].price");
  EXPECT_EQ(repeated_member(R"([[{"a":1,"a":2}]])"), "[0][0].a");
  EXPECT_EQ(repeated_member(R"( { "a" : 1 , "b" : [ ] , "a" : 2 } )"), "a");
  EXPECT_EQ(repeated_member(R"({"":1,"":2})"), "");
}

TEST(RepeatedMember, IsFoundInAnySpelling) {
  EXPECT_EQ(repeated_member(R"({"id":"a","\u0069d":"b"})"), "id");
  EXPECT_EQ(repeated_member(R"({"\u00e9":1,"é":2})"), "é");
  EXPECT_EQ(repeated_member(R"({"\ud83d\ude00":1,"😀":2})"), "😀");
  EXPECT_EQ(repeated_member(R"({"a\/b":1,"a/b":2})"), "a/b");
  EXPECT_EQ(repeated_member(R"({"\"":1,"\u0022":2})"), "\"");
}

TEST(RepeatedMember, IsNoneWhereOnlyOtherObjectsHaveTheName) {
  for (const char* text : {"{}", "[]", "7", "\"a\"", R"({"a":{"a":{"a":1}},"b":{"a":2}})", R"([{"a":1},{"a":1}])", R"({"a":"{\"b\":1,\"b\":2}"})",
                           R"({"a":1,"A":2,"aa":3})", R"({"b":{"x":1},"x":2,"c":{"b":3}})"})
    EXPECT_EQ(repeated_member(text), kNone) << text;
}

TEST(RepeatedMember, IsFoundAmongManyInTimeThatGrowsWithThem) {
  std::string many = "{";
  for (int i = 0; i < 200'000; ++i) many += "\"n" + std::to_string(i) + "\":1,";
  EXPECT_EQ(repeated_member(many + "\"last\":1}"), kNone);
  EXPECT_EQ(repeated_member(many + "\"n77\":1}"), "n77");
}

TEST(RepeatedMember, EndsAtWhateverIsNoJson) {
  for (const char* text : {"", "{", "[", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "[}", "[:", "[1", "]", "{\"a\\", "{\"\\u1\":1}", "{\"a\"}", "[[,]"})
    static_cast<void>(repeated_member(text));
}

// The quick way takes no text in which the careful one finds something.
TEST(RepeatedMember, IsNotTakenByThePlainWayEither) {
  const auto plain = [](std::string_view text) {
    std::string_view written;
    return PlainJson(text).take_value(written);
  };
  for (const char* text : {R"({"id":"a","id":"b"})", R"({"a":[{"b":1,"c":2,"b":3}]})", R"({"a":{"":1,"":1}})"}) {
    EXPECT_TRUE(repeated_member(text)) << text;
    EXPECT_FALSE(plain(text)) << text;
  }
  std::string some = "{\"a\":1";
  for (int i = 0; i < 22; ++i) some += ",\"" + std::string(1, static_cast<char>('b' + i)) + "x\":1";
  EXPECT_TRUE(plain(some + "}"));
  for (int i = 0; i < 22; ++i) EXPECT_FALSE(plain(some + ",\"" + std::string(1, static_cast<char>('b' + i)) + "x\":1}")) << i;
  EXPECT_FALSE(plain(some + ",\"y\":1,\"z\":1}")) << "more than it can tell apart";
}

}  // namespace
}  // namespace statecast

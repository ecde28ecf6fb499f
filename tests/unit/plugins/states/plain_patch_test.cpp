#include "plugins/states/plain_patch.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>

#include "plugins/states/written_merge.hpp"

namespace statecast {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kObjects[] = {
    "{}",
    R"({"a":1})",
    R"({"status":"PENDING","customerId":"c-1","items":[{"name":"Soup, {hot}","price":4.5},[],{}],"total":9,"note":null})",
    R"({"b":{"a":{"a":"}"}},"a":"with \"quotes\" and \\","c":[[["]"]]],"\"a\"":true,"größe":"ü"})",
    R"({"x":"\\","a":"\\\"","y":-1.5e+300})",
};

constexpr const char* kPatches[] = {
    "{}",
    R"({"a":"text"})",
    R"({ "a" : null , "b" : false })",
    R"({"z":1,"a":2,"y":3})",
    R"({"b":"in place of an object","items":null,"note":true})",
    R"({"a":1.50,"b":-0.0,"c":100.0,"d":0.1,"e":123456789.123456789,"f":0.00001,"g":12345678901234567890.5})",
    R"({"a":0,"b":-5,"c":123456789012345678,"d":-0,"e":36893488147419103233})",
    R"({"missing":null})",
    R"({"status":"CONFIRMED","eta":"2023-12-20T15:00:00.000Z","x":""})",
};

TEST(PlainPatch, MergesAsThatDoesWhichTakesAll) {
  for (const char* object : kObjects)
    for (const char* text : kPatches) {
      PlainPatch patch;
      ASSERT_TRUE(patch.read(text)) << text;
      const std::string before = Json::parse(object).dump();
      EXPECT_EQ(patch.merged_into(before), merged_as_written(before, text)) << object << " and " << text;
    }
}

TEST(PlainPatch, ReadsNothingThatIsNotPlain) {
  const std::string large = R"({"a":")" + std::string(4096, 'x') + "\"}";
  std::string many = R"({"a":1)";
  for (int i = 0; i < 16; ++i) many += ",\"" + std::to_string(i) + "\":1";
  many += "}";
  for (const std::string& data : {std::string("[]"), std::string("null"), std::string("{\"a\":"), std::string(R"({"a":{}})"), std::string(R"({"a":[]})"),
                                  std::string(R"({"a":"ü"})"), std::string(R"({"a":"\n"})"), std::string(R"({"\u0061":1})"),
                                  std::string(R"({"a":1,"a":2})"), std::string(R"({"a":1e3})"), large, many})
    EXPECT_FALSE(PlainPatch().read(data)) << data;
}

TEST(PlainPatch, FindsMembersAsTheyWereWritten) {
  PlainPatch patch;
  ASSERT_TRUE(patch.read(R"({"a":"text","b":1.50,"c":null})"));
  EXPECT_EQ(patch.find("a"), "\"text\"");
  EXPECT_EQ(patch.find("b"), "1.50");
  EXPECT_EQ(patch.text("a"), "text");
  EXPECT_EQ(patch.text("b"), std::nullopt);
  EXPECT_TRUE(patch.has("c"));
  EXPECT_FALSE(patch.has("d"));
  EXPECT_TRUE(patch.repeats("a", "text"));
  EXPECT_TRUE(patch.repeats("d", "anything"));
  EXPECT_FALSE(patch.repeats("a", "other"));
  EXPECT_FALSE(patch.repeats("b", "1.50"));
}

TEST(PlainPatch, LeavesOutWhatIsNotToBeMerged) {
  PlainPatch patch;
  ASSERT_TRUE(patch.read(R"({"a":1,"b":2,"c":3})"));
  patch.leave_out("b");
  EXPECT_EQ(patch.merged_into(R"({"b":0})"), R"({"b":0,"a":1,"c":3})");
}

TEST(PlainPatch, ForgetsWhatItReadBefore) {
  PlainPatch patch;
  ASSERT_TRUE(patch.read(R"({"a":1})"));
  ASSERT_TRUE(patch.read(R"({"b":2})"));
  EXPECT_EQ(patch.merged_into("{}"), R"({"b":2})");
}

TEST(WrittenMember, IsFoundAmongTheObjectsOwnOnly) {
  const std::string object = Json::parse(kObjects[3]).dump();
  EXPECT_EQ(written_member(object, "a"), R"("with \"quotes\" and \\")");
  EXPECT_EQ(written_member(object, "c"), R"([[["]"]]])");
  EXPECT_EQ(written_member(object, "d"), std::nullopt);
  EXPECT_EQ(written_member("{}", "a"), std::nullopt);
}

}  // namespace
}  // namespace statecast

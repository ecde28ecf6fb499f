#include "plugins/states/written_merge.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace statecast {
namespace {

using Json = nlohmann::ordered_json;

// Trees of the library merge what is not changed by being read and written.
TEST(MergedAsWritten, IsWhatTreesMerge) {
  const char* objects[] = {"{}", R"({"a":1})", R"({"a":{"b":{"c":[1,{"d":null}]},"x":"}"},"z":"\"{","n":null})", R"({"b":7,"a":[{}]})"};
  const char* patches[] = {"{}", R"({"a":null})", R"({ "a" : { "b" : { "c" : null , "e" : [ 1 , 2 ] } } })", R"({"a":{"x":{"y":{"gone":null}}},"new":{"n":null}})",
                           R"({"z":false,"b":[],"a":{"b":1}})", R"({"\u0061":2,"gr\u00f6\u00dfe":1})", R"({"none":null})"};
  for (const char* object : objects)
    for (const char* patch : patches) {
      Json value = Json::parse(object);
      value.merge_patch(Json::parse(patch));
      EXPECT_EQ(merged_as_written(object, patch), value.dump()) << object << " and " << patch;
    }
}

TEST(MergedAsWritten, KeepsNumbersAndTextsAsTheyWereWritten) {
  EXPECT_EQ(merged_as_written(R"({"a":1.10,"b":18446744073709551617})", R"({ "c" : [ 1e2, 1.50 ], "d": {"e": -0}, "a": 36893488147419103233, "f": "\u00e9 \/ x" })"),
            R"({"a":36893488147419103233,"b":18446744073709551617,"c":[1e2,1.50],"d":{"e":-0},"f":"\u00e9 \/ x"})");
}

TEST(MergedAsWritten, SpellsANameInOneWayWhereverItComesFrom) {
  EXPECT_EQ(merged_as_written(R"({"status":1})", R"({"\u0073tatus":2,"t\u0022":{"\u0075":1}})"), R"({"status":2,"t\"":{"u":1}})");
}

// Events that were stored before such were refused.
TEST(MergedAsWritten, TakesTheLastOfAMemberThatIsThereTwice) {
  EXPECT_EQ(merged_as_written("{}", R"({"a":1,"b":2,"\u0061":3})"), R"({"a":3,"b":2})");
}

}  // namespace
}  // namespace statecast

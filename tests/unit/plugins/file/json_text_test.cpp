#include "plugins/sources/file/json_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace statecast::file {
namespace {

TEST(JsonText, KnowsHowDeepItIs) {
  EXPECT_FALSE(is_deeper_than("1", 0));
  EXPECT_TRUE(is_deeper_than("[]", 0));
  EXPECT_FALSE(is_deeper_than(R"({"a":[1],"b":{}})", 2));
  EXPECT_TRUE(is_deeper_than(R"({"a":[{}]})", 2));
  EXPECT_FALSE(is_deeper_than(R"(["[[[[","\"[[["])", 1));
  EXPECT_TRUE(is_deeper_than(std::string(100'000, '['), 64));
}

TEST(JsonText, FindsAMemberAsItWasWritten) {
  EXPECT_EQ(member_as_written(R"({"data":1})", "data"), "1");
  EXPECT_EQ(member_as_written(R"( { "id" : "a" , "data" : { "n" : 1.50 , "m":[1, 2] } } )", "data"),
            R"({ "n" : 1.50 , "m":[1, 2] })");
  EXPECT_EQ(member_as_written(R"({"data":"a,b}\"","id":2})", "data"), R"("a,b}\"")");
  EXPECT_EQ(member_as_written(R"({"data":[],"id":{"data":2}})", "data"), "[]");
  EXPECT_EQ(member_as_written(R"({"data":1,"data":2})", "data"), "2");
}

TEST(JsonText, FindsNothingWhereThereIsNone) {
  EXPECT_EQ(member_as_written("{}", "data"), "");
  EXPECT_EQ(member_as_written(R"({"id":{"data":2},"x":["data",3],"y":"data"})", "data"), "");
}

}  // namespace
}  // namespace statecast::file

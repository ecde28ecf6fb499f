#include "plugins/states/hidden_fields.hpp"

#include <gtest/gtest.h>

#include <array>

namespace statecast {
namespace {

TEST(WithoutFields, TakesAwayTopMembersAndKeepsTheOthersInTheirOrder) {
  const std::array<std::string, 2> names = {"note", "größe \"x\""};
  EXPECT_EQ(without_fields(R"({"z":1,"note":{"z":2},"a":{"note":3},"größe \"x\"":4})", names),
            R"({"z":1,"a":{"note":3}})");
}

TEST(WithoutFields, TakesAwayAMemberInWhateverSpelling) {
  const std::array<std::string, 1> names = {"note"};
  EXPECT_EQ(without_fields(R"({"a":"\\","\u006eote":1,"n\u006fte":{"x":[2]},"b":1.50})", names), R"({"a":"\\","b":1.50})");
}

TEST(WithoutFields, LeavesAnObjectWithoutSuchMembersAsItIs) {
  const std::array<std::string, 1> names = {"note"};
  EXPECT_EQ(without_fields(R"({ "notes": 1.50 })", names), R"({ "notes": 1.50 })");
  EXPECT_EQ(without_fields(R"({"note":1})", {}), R"({"note":1})");
}

}  // namespace
}  // namespace statecast

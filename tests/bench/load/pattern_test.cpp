#include "tests/bench/load/pattern.hpp"

#include <gtest/gtest.h>

namespace statecast::bench {
namespace {

TEST(Pattern, WritesTopicAndNumberWhereverTheyStandAndKeepsItsLength) {
  Pattern pattern(R"({"id":"{topic}-{number}","to":"d-{topic}"})");
  EXPECT_EQ(pattern.write(17, 4'294'967'296), R"({"id":"000017-4294967296","to":"d-000017"})");
  EXPECT_EQ(pattern.write(999'999, 3), R"({"id":"999999-0000000003","to":"d-999999"})");
  EXPECT_EQ(pattern.size(), pattern.write(0).size());
}

TEST(Pattern, LeavesATextWithoutPlacesAlone) {
  Pattern pattern("/api/v1/stream?{other}");
  EXPECT_EQ(pattern.write(1, 2), "/api/v1/stream?{other}");
}

}  // namespace
}  // namespace statecast::bench

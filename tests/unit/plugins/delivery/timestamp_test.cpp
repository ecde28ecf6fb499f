#include "plugins/states/delivery/timestamp.hpp"

#include <gtest/gtest.h>

#include <string>

namespace statecast::delivery {
namespace {

std::string written(std::int64_t time_us) {
  TimestampText text;
  return std::string(write_timestamp(time_us, text));
}

TEST(Timestamp, IsWrittenAsJavaScriptWritesIt) {
  EXPECT_EQ(written(1'703'082'900'000'000), "2023-12-20T14:35:00.000Z");
  EXPECT_EQ(written(1'709'251'199'987'000), "2024-02-29T23:59:59.987Z");
  EXPECT_EQ(written(0), "1970-01-01T00:00:00.000Z");
}

TEST(Timestamp, CutsOffWhatIsFinerThanAMillisecond) {
  EXPECT_EQ(written(1'999), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(written(-1), "1969-12-31T23:59:59.999Z");
}

TEST(Timestamp, ReachesFromTheYear0ToTheYear9999) {
  EXPECT_EQ(written(kFirstTime), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(written(kLastTime), "9999-12-31T23:59:59.999Z");
  EXPECT_TRUE(is_writable_time(kFirstTime) && is_writable_time(kLastTime));
  EXPECT_FALSE(is_writable_time(kFirstTime - 1) || is_writable_time(kLastTime + 1));
}

}  // namespace
}  // namespace statecast::delivery

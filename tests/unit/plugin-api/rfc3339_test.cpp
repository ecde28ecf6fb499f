#include <gtest/gtest.h>

#include <statecast/rfc3339.hpp>

namespace statecast {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMoment = 1'703'082'900 * kSecond;  // 2023-12-20T14:35:00Z

TEST(Rfc3339, IsReadInMicroseconds) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("2023-12-20T14:35:00.000Z"), kMoment);
  EXPECT_EQ(parse_rfc3339("2023-12-20t14:35:00z"), kMoment);
  EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00Z"), 1'709'164'800 * kSecond);
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.5Z"), -500'000);
}

TEST(Rfc3339, IsReadWithItsFractionCutToMicroseconds) {
  EXPECT_EQ(parse_rfc3339("2023-12-20T14:35:00.5Z"), kMoment + 500'000);
  EXPECT_EQ(parse_rfc3339("2023-12-20T14:35:00.1234569999Z"), kMoment + 123'456);
}

TEST(Rfc3339, IsReadWithItsZone) {
  EXPECT_EQ(parse_rfc3339("2023-12-20T16:35:00+02:00"), kMoment);
  EXPECT_EQ(parse_rfc3339("2023-12-20T09:05:00-05:30"), kMoment);
  EXPECT_EQ(parse_rfc3339("2023-12-20T14:35:00-00:00"), kMoment);
}

TEST(Rfc3339, CountsALeapSecondAsTheSecondAfterIt) {
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(Rfc3339, IsNotReadFromAnythingElse) {
  for (const char* text :
       {"", "now", "2023-12-20", "2023-12-20T14:35Z", "2023-12-20T14:35:00", "2023-12-20T14:35:00.Z",
        "2023-13-20T14:35:00Z", "2023-02-29T14:35:00Z", "2023-12-20T24:00:00Z", "2023-12-20T14:60:00Z",
        "2023-12-20T14:35:61Z", "2023-12-20T14:35:00+0200", "2023-12-20T14:35:00+24:00", "2023-12-20T14:35:00+02",
        "2023-12-20T14:35:00ZZ", " 2023-12-20T14:35:00Z", "+023-12-20T14:35:00Z", "2023/12/20T14:35:00Z"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Rfc3339, IsWrittenInUtcWithMilliseconds) {
  EXPECT_EQ(format_rfc3339(kMoment), "2023-12-20T14:35:00.000Z");
  EXPECT_EQ(format_rfc3339(kMoment + 59'999'999), "2023-12-20T14:35:59.999Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(parse_rfc3339(format_rfc3339(-62'167'219'200 * kSecond)), -62'167'219'200 * kSecond);  // the year 0
}

}  // namespace
}  // namespace statecast

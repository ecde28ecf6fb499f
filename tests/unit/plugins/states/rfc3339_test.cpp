#include "plugins/states/rfc3339.hpp"

#include <gtest/gtest.h>

namespace statecast {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kNoon = 1'703'073'600 * kSecond;  // 2023-12-20T12:00:00Z

TEST(ParseRfc3339, ReadsATimeInUtcOrWithAnOffset) {
  for (const char* text : {"2023-12-20T12:00:00Z", "2023-12-20t12:00:00z", "2023-12-20 12:00:00Z",
                           "2023-12-20T12:00:00.000Z", "2023-12-20T14:00:00+02:00", "2023-12-20T06:30:00-05:30",
                           "2023-12-21T00:00:00+12:00", "2023-12-20T12:00:00-00:00"})
    EXPECT_EQ(parse_rfc3339(text), kNoon) << text;
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59Z"), -kSecond);
  EXPECT_EQ(parse_rfc3339("2024-02-29T00:00:00Z"), 1'709'164'800 * kSecond);
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), 1'483'228'800 * kSecond);
}

TEST(ParseRfc3339, ReadsFractionsAndCutsThemToMicroseconds) {
  EXPECT_EQ(parse_rfc3339("2023-12-20T12:00:00.5Z"), kNoon + 500'000);
  EXPECT_EQ(parse_rfc3339("2023-12-20T12:00:00.000001+00:00"), kNoon + 1);
  EXPECT_EQ(parse_rfc3339("2023-12-20T12:00:00.1234569999Z"), kNoon + 123'456);
}

TEST(ParseRfc3339, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "noon", "2023", "2023-12-20", "2023-12-20T12:00Z", "2023-12-20T12:00:00", "2023-12-20T12:00:00.Z",
        "2023-12-20T12:00:00,5Z", "2023-13-20T12:00:00Z", "2023-00-20T12:00:00Z", "2023-11-31T12:00:00Z",
        "2023-02-29T12:00:00Z", "2023-12-20T24:00:00Z", "2023-12-20T12:60:00Z", "2023-12-20T12:00:61Z",
        "2023-12-20T12:00:00+0200", "2023-12-20T12:00:00+24:00", "2023-12-20T12:00:00+02", "2023-12-20T12:00:00+02:60",
        "2023-12-20T12:00:00ZZ", " 2023-12-20T12:00:00Z", "2023-12-20T12:00:00Z ", "23-12-20T12:00:00Z",
        "-023-12-20T12:00:00Z", "2023-12-20T1 :00:00Z", "2023/12/20T12:00:00Z"})
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(FormatRfc3339, WritesUtcWithMilliseconds) {
  EXPECT_EQ(format_rfc3339(kNoon), "2023-12-20T12:00:00.000Z");
  EXPECT_EQ(format_rfc3339(kNoon + 34'567'999), "2023-12-20T12:00:34.567Z");
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999Z");
}

TEST(FormatRfc3339, WritesWhatIsReadBackAsTheSameTime) {
  for (const char* text : {"0000-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "9999-12-31T23:59:59.001Z"})
    EXPECT_EQ(format_rfc3339(parse_rfc3339(text).value()), text);
}

}  // namespace
}  // namespace statecast

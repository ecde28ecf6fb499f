#include <gtest/gtest.h>

#include "host/serving/cloud_events.hpp"

namespace statecast::host {
namespace {

struct Case {
  const char* text;
  std::int64_t us;
};

class Rfc3339 : public testing::TestWithParam<Case> {};

TEST_P(Rfc3339, IsReadInMicroseconds) { EXPECT_EQ(parse_rfc3339(GetParam().text), GetParam().us) << GetParam().text; }

constexpr std::int64_t kSecond = 1'000'000;

INSTANTIATE_TEST_SUITE_P(Each, Rfc3339,
                         testing::Values(Case{"1970-01-01T00:00:00Z", 0},                                 //
                                         Case{"2023-12-20T14:35:00.000Z", 1'703'082'900 * kSecond},       //
                                         Case{"2023-12-20T14:35:00.123456Z", 1'703'082'900'123'456},      //
                                         Case{"2023-12-20T14:35:00.1234569999Z", 1'703'082'900'123'456},  // cut, not rounded
                                         Case{"2023-12-20T14:35:00.5Z", 1'703'082'900'500'000},           //
                                         Case{"2023-12-20t14:35:00z", 1'703'082'900 * kSecond},           // RFC 3339 5.6
                                         Case{"2023-12-20 14:35:00Z", 1'703'082'900 * kSecond},           // RFC 3339 5.6
                                         Case{"2023-12-20T16:35:00+02:00", 1'703'082'900 * kSecond},      //
                                         Case{"2023-12-20T09:05:00-05:30", 1'703'082'900 * kSecond},      //
                                         Case{"2023-12-20T14:35:00-00:00", 1'703'082'900 * kSecond},      //
                                         Case{"2024-02-29T00:00:00Z", 1'709'164'800 * kSecond},           // a leap day
                                         Case{"2016-12-31T23:59:60Z", 1'483'228'800 * kSecond},           // a leap second
                                         Case{"1969-12-31T23:59:59.5Z", -500'000},                        // before 1970
                                         Case{"0000-01-01T00:00:00Z", -62'167'219'200 * kSecond},         //
                                         Case{"9999-12-31T23:59:59Z", 253'402'300'799 * kSecond}));

class NoRfc3339 : public testing::TestWithParam<const char*> {};

TEST_P(NoRfc3339, IsRefused) { EXPECT_FALSE(parse_rfc3339(GetParam())) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(Each, NoRfc3339,
                         testing::Values("", "now", "2023", "2023-12-20", "2023-12-20T14:35Z", "2023-12-20T14:35:00",
                                         "2023-12-20T14:35:00.Z", "2023-12-20T14:35:00,5Z", "2023-13-20T14:35:00Z",
                                         "2023-00-20T14:35:00Z", "2023-12-00T14:35:00Z", "2023-11-31T14:35:00Z",
                                         "2023-02-29T14:35:00Z", "2023-12-20T24:00:00Z", "2023-12-20T14:60:00Z",
                                         "2023-12-20T14:35:61Z", "2023-12-20T14:35:00+0200", "2023-12-20T14:35:00+24:00",
                                         "2023-12-20T14:35:00+02", "2023-12-20T14:35:00+02:60", "2023-12-20T14:35:00ZZ",
                                         " 2023-12-20T14:35:00Z", "2023-12-20T14:35:00Z ", "23-12-20T14:35:00Z",
                                         "+023-12-20T14:35:00Z", "2023-12-20X14:35:00Z", "2023/12/20T14:35:00Z"));

}  // namespace
}  // namespace statecast::host

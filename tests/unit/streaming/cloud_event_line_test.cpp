#include "host/streaming/cloud_event_line.hpp"

#include <gtest/gtest.h>

#include "events.hpp"

namespace statecast::host::test {
namespace {

std::string line_of(const OwnedEvent& event) { return cloud_event_line(detail::to_abi(event.view())); }

TEST(CloudEventLine, HasTheEventAsItIsKept) {
  OwnedEvent event{.type = "OrderCreated", .subject = "o-1", .data = R"({"total":1.50, "note":"\u00e9"})", .id = "e-1", .source = "/shop?x=1"};
  event.time_us = 1'703'082'900'250'000;
  event.extensions = R"({"retries":3,"traceparent":"00-ab"})";
  EXPECT_EQ(line_of(event),
            R"({"specversion":"1.0","id":"e-1","source":"/shop?x=1","type":"OrderCreated","subject":"o-1",)"
            R"("time":"2023-12-20T14:35:00.25Z","retries":3,"traceparent":"00-ab","data":{"total":1.50, "note":"\u00e9"}})");
}

TEST(CloudEventLine, LeavesOutWhatTheEventDoesNotHave) {
  EXPECT_EQ(line_of({.type = "T", .data = "null", .id = "1", .source = "/s", .time_us = 0}),
            R"({"specversion":"1.0","id":"1","source":"/s","type":"T","time":"1970-01-01T00:00:00Z"})");
}

TEST(CloudEventLine, IsOneLineWhateverTheDataLookLike) {
  const auto line = line_of({.type = "T", .data = "{\r\n  \"a\": 1\n}", .id = "q\"\n", .source = "/s", .time_us = 0});
  EXPECT_EQ(line, R"({"specversion":"1.0","id":"q\"\n","source":"/s","type":"T","time":"1970-01-01T00:00:00Z","data":{    "a": 1 }})");
}

TEST(Rfc3339, HasAsManyDigitsAsTheTimeNeeds) {
  EXPECT_EQ(format_rfc3339(1'703'082'900'000'000), "2023-12-20T14:35:00Z");
  EXPECT_EQ(format_rfc3339(1'703'082'900'000'001), "2023-12-20T14:35:00.000001Z");
  EXPECT_EQ(format_rfc3339(1'703'082'900'120'000), "2023-12-20T14:35:00.12Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Rfc3339, StaysWithinYearsOfFourDigits) {
  EXPECT_EQ(format_rfc3339(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_rfc3339(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00Z");
}

}  // namespace
}  // namespace statecast::host::test

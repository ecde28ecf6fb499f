#include "window_fixture.hpp"

namespace statecast::window {
namespace {

class WindowResults : public WindowTest {};

TEST_F(WindowResults, AWindowIsAppendedByTheEventThatClosesIt) {
  EXPECT_EQ(windows_.apply({event("12:00:05", "B"), event("12:00:10"), event("12:00:59.999", "B")}).rejections(),
            Results{});
  const auto reported = windows_.apply({event("12:01:09.999"), event("12:01:10")});
  const std::string key = "window:" + std::to_string(at("12:00:00")) + ":";
  const std::string next = "window:" + std::to_string(at("12:01:00")) + ":";
  EXPECT_EQ(reported.text(),
            "0: touched stream\n0: touched " + next + "\n1: touched stream\n1: appended " + key +
                " on windows/test: " + result("12:00", counted(3, R"("A":1,"B":2)")) + "\n1: touched " + key +
                "\n1: touched " + next + "\n");
}

TEST_F(WindowResults, AWindowIsToldOnce) {
  results({event("12:00:05"), event("12:02:00")});
  EXPECT_EQ(results({event("12:02:30"), event("12:02:40")}), Results{});
}

TEST_F(WindowResults, SeveralWindowsCloseInTheirOrder) {
  EXPECT_EQ(results({event("12:00:30"), event("12:01:05"), event("12:00:58"), event("12:04:00")}),
            (Results{result("12:00", counted(2, R"("A":2)")), result("12:01", counted(1, R"("A":1)"))}));
}

TEST_F(WindowResults, AnEmptyWindowHasNoResult) {
  EXPECT_EQ(results({event("12:00:30"), event("12:10:30"), event("12:11:30")}),
            (Results{result("12:00", counted(1, R"("A":1)")), result("12:10", counted(1, R"("A":1)"))}));
}

TEST_F(WindowResults, TheClockClosesNoWindow) {
  results({event("12:00:30")});
  EXPECT_EQ(windows_.refresh(at("23:00:00")).text(), "");
}

TEST_F(WindowResults, OnlyTheTypesThatWereChosenAreCountedButEveryEventTellsTheTime) {
  testkit::StateKit windows(table(), R"({"types":["A","B"]})");
  EXPECT_EQ(results(windows, {event("12:00:10", "A"), event("12:00:20", "C"), event("12:01:10", "C")}),
            Results{result("12:00", counted(1, R"("A":1)"))});
}

TEST_F(WindowResults, TypesBeyondTheBoundAreCountedTogether) {
  testkit::StateKit windows(table(), R"({"max_types":2})");
  EXPECT_EQ(results(windows, {event("12:00:01", "C"), event("12:00:02", "A"), event("12:00:03", "B"),
                              event("12:00:04", "D"), event("12:00:05", "A"), event("12:02:00")}),
            Results{result("12:00", counted(5, R"("A":2,"C":1)"), R"(,"other_events":2)")});
}

TEST_F(WindowResults, AWindowOfAWeekBeginsOnAMondayAndOneOfADayAtMidnight) {
  testkit::StateKit weeks(table(), R"({"size":604800000,"max_ahead":0})");
  testkit::StateKit days(table(), R"({"size":86400000,"max_ahead":0})");
  const auto later = [] {
    auto event = WindowTest::event("12:00:00");
    event.time_us += 8LL * 86'400 * 1'000'000;
    return event;
  };
  EXPECT_EQ(results(weeks, {event("12:00:00"), later()}),
            Results{R"({"type":"window","window_start":"2023-12-18T00:00:00.000Z",)"
                    R"("window_end":"2023-12-25T00:00:00.000Z","total_events":1,"event_types":{"A":1}})"});
  EXPECT_EQ(results(days, {event("12:00:00"), later()}),
            Results{R"({"type":"window","window_start":"2023-12-20T00:00:00.000Z",)"
                    R"("window_end":"2023-12-21T00:00:00.000Z","total_events":1,"event_types":{"A":1}})"});
}

TEST(StartOf, IsTheStartOfTheWindowAlsoBeforeAllOrigins) {
  EXPECT_EQ(start_of(at("12:00:59.999999"), 60'000'000), at("12:00:00"));
  EXPECT_EQ(start_of(at("12:01:00"), 60'000'000), at("12:01:00"));
  EXPECT_EQ(format_rfc3339(start_of(parse_rfc3339("0000-12-31T23:59:30Z").value(), 60'000'000)),
            "0000-12-31T23:59:00.000Z");
}

TEST_F(WindowResults, AReplayAppendsTheSameMessagesAtTheSameEventsHoweverItIsCut) {
  std::vector<testkit::OwnedEvent> events;
  for (int i = 0; i < 200; ++i) {
    auto next = event("12:00:00", i % 3 == 0 ? "A" : "B");
    next.time_us += (i * 7 + (i * i) % 31 - 15) * 1'000'000LL;
    if (i % 50 == 49) next.time_us += 86'400'000'000;
    events.push_back(next);
  }
  testkit::StateKit replayed(table(), "{}");
  Results live;
  for (const auto& event : events) {
    const auto messages = results({event});
    live.insert(live.end(), messages.begin(), messages.end());
    windows_.refresh(event.time_us + 3'600'000'000);
  }
  EXPECT_GT(live.size(), 20u);
  EXPECT_EQ(results(replayed, events), live);
}

}  // namespace
}  // namespace statecast::window

#include "window_fixture.hpp"

namespace statecast::window {
namespace {

class WindowAhead : public WindowTest {
 protected:
  // So many events of this time; each is one second after the one before.
  static std::vector<testkit::OwnedEvent> row(const std::string& clock, std::size_t n) {
    std::vector<testkit::OwnedEvent> events;
    for (std::size_t i = 0; i < n; ++i) {
      events.push_back(event(clock));
      events.back().time_us += static_cast<std::int64_t>(i) * 1'000'000;
    }
    return events;
  }
  double ahead() { return windows_.host().metric("ahead_events"); }
};

constexpr std::size_t kFew = WindowState::kHeldAtMost - 1;

TEST_F(WindowAhead, AnEventFarAheadNeitherClosesWindowsNorIsCountedUnlessOthersConfirmIt) {
  results({event("12:00:10")});
  EXPECT_EQ(results(row("18:00:00", kFew)), Results{});
  EXPECT_EQ(results({event("12:00:20"), event("12:01:10")}), Results{result("12:00", counted(2, R"("A":2)"))});
  EXPECT_EQ(ahead(), kFew);
}

TEST_F(WindowAhead, AnEventAsFarAheadAsIsAllowedCounts) {
  results({event("12:00:10")});
  EXPECT_EQ(results({event("13:00:10")}), Results{result("12:00", counted(1, R"("A":1)"))});
  EXPECT_EQ(ahead(), 0);
}

TEST_F(WindowAhead, AfterAPauseTheStreamGoesOnAndNothingIsLost) {
  results({event("12:00:10")});
  results(row("18:00:00", kFew));
  EXPECT_EQ(results({event("18:00:30")}), Results{result("12:00", counted(1, R"("A":1)"))});
  EXPECT_EQ(results({event("18:01:10")}), Results{result("18:00", counted(kFew + 1, R"("A":10)"))});
  EXPECT_EQ(ahead(), 0);
}

TEST_F(WindowAhead, EventsOfTheStreamsOwnTimeBeginTheCountOfConfirmationsAnew) {
  results({event("12:00:10")});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(results(row("18:00:00", kFew)), Results{});
    EXPECT_EQ(results({event("12:00:20")}), Results{});
  }
  EXPECT_EQ(ahead(), 3 * kFew);
}

TEST_F(WindowAhead, TheStreamMovesOnToTheEarliestThatIsConfirmed) {
  results({event("12:00:10")});
  auto mad = event("12:00:00");
  mad.time_us = parse_rfc3339("9999-01-01T00:00:00Z").value();
  results({mad});
  EXPECT_EQ(results(row("18:00:00", kFew)), Results{result("12:00", counted(1, R"("A":1)"))});
  EXPECT_EQ(results({event("18:01:10")}), Results{result("18:00", counted(kFew, R"("A":9)"))});
  EXPECT_EQ(ahead(), 1);
}

TEST_F(WindowAhead, TheFirstEventOfAllIsBelieved) {
  EXPECT_EQ(results({event("12:00:10"), event("12:01:10")}), Results{result("12:00", counted(1, R"("A":1)"))});
}

TEST_F(WindowAhead, WithoutABoundEveryEventIsBelieved) {
  testkit::StateKit windows(table(), R"({"max_ahead":0})");
  EXPECT_EQ(results(windows, {event("12:00:10"), event("23:00:00")}), Results{result("12:00", counted(1, R"("A":1)"))});
}

TEST_F(WindowAhead, TheFirstThatIsNotCountedIsTold) {
  results({event("12:00:10"), event("18:00:00"), event("12:00:20"), event("18:00:00"), event("12:00:30")});
  EXPECT_EQ(windows_.host().log(),
            (std::vector<testkit::LogLine>{{SC_LOG_WARNING,
                                            "events more than max_ahead beyond the stream's time came, and are not "
                                            "counted; the metric ahead_events says how many"}}));
}

}  // namespace
}  // namespace statecast::window

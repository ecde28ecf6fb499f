#include "window_fixture.hpp"

namespace statecast::window {
namespace {

class WindowLateness : public WindowTest {
 protected:
  double late() { return windows_.host().metric("late_events"); }
};

TEST_F(WindowLateness, AnEventWithinTheAllowedLatenessIsCountedInItsOwnWindow) {
  EXPECT_EQ(results({event("12:01:09.999"), event("12:00:10"), event("12:01:10")}),
            Results{result("12:00", counted(1, R"("A":1)"))});
  EXPECT_EQ(late(), 0);
}

TEST_F(WindowLateness, ALateEventIsToldInTheFirstWindowThatIsStillOpen) {
  results({event("12:00:30"), event("12:01:10")});
  EXPECT_EQ(results({event("12:00:59"), event("11:00:00"), event("12:02:10")}),
            Results{result("12:01", counted(1, R"("A":1)"), R"(,"late_events":2)")});
  EXPECT_EQ(late(), 2);
}

TEST_F(WindowLateness, ALateEventIsToldThoughNothingElseCameInThatWindow) {
  EXPECT_EQ(results({event("12:00:30"), event("12:05:00"), event("12:00:01"), event("12:06:00")}),
            (Results{result("12:00", counted(1, R"("A":1)")),
                     result("12:04", counted(0, ""), R"(,"late_events":1)")}));
  EXPECT_EQ(late(), 1);
}

TEST_F(WindowLateness, WithoutAllowedLatenessAWindowClosesAtItsEnd) {
  testkit::StateKit windows(table(), R"({"allowed_lateness":0})");
  EXPECT_EQ(results(windows, {event("12:00:59.999"), event("12:01:00")}),
            Results{result("12:00", counted(1, R"("A":1)"))});
}

TEST_F(WindowLateness, ALateEventThatIsNotCountedIsNotToldEither) {
  testkit::StateKit windows(table(), R"({"types":["A"]})");
  EXPECT_EQ(results(windows, {event("12:00:30"), event("12:01:10"), event("12:00:10", "B"), event("12:02:10")}),
            (Results{result("12:00", counted(1, R"("A":1)")), result("12:01", counted(1, R"("A":1)"))}));
  EXPECT_EQ(windows.host().metric("late_events"), 0);
}

}  // namespace
}  // namespace statecast::window

#include "plugins/states/order/event_clock.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <nlohmann/json.hpp>

namespace statecast::order {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kHour = 3600 * kSecond;
constexpr std::int64_t kBegin = 1'700'000'000 * kSecond;

class EventClockTest : public ::testing::Test {
 protected:
  // Each so many microseconds after the beginning.
  void note(std::initializer_list<std::int64_t> times) {
    for (const auto time : times) clock_.note(kBegin + time);
  }
  void note_times(std::size_t n, std::int64_t time) {
    for (std::size_t i = 0; i < n; ++i) note({time});
  }

  EventClock clock_{kHour};
};

TEST_F(EventClockTest, CountsWhatPassesBetweenTheNewestEvents) {
  note({0});
  EXPECT_EQ(clock_.passed_us(), 0);
  note({kSecond, 5 * kSecond});
  EXPECT_EQ(clock_.passed_us(), 5 * kSecond);
}

TEST_F(EventClockTest, AnOlderEventLetsNoTimePass) {
  note({0, 10 * kSecond, 3 * kSecond, 9 * kSecond, 10 * kSecond});
  EXPECT_EQ(clock_.passed_us(), 10 * kSecond);
}

TEST_F(EventClockTest, OneEventOfAFarFutureOrPastIsNotBelieved) {
  note({0, 24 * kHour, kSecond, -24 * kHour, 2 * kSecond});
  EXPECT_EQ(clock_.passed_us(), 2 * kSecond);
}

TEST_F(EventClockTest, NineInARowAreNotBelievedAndTenAre) {
  note({0});
  note_times(9, 24 * kHour);
  note({kSecond});
  note_times(9, 24 * kHour);
  note({2 * kSecond});
  EXPECT_EQ(clock_.passed_us(), 2 * kSecond);
  note_times(10, 24 * kHour);
  EXPECT_EQ(clock_.passed_us(), 2 * kSecond) << "the night itself did not pass";
  note({24 * kHour + kSecond});
  EXPECT_EQ(clock_.passed_us(), 3 * kSecond);
}

TEST_F(EventClockTest, AFirstEventOfAFarFutureIsLeftBehind) {
  note({1000 * kHour});
  note_times(10, 0);
  note({kSecond});
  EXPECT_EQ(clock_.passed_us(), kSecond);
}

TEST_F(EventClockTest, TenInARowMoveItToTheirMidst) {
  note({0});
  for (std::int64_t i = 0; i < 9; ++i) note({24 * kHour + i * kSecond});
  note({9000 * kHour});
  EXPECT_EQ(clock_.passed_us(), 0);
  note({24 * kHour + 6 * kSecond});
  EXPECT_EQ(clock_.passed_us(), kSecond) << "it stands at the sixth of the ten";
}

TEST_F(EventClockTest, TimesAtTheEndsOfTheNumbersDoNoHarm) {
  for (int i = 0; i < 30; ++i) clock_.note(i % 2 == 0 ? INT64_MIN : INT64_MAX);
  EXPECT_EQ(clock_.passed_us(), 0);
}

TEST_F(EventClockTest, IsTheSameAfterARestart) {
  note({0, kSecond});
  note_times(9, 24 * kHour);
  EventClock again(kHour);
  again.load(clock_.save());
  EXPECT_EQ(again.save(), clock_.save());
  again.note(kBegin + 24 * kHour);
  again.note(kBegin + 24 * kHour + kSecond);
  EXPECT_EQ(again.passed_us(), 2 * kSecond);
}

TEST_F(EventClockTest, IsSavedBeforeItsFirstEvent) {
  EventClock again(kHour);
  again.load(clock_.save());
  EXPECT_EQ(again.save(), clock_.save());
}

}  // namespace
}  // namespace statecast::order

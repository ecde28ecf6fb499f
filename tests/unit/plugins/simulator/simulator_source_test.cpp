#include "plugins/sources/simulator/simulator_source.hpp"

#include <thread>

#include "tests/unit/plugins/simulator/story.hpp"

namespace statecast::simulator {
namespace {

using namespace std::chrono_literals;
using testkit::Outcome;
using testkit::OwnedEvent;

constexpr std::size_t kAll = 1'000'000;

TEST(SimulatorSource, TellsNothingBeforeItsTime) {
  const auto source = simulator(settings_for(0, {{"pace", 1}}));
  auto reader = source->open_reader();
  source->host().clock.advance(10min);
  const auto begin = reader.poll(kAll, 0ms);
  ASSERT_TRUE(begin.outcome.ok());
  const std::int64_t last_us = begin.events.back().time_us;
  EXPECT_GE(last_us, kStartUs + 540 * 1'000'000ll);
  EXPECT_LE(last_us, kStartUs + 660 * 1'000'000ll);  // the real clock runs, too
  source->host().clock.advance(10min);
  for (const OwnedEvent& event : reader.poll(kAll, 0ms).events) EXPECT_GE(event.time_us, last_us);
}

TEST(SimulatorSource, LivesFasterThanTheTimesInItsEventsGoBy) {
  const auto source = simulator(settings_for(0, {{"pace", 60}, {"rate", 6}, {"location_interval", 60'000}}));
  auto reader = source->open_reader();
  source->host().clock.advance(2min);
  int created = 0;
  for (const OwnedEvent& event : reader.poll(kAll, 0ms).events) {
    created += event.type == "OrderCreated";
    EXPECT_LE(event.time_us, kStartUs + 180 * 1'000'000ll);
  }
  EXPECT_GT(created, 500);  // of two hours
}

TEST(SimulatorSource, WaitsForWhatComesNext) {
  const auto source = simulator(settings_for(0, {{"pace", 3600}, {"location_interval", 10}}));
  auto reader = source->open_reader();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(reader.poll(100, 20s).outcome.ok());
}

TEST(SimulatorSource, TimesOutWhenNothingIsDue) {
  const auto source = simulator(settings_for(0, {{"pace", 0.001}, {"location_interval", 600'000}, {"drivers", 1}}));
  auto reader = source->open_reader();
  while (reader.poll(kAll, 0ms).outcome.ok()) {
  }
  EXPECT_EQ(reader.poll(1, 1ms).outcome, (Outcome{SC_TIMEOUT, ""}));
}

TEST(SimulatorSource, TellsNothingMoreAfterItsEnd) {
  const auto source = simulator(settings_for(1));
  auto reader = source->open_reader();
  while (reader.poll(kAll, 0ms).outcome.ok()) {
  }
  EXPECT_EQ(reader.poll(1, 1ms).outcome, (Outcome{SC_TIMEOUT, ""}));
  std::jthread other([&] { reader.interrupt(); });
  EXPECT_EQ(reader.poll(1, 60s).outcome, (Outcome{SC_TIMEOUT, ""}));
}

TEST(SimulatorSource, IsInterruptedAlsoWhenMuchIsDue) {
  const auto source = simulator(settings_for(10));
  auto reader = source->open_reader();
  reader.interrupt();
  EXPECT_EQ(reader.poll(1, 20s).outcome, (Outcome{SC_TIMEOUT, ""}));
  EXPECT_EQ(reader.poll(1, 20s).events.size(), 1u);
}

TEST(SimulatorSource, YieldsNoMoreThanIsAskedFor) {
  const auto source = simulator(settings_for(10));
  auto reader = source->open_reader();
  EXPECT_EQ(reader.poll(7, 0ms).events.size(), 7u);
  EXPECT_EQ(reader.poll(1, 0ms).events.at(0).position.hi, 8u);
}

TEST(SimulatorSource, TellsALaterReaderTheSame) {
  const auto source = simulator(settings_for(20));
  auto first = source->open_reader();
  const auto told = first.poll(kAll, 0ms).events;
  auto second = source->open_reader();
  EXPECT_EQ(second.poll(kAll, 0ms).events, told);
}

TEST(SimulatorSource, BeginsNowWhenNothingElseIsSaid) {
  const auto source = simulator(R"({"pace":0})");
  auto reader = source->open_reader();
  EXPECT_EQ(reader.poll(1, 0ms).events.at(0).time_us, source->host().clock.now_us());
}

TEST(SimulatorSource, GoesOnAfterAPosition) {
  const auto source = simulator(settings_for(20));
  auto first = source->open_reader();
  auto told = first.poll(kAll, 0ms).events;
  auto second = source->open_reader({told.at(99).position});
  told.erase(told.begin(), told.begin() + 100);
  EXPECT_EQ(second.poll(kAll, 0ms).events, told);
}

TEST(SimulatorSource, LivesThroughALongPastInSeveralPolls) {
  const auto source = simulator(settings_for(400, {{"location_interval", 10'000}}));
  Position far{};
  far.hi = 25'000;
  auto reader = source->open_reader({far});
  EXPECT_EQ(reader.poll(1, 20s).outcome, (Outcome{SC_TIMEOUT, ""}));
  EXPECT_EQ(reader.poll(1, 20s).events.at(0).position.hi, 25'001u);
}

TEST(SimulatorSource, KeepsNothing) {
  const auto source = simulator(settings_for(1));
  EXPECT_EQ(source->range().newest, Position{});
  EXPECT_FALSE(source->appends());
}

TEST(SimulatorSource, RefusesAStartThatIsNoTime) {
  const testkit::SourceKit kit(testkit::source_table<SimulatorSource>(), R"({"start":"yesterday"})");
  EXPECT_EQ(kit.creation(),
            (Outcome{SC_REJECTED, "start: 'yesterday' is no time with a zone; write it as 2023-12-20T14:35:00Z"}));
}

TEST(SimulatorSource, SaysWhichPlatformItIs) {
  const auto source = simulator(settings_for(1));
  EXPECT_EQ(source->host().log(),
            (std::vector<testkit::LogLine>{{SC_LOG_INFO, "platform '7' begins at 2023-12-20T12:00:00.000Z"}}));
}

}  // namespace
}  // namespace statecast::simulator

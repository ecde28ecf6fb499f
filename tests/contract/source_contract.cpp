#include <algorithm>
#include <nlohmann/json.hpp>
#include <statecast/testkit/source_kit.hpp>
#include <thread>

#include "tests/contract/contract.hpp"

namespace statecast::contract {
namespace {

using host::Plugin;
using testkit::OwnedEvent;
using namespace std::chrono_literals;

constexpr auto kDeadline = 20s;

class MadeSource : public Made<testkit::SourceKit> {
 public:
  explicit MadeSource(const Plugin& plugin) : Made(plugin.source(), plugin) {}
};

std::vector<OwnedEvent> some_events() {
  return {{.type = "A", .subject = "a-1", .data = R"({"n":1})", .id = "id-1", .time_us = 1'700'000'000'000'001},
          {.type = "B", .subject = "", .data = "null", .id = "id-2", .extensions = R"({"traceparent":"00-1-2-01"})"},
          {.type = "A", .subject = "ä\n", .data = R"(["\u0000"])", .id = "id-3", .source = "/else"}};
}

// Polls until `n` events came or none does.
std::vector<OwnedEvent> take(testkit::ReaderKit& reader, std::size_t n) {
  std::vector<OwnedEvent> taken;
  while (taken.size() < n) {
    auto polled = reader.poll(n - taken.size(), kDeadline);
    EXPECT_TRUE(polled.outcome.ok()) << "status " << polled.outcome.status << ": " << polled.outcome.text;
    if (!polled.outcome.ok()) break;
    std::ranges::move(polled.events, std::back_inserter(taken));
  }
  return taken;
}

// Appends, and returns the events with the positions that their receipts gave.
std::vector<OwnedEvent> append(testkit::SourceKit& kit, std::vector<OwnedEvent> events) {
  const auto appended = kit.append(events);
  EXPECT_TRUE(appended.outcome.ok()) << appended.outcome.text;
  EXPECT_EQ(appended.receipts.size(), events.size());
  for (const testkit::Receipt& receipt : appended.receipts) {
    EXPECT_EQ(receipt.status, SC_OK) << receipt.why;
    events.at(receipt.i).position = receipt.position;
  }
  return events;
}

void tells_a_legal_epoch(const Plugin& plugin) {
  MadeSource made(plugin);
  const Source::Epoch epoch = made.kit.epoch();
  EXPECT_TRUE(!epoch.id.empty() && epoch.id.size() <= 32) << epoch.id;
  EXPECT_EQ(epoch.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos) << epoch.id;
  EXPECT_GE(epoch.partitions, 1u);
  EXPECT_EQ(made.kit.epoch().id, epoch.id);
}

void ends_a_poll_that_is_interrupted(const Plugin& plugin) {
  MadeSource made(plugin);
  auto reader = made.kit.open_reader();
  ASSERT_TRUE(reader.opened().ok()) << reader.opened().text;
  std::jthread other([&] { reader.interrupt(); });
  const auto polled = reader.poll(1, kDeadline);
  EXPECT_TRUE(polled.outcome.status == SC_TIMEOUT || polled.outcome.ok()) << polled.outcome.text;
}

// What a source has by itself, as far as it comes at once.
void yields_events_that_can_be_stored(const Plugin& plugin) {
  MadeSource made(plugin);
  auto reader = made.kit.open_reader();
  const auto polled = reader.poll(50, 0ms);
  EXPECT_TRUE(polled.outcome.ok() || polled.outcome.status == SC_TIMEOUT) << polled.outcome.text;
  EXPECT_LE(polled.events.size(), 50u);
  for (const OwnedEvent& event : polled.events) {
    EXPECT_TRUE(!event.id.empty() && event.id.size() <= 256) << event;
    EXPECT_TRUE(!event.source.empty() && event.source.size() <= 1024) << event;
    EXPECT_TRUE(!event.type.empty() && event.type.size() <= 256) << event;
    EXPECT_TRUE(nlohmann::json::accept(event.data)) << event;
    EXPECT_TRUE(nlohmann::json::parse(event.extensions, nullptr, false).is_object()) << event.extensions;
  }
}

void yields_what_was_appended_in_order(const Plugin& plugin) {
  MadeSource made(plugin);
  const auto events = append(made.kit, some_events());
  auto reader = made.kit.open_reader();
  EXPECT_EQ(take(reader, events.size()), events);
}

void shows_new_events_to_a_reader_that_waits(const Plugin& plugin) {
  MadeSource made(plugin);
  auto reader = made.kit.open_reader();
  std::vector<OwnedEvent> taken;
  std::jthread waiting([&] { taken = take(reader, some_events().size()); });
  const auto events = append(made.kit, some_events());
  waiting.join();
  EXPECT_EQ(taken, events);
}

void yields_only_what_comes_after_a_position(const Plugin& plugin) {
  MadeSource made(plugin);
  if (made.kit.epoch().partitions != 1) GTEST_SKIP() << "the events may be on several partitions";
  const auto events = append(made.kit, some_events());
  auto reader = made.kit.open_reader({events[0].position});
  EXPECT_EQ(take(reader, 2), (std::vector<OwnedEvent>{events[1], events[2]}));
}

void yields_no_more_than_it_is_asked_for(const Plugin& plugin) {
  MadeSource made(plugin);
  append(made.kit, some_events());
  auto reader = made.kit.open_reader();
  EXPECT_EQ(reader.poll(1, kDeadline).events.size(), 1u);
}

void shows_everything_to_each_reader(const Plugin& plugin) {
  MadeSource made(plugin);
  const auto events = append(made.kit, some_events());
  auto first = made.kit.open_reader(), second = made.kit.open_reader();
  EXPECT_EQ(take(first, events.size()), events);
  EXPECT_EQ(take(second, events.size()), events);
}

void knows_its_range(const Plugin& plugin) {
  MadeSource made(plugin);
  EXPECT_EQ(made.kit.range().newest, Position{});
  const auto events = append(made.kit, some_events());
  if (made.kit.epoch().partitions != 1) return;
  EXPECT_EQ(made.kit.range().oldest, events.front().position);
  EXPECT_EQ(made.kit.range().newest, events.back().position);
}

// As a host asks that was refused before.
void says_whether_it_could_take_events(const Plugin& plugin) {
  MadeSource made(plugin);
  const auto events = append(made.kit, some_events());
  const auto probed = made.kit.append({});
  EXPECT_EQ(probed.outcome, testkit::Outcome{});
  EXPECT_TRUE(probed.receipts.empty());
  auto reader = made.kit.open_reader();
  EXPECT_EQ(take(reader, events.size()), events);
  EXPECT_EQ(reader.poll(1, 0ms).outcome, (testkit::Outcome{SC_TIMEOUT, ""})) << "the question is no event";
}

void takes_what_was_saved(const Plugin& plugin) {
  MadeSource made(plugin);
  const auto events = append(made.kit, some_events());
  if (made.kit.epoch().partitions != 1) GTEST_SKIP() << "the events may be on several partitions";
  EXPECT_EQ(made.kit.ack({Position{}}), testkit::Outcome{});
  EXPECT_EQ(made.kit.ack({events.back().position}), testkit::Outcome{});
  auto reader = made.kit.open_reader();
  EXPECT_EQ(take(reader, events.size()), events) << "what was saved is not yet out of date";
}

void times_out_when_nothing_comes(const Plugin& plugin) {
  MadeSource made(plugin);
  auto reader = made.kit.open_reader();
  EXPECT_EQ(reader.poll(1, 0ms).outcome, (testkit::Outcome{SC_TIMEOUT, ""}));
}

}  // namespace

void add_source_tests(const Plugin& plugin) {
  add(plugin, "TellsALegalEpoch", tells_a_legal_epoch);
  add(plugin, "EndsAPollThatIsInterrupted", ends_a_poll_that_is_interrupted);
  add(plugin, "YieldsEventsThatCanBeStored", yields_events_that_can_be_stored);
  if (!plugin.manifest.appends) return;
  add(plugin, "YieldsWhatWasAppendedInOrder", yields_what_was_appended_in_order);
  add(plugin, "ShowsNewEventsToAReaderThatWaits", shows_new_events_to_a_reader_that_waits);
  add(plugin, "YieldsOnlyWhatComesAfterAPosition", yields_only_what_comes_after_a_position);
  add(plugin, "YieldsNoMoreThanItIsAskedFor", yields_no_more_than_it_is_asked_for);
  add(plugin, "ShowsEverythingToEachReader", shows_everything_to_each_reader);
  add(plugin, "KnowsItsRange", knows_its_range);
  add(plugin, "SaysWhetherItCouldTakeEvents", says_whether_it_could_take_events);
  add(plugin, "TakesWhatWasSaved", takes_what_was_saved);
  add(plugin, "TimesOutWhenNothingComes", times_out_when_nothing_comes);
}

}  // namespace statecast::contract

// What every source in this repository that takes events does, whatever it keeps them in: a typed suite, instantiated
// by the tests of each.
//
// Its parameter is a type with `Plugin`, the source's class, and `settings()`, the JSON of an instance without history.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <future>
#include <memory>
#include <statecast/testkit/source_kit.hpp>
#include <string>
#include <thread>
#include <vector>

namespace statecast::test {

using testkit::Appended;
using testkit::Outcome;
using testkit::OwnedEvent;
using testkit::Polled;
using testkit::ReaderKit;
using testkit::Receipt;
using testkit::SourceKit;
using namespace std::chrono_literals;

inline Position at(std::uint64_t seq) {
  Position position{};
  position.hi = seq;
  return position;
}

inline std::vector<OwnedEvent> orders(std::size_t n) {
  return std::vector<OwnedEvent>(n, {.type = "OrderCreated", .subject = "o-1"});
}

// The numbers of n events, each polled within a deadline; fewer when the reader had no more.
inline std::vector<std::uint64_t> read(ReaderKit& reader, std::size_t n, std::size_t max = 64) {
  std::vector<std::uint64_t> numbers;
  while (numbers.size() < n) {
    const Polled polled = reader.poll(std::min(max, n - numbers.size()), 20s);
    if (!polled.outcome.ok()) {
      ADD_FAILURE() << "poll: " << polled.outcome.status << ' ' << polled.outcome.text;
      return numbers;
    }
    for (const OwnedEvent& event : polled.events) numbers.push_back(event.position.hi);
  }
  return numbers;
}

inline std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = first; i <= last; ++i) all.push_back(i);
  return all;
}

template <class Kind>
class SourceBehaviour : public ::testing::Test {
 protected:
  Kind setup_;
  SourceKit source_{testkit::source_table<typename Kind::Plugin>(), setup_.settings()};
};
TYPED_TEST_SUITE_P(SourceBehaviour);

TYPED_TEST_P(SourceBehaviour, YieldsAnEventAsItWasAppended) {
  const std::vector<OwnedEvent> appended = {{.type = "OrderCreated",
                                             .subject = "o-17",
                                             .data = R"({"name":"Crème brûlée"})",
                                             .id = "a",
                                             .source = "/checkout",
                                             .time_us = -1,
                                             .extensions = R"({"traceparent":"00-1"})"},
                                            {.type = "NodeStateUpdated", .subject = "", .data = "null", .id = "b"}};
  ASSERT_EQ(this->source_.append(appended).outcome, Outcome{});
  auto reader = this->source_.open_reader();
  const Polled polled = reader.poll(10, 20s);
  ASSERT_EQ(polled.outcome, Outcome{});
  ASSERT_EQ(polled.events.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    OwnedEvent expected = appended[i];
    expected.position = at(i + 1);
    EXPECT_EQ(polled.events[i], expected);
  }
}

TYPED_TEST_P(SourceBehaviour, GivesEachEventOfAnAppendTheNextPosition) {
  const std::vector<Receipt> first = {{0, SC_OK, at(1), false, ""}, {1, SC_OK, at(2), false, ""}};
  const std::vector<Receipt> second = {{0, SC_OK, at(3), false, ""}};
  EXPECT_EQ(this->source_.append(orders(2)).receipts, first);
  EXPECT_EQ(this->source_.append(orders(1)).receipts, second);
}

TYPED_TEST_P(SourceBehaviour, AnswersADuplicateWithTheFirstOnesPosition) {
  this->source_.append({{.type = "A", .id = "x"}, {.type = "A", .id = "y"}});
  const Appended again = this->source_.append({{.type = "B", .id = "y"}, {.type = "B", .id = "z"}});
  const std::vector<Receipt> expected = {{0, SC_OK, at(2), true, ""}, {1, SC_OK, at(3), false, ""}};
  EXPECT_EQ(again.receipts, expected);
}

TYPED_TEST_P(SourceBehaviour, RecognisesADuplicateWithinOneAppend) {
  const Appended appended = this->source_.append({{.type = "A", .id = "x"}, {.type = "A", .id = "x"}});
  const std::vector<Receipt> expected = {{0, SC_OK, at(1), false, ""}, {1, SC_OK, at(1), true, ""}};
  EXPECT_EQ(appended.receipts, expected);
  EXPECT_EQ(this->source_.range().newest, at(1));
}

TYPED_TEST_P(SourceBehaviour, TellsEventsOfOneIdApartByTheirSource) {
  const Appended appended = this->source_.append({{.type = "A", .id = "bc", .source = "a"},
                                                  {.type = "A", .id = "c", .source = "ab"},
                                                  {.type = "A", .id = "bc", .source = "b"}});
  const std::vector<Receipt> expected = {
      {0, SC_OK, at(1), false, ""}, {1, SC_OK, at(2), false, ""}, {2, SC_OK, at(3), false, ""}};
  EXPECT_EQ(appended.receipts, expected);
}

TYPED_TEST_P(SourceBehaviour, YieldsNoMoreThanIsAskedFor) {
  this->source_.append(orders(5));
  auto reader = this->source_.open_reader();
  EXPECT_EQ(reader.poll(2, 20s).events.size(), 2u);
  EXPECT_EQ(read(reader, 3), numbers(3, 5));
}

TYPED_TEST_P(SourceBehaviour, KeepsReadersApart) {
  this->source_.append(orders(3));
  auto one = this->source_.open_reader();
  auto other = this->source_.open_reader({at(2)});
  EXPECT_EQ(read(other, 1), numbers(3, 3));
  EXPECT_EQ(read(one, 3), numbers(1, 3));
}

TYPED_TEST_P(SourceBehaviour, WaitsForAPositionThatIsAhead) {
  this->source_.append(orders(1));
  auto reader = this->source_.open_reader({at(2)});
  this->source_.append(orders(1));
  EXPECT_EQ(reader.poll(10, 1ms).outcome, (Outcome{SC_TIMEOUT, ""}));
  this->source_.append(orders(1));
  EXPECT_EQ(read(reader, 1), numbers(3, 3));
}

TYPED_TEST_P(SourceBehaviour, TimesOutWhenNothingComes) {
  auto reader = this->source_.open_reader();
  EXPECT_EQ(reader.poll(1, 5ms).outcome, (Outcome{SC_TIMEOUT, ""}));
  EXPECT_EQ(reader.poll(1, -1s).outcome, (Outcome{SC_TIMEOUT, ""}));
}

TYPED_TEST_P(SourceBehaviour, YieldsWhatIsThereWhenTheDeadlineHasPassed) {
  this->source_.append(orders(1));
  auto reader = this->source_.open_reader();
  EXPECT_EQ(reader.poll(1, -1s).events.size(), 1u);
}

TYPED_TEST_P(SourceBehaviour, WakesAWaitingReaderWhenAnEventIsAppended) {
  auto reader = this->source_.open_reader();
  auto polled = std::async(std::launch::async, [&] { return reader.poll(1, 60s); });
  this->source_.append(orders(1));
  EXPECT_EQ(polled.get().outcome, Outcome{});
}

TYPED_TEST_P(SourceBehaviour, EndsThePollUnderWayOrTheNextWhenInterrupted) {
  auto reader = this->source_.open_reader();
  auto polled = std::async(std::launch::async, [&] { return reader.poll(1, 60s); });
  reader.interrupt();
  EXPECT_EQ(polled.get().outcome, (Outcome{SC_TIMEOUT, ""}));

  this->source_.append(orders(1));
  reader.interrupt();
  EXPECT_EQ(reader.poll(1, 60s).outcome, (Outcome{SC_TIMEOUT, ""}));
  EXPECT_EQ(read(reader, 1), numbers(1, 1));
}

TYPED_TEST_P(SourceBehaviour, TellsTheRangeThatItHolds) {
  EXPECT_EQ(this->source_.range().oldest, Position{});
  EXPECT_EQ(this->source_.range().newest, Position{});
  this->source_.append(orders(3));
  EXPECT_EQ(this->source_.range().oldest, at(1));
  EXPECT_EQ(this->source_.range().newest, at(3));
}

TYPED_TEST_P(SourceBehaviour, SaysThatItCouldTakeEventsAndTakesNone) {
  EXPECT_EQ(this->source_.probe(), Outcome{});
  EXPECT_EQ(this->source_.range().newest, Position{});
  this->source_.append(orders(1));
  EXPECT_EQ(this->source_.probe(), Outcome{});
  EXPECT_EQ(this->source_.append(orders(1)).receipts[0].position, at(2));
}

TYPED_TEST_P(SourceBehaviour, HasAShortEpochOfItsOwn) {
  TypeParam setup;
  SourceKit other(testkit::source_table<typename TypeParam::Plugin>(), setup.settings());
  const std::string epoch = this->source_.epoch().id;
  EXPECT_EQ(epoch.size(), 8u);
  EXPECT_EQ(epoch.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"), std::string::npos) << epoch;
  EXPECT_NE(epoch, other.epoch().id);
  EXPECT_EQ(this->source_.epoch().partitions, 1u);
}

TYPED_TEST_P(SourceBehaviour, RefusesAReaderOfPartitionsThatItDoesNotHave) {
  const Outcome refused{SC_REJECTED, "this source has one partition, number 0: a reader needs one position in it"};
  Position elsewhere{};
  elsewhere.partition = 1;
  EXPECT_EQ(this->source_.open_reader({elsewhere}).opened(), refused);
  EXPECT_EQ(this->source_.open_reader({at(0), at(0)}).opened(), refused);
}

TYPED_TEST_P(SourceBehaviour, AsksToComeBackWhenTheProcessHasNoFilesLeftForAReader) {
  // A sanitizer opens files of its own when it first meets a class: it meets all of them here.
  this->source_.open_reader({at(0)});
  this->source_.open_reader({at(0), at(0)});
  ::rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const ::rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const Outcome opened = this->source_.open_reader({at(0)}).opened();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(opened, (Outcome{SC_RETRY, "no room for another reader: Too many open files"}));
}

TYPED_TEST_P(SourceBehaviour, ShowsEveryEventOnceAndInOrderToReadersBesideAppends) {
  constexpr std::uint64_t kEvents = 4'000;
  std::vector<std::future<std::vector<std::uint64_t>>> readers;
  for (std::size_t max : {1u, 7u, 64u, 10'000u})
    readers.push_back(std::async(std::launch::async, [this, max] {
      auto reader = this->source_.open_reader();
      return read(reader, kEvents, max);
    }));
  for (std::uint64_t done = 0, batch = 1; done < kEvents; batch = batch % 50 + 1) {
    const auto n = std::min(batch, kEvents - done);
    ASSERT_EQ(this->source_.append(orders(n)).outcome, Outcome{});
    done += n;
  }
  for (auto& reader : readers) EXPECT_EQ(reader.get(), numbers(1, kEvents));
}

REGISTER_TYPED_TEST_SUITE_P(SourceBehaviour, YieldsAnEventAsItWasAppended, GivesEachEventOfAnAppendTheNextPosition,
                            AnswersADuplicateWithTheFirstOnesPosition, RecognisesADuplicateWithinOneAppend,
                            TellsEventsOfOneIdApartByTheirSource, YieldsNoMoreThanIsAskedFor, KeepsReadersApart,
                            WaitsForAPositionThatIsAhead, TimesOutWhenNothingComes,
                            YieldsWhatIsThereWhenTheDeadlineHasPassed, WakesAWaitingReaderWhenAnEventIsAppended,
                            EndsThePollUnderWayOrTheNextWhenInterrupted, TellsTheRangeThatItHolds,
                            SaysThatItCouldTakeEventsAndTakesNone, HasAShortEpochOfItsOwn, RefusesAReaderOfPartitionsThatItDoesNotHave,
                            AsksToComeBackWhenTheProcessHasNoFilesLeftForAReader,
                            ShowsEveryEventOnceAndInOrderToReadersBesideAppends);

}  // namespace statecast::test

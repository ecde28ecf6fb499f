#include "plugins/sources/memory/memory_source.hpp"

#include "tests/unit/plugins/source_behaviour.hpp"

namespace statecast::test {

namespace {

struct MemorySetup {
  using Plugin = memory::MemorySource;
  std::string settings() const { return R"({"capacity":1000000,"bytes":268435456})"; }
};

std::unique_ptr<SourceKit> holding(const std::string& settings) {
  return std::make_unique<SourceKit>(testkit::source_table<memory::MemorySource>(), settings);
}

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, SourceBehaviour, MemorySetup);

TEST(MemorySource, LetsTheOldestEventsGoWhenItHoldsAsManyAsItMay) {
  const auto source = holding(R"({"capacity":3})");
  source->append(orders(2));
  source->append(orders(3));
  EXPECT_EQ(source->range().oldest, at(3));
  EXPECT_EQ(source->range().newest, at(5));
  auto reader = source->open_reader();
  EXPECT_EQ(read(reader, 3), numbers(3, 5));
}

TEST(MemorySource, LetsTheOldestEventsGoWhenItHoldsAsManyBytesAsItMay) {
  const auto source = holding(R"({"bytes":10000})");
  for (int i = 0; i < 10; ++i) source->append({{.type = "A", .data = '"' + std::string(3'000, 'x') + '"'}});
  EXPECT_EQ(source->range().oldest, at(8));
  EXPECT_EQ(source->range().newest, at(10));
}

TEST(MemorySource, KeepsTheLastOfAnAppendThatIsLargerThanItsCapacity) {
  const auto source = holding(R"({"capacity":5})");
  EXPECT_EQ(source->append(orders(5'000)).receipts.size(), 5'000u);
  EXPECT_EQ(source->range().oldest, at(4'996));
  auto reader = source->open_reader();
  EXPECT_EQ(read(reader, 5), numbers(4'996, 5'000));
}

TEST(MemorySource, RefusesAnEventThatIsLargerThanAllItHolds) {
  const auto source = holding(R"({"bytes":500})");
  const Appended appended = source->append({{.type = "A", .data = '"' + std::string(498, 'x') + '"'}, {.type = "A"}});
  ASSERT_EQ(appended.receipts.size(), 2u);
  EXPECT_EQ(appended.receipts[0].status, SC_REJECTED);
  EXPECT_EQ(appended.receipts[0].why, "the event takes 511 bytes, more than this source holds (bytes: 500)");
  EXPECT_EQ(appended.receipts[1], (Receipt{1, SC_OK, at(1), false, ""}));
}

TEST(MemorySource, TellsAReaderThatFellBehindThatEventsAreGone) {
  const auto source = holding(R"({"capacity":3})");
  source->append(orders(1));
  auto reader = source->open_reader();
  auto lately = source->open_reader({at(1)});
  source->append(orders(4));
  EXPECT_EQ(reader.poll(10, 20s).outcome, (Outcome{SC_GONE, "event 1 is no longer held: the oldest is 3"}));
  EXPECT_EQ(lately.poll(10, 20s).outcome, (Outcome{SC_GONE, "event 2 is no longer held: the oldest is 3"}));
}

TEST(MemorySource, TellsAReaderInADroppedChunkThatEventsAreGone) {
  const auto source = holding(R"({"capacity":3})");
  source->append(orders(3));
  auto reader = source->open_reader();
  EXPECT_EQ(read(reader, 1), numbers(1, 1));
  source->append(orders(3'000));
  EXPECT_EQ(reader.poll(10, 20s).outcome, (Outcome{SC_GONE, "event 2 is no longer held: the oldest is 3001"}));
}

TEST(MemorySource, OpensAReaderWhereNothingIsMissingAndNoEarlier) {
  const auto source = holding(R"({"capacity":3})");
  source->append(orders(5));
  EXPECT_EQ(source->open_reader({at(1)}).opened(), (Outcome{SC_GONE, "event 2 is no longer held: the oldest is 3"}));
  auto reader = source->open_reader({at(2)});
  EXPECT_EQ(read(reader, 3), numbers(3, 5));
}

TEST(MemorySource, ForgetsTheNamesOfEventsThatItLetGo) {
  const auto source = holding(R"({"capacity":2})");
  source->append({{.type = "A", .id = "x"}, {.type = "A", .id = "y"}, {.type = "A", .id = "z"}});
  const std::vector<Receipt> expected = {{0, SC_OK, at(4), false, ""}, {1, SC_OK, at(3), true, ""}};
  EXPECT_EQ(source->append({{.type = "A", .id = "x"}, {.type = "A", .id = "z"}}).receipts, expected);
}

TEST(MemorySource, ShowsReadersInOrderWhatItStillHoldsWhileEventsGo) {
  const auto source = holding(R"({"capacity":1500})");
  constexpr std::uint64_t kEvents = 20'000;
  const auto follow = [&] {
    auto reader = source->open_reader();
    for (std::uint64_t last = 0; last < kEvents;) {
      const Polled polled = reader.poll(100, 20s);
      if (polled.outcome.status == SC_GONE) return true;  // it was too slow, and was told
      if (!polled.outcome.ok() || (last != 0 && polled.events.front().position.hi != last + 1)) return false;
      last = polled.events.back().position.hi;
    }
    return true;
  };
  auto one = std::async(std::launch::async, follow);
  auto other = std::async(std::launch::async, follow);
  for (std::uint64_t done = 0; done < kEvents; done += 50) source->append(orders(50));
  EXPECT_TRUE(one.get());
  EXPECT_TRUE(other.get());
}

}  // namespace statecast::test

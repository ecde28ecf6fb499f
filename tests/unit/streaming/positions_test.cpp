#include "host/streaming/positions.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

Position at(std::uint64_t hi, std::uint32_t ord = kWholeEvent, std::uint32_t partition = 0) { return {hi, 0, partition, ord}; }

Positions::Slot slot(std::uint16_t source, std::string epoch, std::uint32_t partition, std::uint64_t hi) {
  return {source, std::move(epoch), at(hi, kWholeEvent, partition)};
}

Positions orders_at(std::uint64_t hi) { return {"orders", {slot(0, "e1", 0, hi)}}; }

// Source 0 has two partitions, source 1 has one.
Positions three_slots() { return {"orders", {slot(0, "e1", 0, 10), slot(0, "e1", 1, 20), slot(1, "e2", 0, 30)}}; }

Resume judge(const Positions& positions, std::string_view cursor) {
  std::vector<Position> after;
  return positions.judge(cursor, after);
}

TEST(Positions, WriteACursorOfEverySlot) {
  EXPECT_EQ(orders_at(10).cursor(), "orders.e1.0.a");
  EXPECT_EQ(three_slots().cursor(), "orders.e1.0.a~orders.e1.1.14~orders.e2.0.1e");
}

TEST(Positions, WriteACursorWithinAnEvent) {
  auto positions = three_slots();
  positions.advance_slot(1, at(21, 3, 1));
  EXPECT_EQ(positions.cursor(), "orders.e1.0.a~orders.e1.1.15-0-3~orders.e2.0.1e");
}

TEST(Positions, MoveForwardOnly) {
  auto positions = three_slots();
  positions.advance(0, at(25, kWholeEvent, 1));
  positions.advance(0, at(22, kWholeEvent, 1));
  positions.advance(1, at(31));
  EXPECT_EQ(positions.cursor(), "orders.e1.0.a~orders.e1.1.19~orders.e2.0.1f");
}

TEST(Positions, FindTheSlotOfASourceAndPartition) {
  const auto positions = three_slots();
  EXPECT_EQ(positions.slot_of(0, 0), 0u);
  EXPECT_EQ(positions.slot_of(0, 1), 1u);
  EXPECT_EQ(positions.slot_of(1, 0), 2u);
}

TEST(Positions, TakeNoCursorForAFreshClient) { EXPECT_EQ(judge(orders_at(10), ""), Resume::kFresh); }

TEST(Positions, JudgeTheirOwnCursorExact) {
  const auto positions = three_slots();
  std::vector<Position> after;
  EXPECT_EQ(positions.judge(positions.cursor(), after), Resume::kExact);
  ASSERT_EQ(after.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(after[i] == positions.slots()[i].position) << i;
}

TEST(Positions, JudgeACursorWithinAnEventExactAndEarlierThanTheWholeEvent) {
  std::vector<Position> after;
  EXPECT_EQ(orders_at(10).judge("orders.e1.0.a-0-1", after), Resume::kExact);
  EXPECT_TRUE(after[0] < whole(at(10)));
  EXPECT_TRUE(at(10, 0) < after[0]);
}

TEST(Positions, JudgeACursorBeyondThemAhead) {
  EXPECT_EQ(judge(orders_at(10), "orders.e1.0.b"), Resume::kAhead);
  EXPECT_EQ(judge(orders_at(10), "orders.e1.0.a"), Resume::kExact);
  EXPECT_EQ(judge(three_slots(), "orders.e1.0.a~orders.e1.1.15"), Resume::kAhead) << "one slot ahead is enough";
}

TEST(Positions, JudgeTextThatIsNoCursorMalformed) { EXPECT_EQ(judge(orders_at(10), "42"), Resume::kMalformed); }

TEST(Positions, JudgeACursorOfAnotherStateUncovered) {
  EXPECT_EQ(judge(orders_at(10), "runs.e1.0.a"), Resume::kUncovered);
}

TEST(Positions, JudgeACursorOfAnotherLaneUncovered) {
  const Positions lane("orders:1:4", {slot(0, "e1", 0, 10)});
  EXPECT_EQ(judge(lane, "orders:1:4.e1.0.a"), Resume::kExact);
  EXPECT_EQ(judge(lane, "orders:2:4.e1.0.a"), Resume::kUncovered);
  EXPECT_EQ(judge(lane, "orders:1:2.e1.0.a"), Resume::kUncovered);
  EXPECT_EQ(judge(lane, "orders.e1.0.a"), Resume::kUncovered);
}

TEST(Positions, JudgeACursorOfAnotherEpochOtherHistory) {
  EXPECT_EQ(judge(orders_at(10), "orders.e9.0.a"), Resume::kOtherEpoch);
  EXPECT_EQ(judge(orders_at(10), "*.e9.0.a"), Resume::kOtherEpoch);
}

TEST(Positions, TakeTheirOwnEntryOutOfACursorOfSeveralStates) {
  std::vector<Position> after;
  EXPECT_EQ(orders_at(10).judge("runs.e1.0.ff~orders.e1.0.9", after), Resume::kExact);
  EXPECT_TRUE(after[0] == at(9));
}

TEST(Positions, LetTheWildcardStandForEveryState) {
  std::vector<Position> after;
  EXPECT_EQ(orders_at(10).judge("*.e1.0.7", after), Resume::kExact);
  EXPECT_TRUE(after[0] == at(7));
  EXPECT_EQ(judge(Positions("runs:1:4", {slot(0, "e1", 0, 10)}), "*.e1.0.b"), Resume::kAhead);
}

TEST(Positions, TakeWhatACursorLeavesOutForNotSeen) {
  std::vector<Position> after;
  EXPECT_EQ(three_slots().judge("orders.e1.1.14", after), Resume::kExact);
  EXPECT_TRUE(after[0] < at(1));
  EXPECT_TRUE(after[1] == at(20, kWholeEvent, 1));
  EXPECT_TRUE(after[2] < at(1));
}

TEST(Positions, FindTheSlotOfTheEventThatACursorNames) {
  const Positions positions = three_slots();
  const auto place = positions.place_of("*.e1.1.14");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->slot, 1u);
  EXPECT_TRUE(place->position == at(20, kWholeEvent, 1));
  for (const char* other : {"", "x", "*.e9.1.14", "*.e1.7.14", "*.e1.1.14~*.e1.1.15"}) EXPECT_FALSE(positions.place_of(other)) << other;
}

TEST(Positions, SayWhyAClientIsReset) {
  EXPECT_EQ(reset_reason(Resume::kMalformed), "the cursor is malformed");
  EXPECT_EQ(reset_reason(Resume::kUncovered), "the cursor does not cover this topic");
  EXPECT_EQ(reset_reason(Resume::kOtherEpoch), "the cursor is of another history");
  EXPECT_EQ(reset_reason(Resume::kAhead), "the cursor is ahead of this instance");
  EXPECT_EQ(reset_reason(Resume::kFresh), "");
  EXPECT_EQ(reset_reason(Resume::kExact), "");
}

}  // namespace
}  // namespace statecast::host

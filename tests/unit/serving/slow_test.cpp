#include "host/serving/slow.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "host/serving/buffer_budget.hpp"

namespace statecast::host {
namespace {

void note(LaneMarks& marks, std::uint16_t lane, std::uint64_t change, const std::string& cursor) {
  marks.note_change(lane, change);
  marks.note_cursor(lane, cursor);
}

TEST(LaneMarks, SayHowFarALaneHadComeBeforeTheRound) {
  LaneMarks marks(2);
  note(marks, 0, 1, "a");
  note(marks, 0, 2, "b");
  EXPECT_EQ(marks.before_round(0).change, 0u);
  EXPECT_EQ(marks.before_round(0).cursor, "");
  marks.end_round();
  EXPECT_EQ(marks.before_round(0).change, 2u);
  EXPECT_EQ(marks.before_round(0).cursor, "b");
  note(marks, 0, 3, "c");
  EXPECT_EQ(marks.before_round(0).change, 2u);
  EXPECT_EQ(marks.before_round(0).cursor, "b");
  EXPECT_EQ(marks.newest_change(0), 3u);
}

TEST(LaneMarks, KeepWhatALaneSaidManyRoundsAgo) {
  LaneMarks marks(2);
  note(marks, 0, 1, "a");
  for (int i = 0; i < 5; ++i) {
    marks.end_round();
    note(marks, 1, 100, "z");
  }
  EXPECT_EQ(marks.before_round(0).cursor, "a");
  note(marks, 0, 2, "b");
  EXPECT_EQ(marks.before_round(0).cursor, "a");
}

TEST(LaneMarks, MoveOnWithACursorAlone) {
  LaneMarks marks(1);
  note(marks, 0, 1, "a");
  marks.end_round();
  marks.note_cursor(0, "b");  // the end of a listing
  marks.end_round();
  EXPECT_EQ(marks.before_round(0).change, 1u);
  EXPECT_EQ(marks.before_round(0).cursor, "b");
}

TEST(Slow, KeepsWhatItsHeldGroupsWillNotBringAgain) {
  Slow slow;
  EXPECT_EQ(slow.keeps(0), 0u);
  slow.taken(0) = {5, "five"};
  EXPECT_EQ(slow.keeps(0), 5u);
  slow.held.push_back({1, 0, {9, "nine"}});
  slow.held.push_back({2, 1, {20, "twenty"}});
  EXPECT_EQ(slow.keeps(0), 9u);
  EXPECT_EQ(slow.keeps(1), 20u);
}

TEST(Slow, CountsWhatIsDroppedByTopic) {
  Slow slow;
  slow.count_dropped(3);
  slow.count_dropped(1);
  slow.count_dropped(3);
  ASSERT_EQ(slow.dropped.size(), 2u);
  EXPECT_EQ(slow.dropped[0].topic, 3u);
  EXPECT_EQ(slow.dropped[0].messages, 2u);
  EXPECT_EQ(slow.dropped[1].messages, 1u);
}

TEST(BufferBudget, IsOverWhenAllShardsTogetherHoldMore) {
  BufferBudget budget(100, 2);
  budget.add(60);
  budget.add(40);
  EXPECT_FALSE(budget.over());
  budget.add(1);
  EXPECT_TRUE(budget.over());
  budget.add(-1);
  EXPECT_FALSE(budget.over());
}

TEST(BufferBudget, KnowsWhichShardHasTheSlowestClient) {
  BufferBudget budget(100, 3);
  EXPECT_TRUE(budget.is_largest(0, 1));
  budget.publish_largest(0, 10);
  budget.publish_largest(1, 30);
  EXPECT_FALSE(budget.is_largest(0, 29));
  EXPECT_TRUE(budget.is_largest(0, 30));
  EXPECT_TRUE(budget.is_largest(1, 11)) << "what it published itself is older than what it asks about";
}

TEST(BufferBudget, AddsUpFromEveryThread) {
  BufferBudget budget(0, 2);
  const auto add_many = [&] {
    for (int i = 0; i < 10'000; ++i) budget.add(i % 2 == 0 ? 3 : -3);
  };
  std::thread other(add_many);
  add_many();
  other.join();
  EXPECT_FALSE(budget.over());
  budget.add(1);
  EXPECT_TRUE(budget.over());
}

}  // namespace
}  // namespace statecast::host

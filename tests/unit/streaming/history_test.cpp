#include "host/streaming/history.hpp"

#include <gtest/gtest.h>

#include "events.hpp"

namespace statecast::host {
namespace {

using test::at;

std::vector<Position> after(std::uint64_t hi) { return {whole(at(hi))}; }

// ---- KeyTable

TEST(KeyTable, TellsAKeyThatChangedLaterThanAClientsPosition) {
  KeyTable keys;
  keys.changed("a", {0, whole(at(5)), false});
  EXPECT_TRUE(keys.changed_since("a", after(4)));
  EXPECT_FALSE(keys.changed_since("a", after(5)));
  EXPECT_FALSE(keys.changed_since("a", after(6)));
}

TEST(KeyTable, CountsAClientWithinTheEventAsNotHavingIt) {
  KeyTable keys;
  keys.changed("a", {0, whole(at(5)), false});
  EXPECT_TRUE(keys.changed_since("a", {Position{5, 0, 0, 0}}));
}

TEST(KeyTable, TakesAKeyThatItDoesNotKnowForChanged) { EXPECT_TRUE(KeyTable().changed_since("a", after(9))); }

TEST(KeyTable, TakesAChangeByRefreshForLaterThanTheEventBeforeIt) {
  KeyTable keys;
  keys.changed("a", {0, whole(at(5)), true});
  EXPECT_TRUE(keys.changed_since("a", after(5)));
  EXPECT_FALSE(keys.changed_since("a", after(6)));
}

TEST(KeyTable, RemembersTheLastChangeOnly) {
  KeyTable keys;
  keys.changed("a", {0, whole(at(5)), true});
  keys.changed("a", {1, whole(at(2, 1)), false});
  EXPECT_EQ(keys.size(), 1u);
  EXPECT_FALSE(keys.changed_since("a", {whole({}), whole(at(2, 1))}));
  EXPECT_TRUE(keys.changed_since("a", {whole(at(9)), whole(at(1, 1))}));
}

TEST(KeyTable, DoesNotGoBackWithinOneSlot) {
  KeyTable keys;
  keys.changed("a", {0, whole(at(5)), false});
  keys.changed("a", {0, whole(at(3)), false});
  EXPECT_TRUE(keys.changed_since("a", after(4)));
}

// ---- TopicHistory

Ref<AppendedMessage> message(std::uint64_t hi, std::uint32_t ord = 0, std::size_t slot = 0) {
  auto* made = new AppendedMessage;
  made->key = "k";
  made->json = std::to_string(hi) + "-" + std::to_string(ord);
  made->moment = {slot, {hi, 0, 0, ord}, false};
  return Ref<AppendedMessage>::adopt(made);
}

TopicHistory history_of(std::initializer_list<Ref<AppendedMessage>> messages, std::size_t bound) {
  TopicHistory history;
  for (const auto& m : messages) history.append(m, bound);
  return history;
}

TEST(TopicHistory, NumbersItsMessagesOnAsTheOldestGo) {
  const auto history = history_of({message(1), message(2), message(3), message(4)}, 3);
  EXPECT_EQ(history.first(), 1u);
  EXPECT_EQ(history.end(), 4u);
  EXPECT_EQ(history.at(1).json, "2-0");
  EXPECT_EQ(history.at(3).json, "4-0");
}

TEST(TopicHistory, FindsTheFirstMessageThatAClientLacks) {
  const auto history = history_of({message(1), message(2, 0), message(2, 1), message(3)}, 10);
  EXPECT_EQ(history.first_after(after(0)), 0u);
  EXPECT_EQ(history.first_after(after(1)), 1u);
  EXPECT_EQ(history.first_after({Position{2, 0, 0, 0}}), 2u);
  EXPECT_EQ(history.first_after(after(2)), 3u);
  EXPECT_EQ(history.first_after(after(3)), history.end());
}

TEST(TopicHistory, ReachesBackToACursorThatNothingTrimmedFollows) {
  const auto history = history_of({message(1), message(2, 0), message(2, 1), message(3)}, 2);
  EXPECT_FALSE(history.reaches_back_to(after(1)));
  EXPECT_TRUE(history.reaches_back_to({Position{2, 0, 0, 0}}));
  EXPECT_TRUE(history.reaches_back_to(after(2)));
}

TEST(TopicHistory, ReachesBackToTheStartWhenNothingWasTrimmed) {
  EXPECT_TRUE(history_of({message(1)}, 1).reaches_back_to({whole({})}));
  EXPECT_TRUE(TopicHistory().reaches_back_to({whole({})}));
}

TEST(TopicHistory, RemembersWhatWasTrimmedOfEachSlot) {
  const auto history = history_of({message(7, 0, 0), message(2, 0, 1), message(8, 0, 0)}, 1);
  EXPECT_TRUE(history.reaches_back_to({whole(at(7)), whole(at(2))}));
  EXPECT_FALSE(history.reaches_back_to({whole(at(7)), whole(at(1))}));
  EXPECT_FALSE(history.reaches_back_to({whole(at(6)), whole(at(2))}));
}

TEST(TopicHistory, KeepsNothingUnderABoundOfZero) {
  const auto history = history_of({message(1), message(2)}, 0);
  EXPECT_EQ(history.first(), history.end());
  EXPECT_FALSE(history.reaches_back_to(after(1)));
  EXPECT_TRUE(history.reaches_back_to(after(2)));
}

// ---- Rejections

TEST(Rejections, FindAReasonByTheEventsPosition) {
  Rejections rejections;
  rejections.add(0, at(5), "no such order");
  rejections.add(1, at(5), "of another source");
  rejections.add(0, at(5, 1), "of another partition");
  ASSERT_NE(rejections.find(0, at(5)), nullptr);
  EXPECT_EQ(*rejections.find(0, at(5)), "no such order");
  EXPECT_EQ(*rejections.find(1, at(5)), "of another source");
  EXPECT_EQ(*rejections.find(0, at(5, 1)), "of another partition");
  EXPECT_EQ(rejections.find(0, at(6)), nullptr);
}

TEST(Rejections, KeepTheFirstReasonOfAnEvent) {
  Rejections rejections;
  EXPECT_TRUE(rejections.add(0, at(5), "the first"));
  EXPECT_FALSE(rejections.add(0, at(5), "the second"));
  EXPECT_EQ(*rejections.find(0, at(5)), "the first");
}

TEST(Rejections, ForgetTheOldestBeyondTheirBound) {
  Rejections rejections;
  for (std::uint64_t i = 1; i <= 4097; ++i) rejections.add(0, at(i), "reason");
  EXPECT_EQ(rejections.find(0, at(1)), nullptr);
  EXPECT_NE(rejections.find(0, at(2)), nullptr);
  EXPECT_NE(rejections.find(0, at(4097)), nullptr);
}

}  // namespace
}  // namespace statecast::host

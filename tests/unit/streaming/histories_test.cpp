#include "host/streaming/histories.hpp"

#include <gtest/gtest.h>

#include "events.hpp"

namespace statecast::host {
namespace {

using test::at;

std::vector<Position> after(std::uint64_t hi) { return {whole(at(hi))}; }

Ref<AppendedMessage> message(std::uint64_t hi, std::uint32_t ord = 0, std::size_t slot = 0) {
  auto* made = new AppendedMessage;
  made->key = "k";
  made->json = std::to_string(hi) + "-" + std::to_string(ord);
  made->moment = {slot, {hi, 0, 0, ord}, false};
  return Ref<AppendedMessage>::adopt(made);
}

Histories histories_of(std::initializer_list<Ref<AppendedMessage>> messages, std::size_t bound) {
  HistoryBounds bounds;
  bounds.messages = bound;
  Histories histories(bounds, false);
  for (const auto& m : messages) histories.append("t", m);
  return histories;
}

TEST(TopicHistory, NumbersItsMessagesOnAsTheOldestGo) {
  const auto histories = histories_of({message(1), message(2), message(3), message(4)}, 3);
  const TopicHistory& history = *histories.find("t");
  EXPECT_EQ(history.first(), 1u);
  EXPECT_EQ(history.end(), 4u);
  EXPECT_EQ(history.at(1)->json, "2-0");
  EXPECT_EQ(history.at(3)->json, "4-0");
}

TEST(TopicHistory, FindsTheFirstMessageThatAClientLacks) {
  const auto histories = histories_of({message(1), message(2, 0), message(2, 1), message(3)}, 10);
  const TopicHistory& history = *histories.find("t");
  EXPECT_EQ(history.first_after(after(0)), 0u);
  EXPECT_EQ(history.first_after(after(1)), 1u);
  EXPECT_EQ(history.first_after({Position{2, 0, 0, 0}}), 2u);
  EXPECT_EQ(history.first_after(after(2)), 3u);
  EXPECT_EQ(history.first_after(after(3)), history.end());
}

TEST(TopicHistory, ReachesBackToACursorThatNothingTrimmedFollows) {
  const auto histories = histories_of({message(1), message(2, 0), message(2, 1), message(3)}, 2);
  const TopicHistory& history = *histories.find("t");
  EXPECT_FALSE(history.reaches_back_to(after(1)));
  EXPECT_TRUE(history.reaches_back_to({Position{2, 0, 0, 0}}));
  EXPECT_TRUE(history.reaches_back_to(after(2)));
}

TEST(TopicHistory, ReachesBackToTheStartWhenNothingWasTrimmed) {
  const auto histories = histories_of({message(1)}, 1);
  EXPECT_TRUE(histories.reaches_back_to("t", {whole({})}));
  EXPECT_TRUE(histories.reaches_back_to("other", {whole({})}));
}

TEST(TopicHistory, RemembersWhatWasTrimmedOfEachSlot) {
  const auto histories = histories_of({message(7, 0, 0), message(2, 0, 1), message(8, 0, 0)}, 1);
  const TopicHistory& history = *histories.find("t");
  EXPECT_TRUE(history.reaches_back_to({whole(at(7)), whole(at(2))}));
  EXPECT_FALSE(history.reaches_back_to({whole(at(7)), whole(at(1))}));
  EXPECT_FALSE(history.reaches_back_to({whole(at(6)), whole(at(2))}));
}

TEST(TopicHistory, KeepsNothingUnderABoundOfZero) {
  const auto histories = histories_of({message(1), message(2)}, 0);
  const TopicHistory& history = *histories.find("t");
  EXPECT_EQ(history.first(), history.end());
  EXPECT_FALSE(history.reaches_back_to(after(1)));
  EXPECT_TRUE(history.reaches_back_to(after(2)));
}

}  // namespace
}  // namespace statecast::host

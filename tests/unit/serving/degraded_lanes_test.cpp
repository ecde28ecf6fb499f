#include "host/serving/degraded_lanes.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

// Lane 0 runs `orders`, lanes 1 and 2 the partitions of `runs`.
class DegradedLanesTest : public ::testing::Test {
 protected:
  void degrade(std::uint16_t lane, std::string reason = "it does not answer") { lanes_.note({lane, true, std::move(reason)}); }
  void recover(std::uint16_t lane) { lanes_.note({lane, false, {}}); }
  static std::vector<Leg> legs_on(std::vector<std::uint16_t> lanes) {
    std::vector<Leg> legs;
    for (const auto lane : lanes) legs.emplace_back().lane = lane;
    return legs;
  }
  // What a session with these legs is told now.
  std::vector<std::string> told_to(const std::vector<std::uint16_t>& lanes) {
    std::vector<std::string> messages;
    for (const auto& news : lanes_.news_for(legs_on(lanes), told_)) messages.push_back(lanes_.message(news));
    return messages;
  }

  using Messages = std::vector<std::string>;
  inline static const std::string kDegraded = R"({"type":"degraded","state":"runs","reason":"it does not answer"})";
  inline static const std::string kRecovered = R"({"type":"recovered","state":"runs"})";

  DegradedLanes lanes_{{"orders", "runs"}, {0, 1, 1}};
  std::vector<std::uint16_t> told_;
};

TEST_F(DegradedLanesTest, TellASessionOnceOfEachStateAndOnceThatItHasRecovered) {
  EXPECT_EQ(told_to({0, 1}), Messages{});
  degrade(1);
  EXPECT_EQ(told_to({0, 1}), Messages{kDegraded});
  EXPECT_EQ(told_to({0, 1}), Messages{});
  recover(1);
  EXPECT_EQ(told_to({0, 1}), Messages{kRecovered});
  EXPECT_EQ(told_to({0, 1}), Messages{});
}

TEST_F(DegradedLanesTest, TellNothingToASessionOnOtherStatesOrPartitions) {
  degrade(1);
  EXPECT_EQ(told_to({0}), Messages{});
  EXPECT_EQ(told_to({2}), Messages{});
}

TEST_F(DegradedLanesTest, TakeAStateForDegradedUntilItsLastPartitionHasRecovered) {
  degrade(1);
  EXPECT_EQ(told_to({1, 2}), Messages{kDegraded});
  degrade(2);
  recover(1);
  EXPECT_EQ(told_to({1, 2}), Messages{});
  recover(2);
  EXPECT_EQ(told_to({1, 2}), Messages{kRecovered});
}

TEST_F(DegradedLanesTest, TellASessionOfADegradedLaneThatItGotOnLater) {
  degrade(2);
  EXPECT_EQ(told_to({}), Messages{});
  EXPECT_EQ(told_to({2}), Messages{kDegraded});
}

TEST_F(DegradedLanesTest, TellASessionThatLeftTheDegradedPartitionThatTheRestIsWell) {
  degrade(1);
  told_to({1, 2});
  EXPECT_EQ(told_to({2}), Messages{kRecovered});
}

TEST_F(DegradedLanesTest, TellASessionThatLeftTheStateNothingMoreOfIt) {
  degrade(1);
  told_to({1});
  recover(1);
  EXPECT_EQ(told_to({0}), Messages{});
  EXPECT_TRUE(told_.empty());
}

TEST_F(DegradedLanesTest, TellWhatWasDegradedLastAndWhy) {
  degrade(0, "it \"fails\"");
  degrade(1);
  EXPECT_EQ(told_to({0, 1}), (Messages{R"({"type":"degraded","state":"orders","reason":"it \"fails\""})", kDegraded}));
}

TEST_F(DegradedLanesTest, NameTheStateForWhoseSakeARequestIsRefused) {
  const std::vector<std::uint16_t> all{0, 1, 2}, others{0, 2};
  EXPECT_EQ(lanes_.find(all), nullptr);
  degrade(1);
  ASSERT_NE(lanes_.find(all), nullptr);
  EXPECT_EQ(*lanes_.find(all), "runs");
  EXPECT_EQ(lanes_.find(others), nullptr);
  recover(1);
  EXPECT_EQ(lanes_.find(all), nullptr);
}

TEST_F(DegradedLanesTest, CountATransitionThatIsToldTwiceOnce) {
  degrade(1);
  degrade(1);
  recover(1);
  EXPECT_FALSE(lanes_.contains(1));
  EXPECT_EQ(told_to({1}), Messages{});
}

TEST(DegradedTexts, SayWhatToDo) {
  EXPECT_EQ(degraded_text("runs"), "The state 'runs' is degraded and answers no requests until it has recovered: try again later.");
  EXPECT_EQ(unanswered_text("runs"), "The state 'runs' did not answer in time: try again.");
}

}  // namespace
}  // namespace statecast::host

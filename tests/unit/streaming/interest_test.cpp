#include "host/streaming/interest.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

TEST(InterestTable, KnowsNothingAtFirst) {
  const InterestTable table(2);
  EXPECT_EQ(table.find("orders/o-1"), InterestTable::npos);
  EXPECT_FALSE(table.holds(0, 0));
  EXPECT_TRUE(table.topics().empty());
}

TEST(InterestTable, GivesOneChannelToATopicViewAndEncoding) {
  InterestTable table(2);
  const auto channel = table.add("orders/o-1", "staff", 0, 0);
  EXPECT_EQ(table.add("orders/o-1", "staff", 0, 1), channel);
  EXPECT_NE(table.add("orders/o-1", "customer", 0, 0), channel);
  EXPECT_NE(table.add("orders/o-1", "staff", 1, 0), channel);
  EXPECT_NE(table.add("orders/o-2", "staff", 0, 0), channel);
  EXPECT_EQ(table.channel(channel).total, 2u);
  EXPECT_EQ(table.channel(channel).on_shard, (std::vector<std::uint32_t>{1, 1}));
  EXPECT_EQ(table.topic(table.find("orders/o-1")).channels.size(), 3u);
  EXPECT_EQ(table.view_name(table.channel(channel).view), "staff");
}

TEST(InterestTable, HoldsAChannelUntilItsLastLegIsGone) {
  InterestTable table(2);
  const auto channel = table.add("orders/o-1", "staff", 0, 0);
  table.add("orders/o-1", "staff", 0, 0);
  table.remove(channel, 0);
  EXPECT_TRUE(table.holds(channel, 0));
  EXPECT_FALSE(table.holds(channel, 1));
  table.remove(channel, 0);
  EXPECT_FALSE(table.holds(channel, 0));
  EXPECT_EQ(table.find("orders/o-1"), InterestTable::npos);
}

TEST(InterestTable, KeepsATopicForItsOtherChannels) {
  InterestTable table(1);
  const auto staff = table.add("orders/o-1", "staff", 0, 0);
  const auto customer = table.add("orders/o-1", "customer", 0, 0);
  table.remove(staff, 0);
  ASSERT_NE(table.find("orders/o-1"), InterestTable::npos);
  EXPECT_EQ(table.topic(table.find("orders/o-1")).channels, std::vector<std::uint32_t>{customer});
}

TEST(InterestTable, IgnoresARemovalFromAShardThatHasNone) {
  InterestTable table(2);
  const auto channel = table.add("orders/o-1", "staff", 0, 0);
  table.remove(channel, 1);
  table.remove(channel + 7, 0);
  EXPECT_EQ(table.channel(channel).total, 1u);
}

TEST(InterestTable, UsesTheNumbersOfFreedChannelsAndTopicsAgain) {
  InterestTable table(1);
  const auto first = table.add("orders/o-1", "staff", 0, 0);
  const auto topic = table.find("orders/o-1");
  table.remove(first, 0);
  const auto second = table.add("runs/r-1", "customer", 1, 0);
  EXPECT_EQ(second, first);
  EXPECT_EQ(table.find("runs/r-1"), topic);
  EXPECT_EQ(table.channel(second).on_shard, std::vector<std::uint32_t>{1});
  EXPECT_EQ(table.view_name(table.channel(second).view), "customer");
  EXPECT_EQ(table.find("orders/o-1"), InterestTable::npos);
}

TEST(InterestTable, UsesTheNumberOfAViewAgainOnceNobodyHasIt) {
  InterestTable table(1);
  const auto staff = table.add("orders/o-1", "staff", 0, 0);
  const auto view = table.channel(staff).view;
  const auto other = table.add("orders/o-1", "customer", 0, 0);
  EXPECT_NE(table.channel(other).view, view);
  table.remove(staff, 0);
  const auto later = table.add("orders/o-2", "driver", 0, 0);
  EXPECT_EQ(table.channel(later).view, view);
  EXPECT_EQ(table.view_name(view), "driver");
  EXPECT_EQ(table.view_name(table.channel(other).view), "customer");
}

TEST(InterestTable, NamesTheTopicsThatAreListenedTo) {
  InterestTable table(1);
  table.add("orders/o-1", "staff", 0, 0);
  table.remove(table.add("orders/o-2", "staff", 0, 0), 0);
  ASSERT_EQ(table.topics().size(), 1u);
  EXPECT_EQ(table.topics().begin()->first, "orders/o-1");
}

}  // namespace
}  // namespace statecast::host

#include "host/serving/subscription_table.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

using Slots = std::vector<std::uint32_t>;

Slots slots(const SubscriptionTable& table, std::uint16_t lane, std::uint32_t channel) {
  Slots out;
  for (const Subscriber& subscriber : table.of(lane, channel)) out.push_back(subscriber.slot);
  return out;
}

TEST(SubscriptionTable, KnowsNobodyAtFirst) {
  const SubscriptionTable table(2);
  EXPECT_EQ(slots(table, 0, 0), Slots{});
  EXPECT_EQ(slots(table, 1, 4'000'000'000), Slots{});
}

TEST(SubscriptionTable, KeepsChannelsOfLanesApart) {
  SubscriptionTable table(2);
  EXPECT_EQ(table.enter(0, 3, {7, 0}), 0u);
  EXPECT_EQ(table.enter(1, 3, {8, 0}), 0u);
  EXPECT_EQ(table.enter(0, 3, {9, 0}), 1u);
  EXPECT_EQ(slots(table, 0, 3), (Slots{7, 9}));
  EXPECT_EQ(slots(table, 1, 3), (Slots{8}));
  EXPECT_EQ(slots(table, 0, 2), Slots{});
}

TEST(SubscriptionTable, MovesTheLastToThePlaceOfWhoLeaves) {
  SubscriptionTable table(1);
  for (std::uint32_t slot : {1, 2, 3}) table.enter(0, 0, {slot, 10 * slot});
  const auto moved = table.leave(0, 0, 0);
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->slot, 3u);
  EXPECT_EQ(moved->leg, 30u);
  EXPECT_EQ(slots(table, 0, 0), (Slots{3, 2}));
}

TEST(SubscriptionTable, MovesNobodyWhenTheLastLeaves) {
  SubscriptionTable table(1);
  table.enter(0, 0, {1, 0});
  table.enter(0, 0, {2, 0});
  EXPECT_FALSE(table.leave(0, 0, 1).has_value());
  EXPECT_FALSE(table.leave(0, 0, 0).has_value());
  EXPECT_EQ(slots(table, 0, 0), Slots{});
  EXPECT_EQ(table.enter(0, 0, {3, 0}), 0u);
}

}  // namespace
}  // namespace statecast::host

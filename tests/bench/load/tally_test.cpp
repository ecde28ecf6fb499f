#include "tests/bench/load/tally.hpp"

#include <gtest/gtest.h>

#include <set>

namespace statecast::bench {
namespace {

// Two clients of one topic.
struct TallyTest : testing::Test {
  void publish(int messages) {
    while (messages-- > 0) tally.on_published();
  }
  void deliver(std::size_t client, std::initializer_list<std::uint64_t> numbers) {
    for (const auto number : numbers) tally.on_message(client, number);
  }

  Tally tally{Plan(2, 1, 1), 10};
};

TEST_F(TallyTest, IsCompleteWhenEveryClientHasEveryMessage) {
  publish(2);
  deliver(0, {0, 1});
  deliver(1, {0});
  EXPECT_FALSE(tally.complete());
  deliver(1, {1});
  EXPECT_TRUE(tally.complete());
  const auto sums = tally.sums();
  EXPECT_EQ(sums.expected, 4u);
  EXPECT_EQ(sums.received, 4u);
  EXPECT_EQ(sums.skipped + sums.missing + sums.doubled + sums.disordered + sums.foreign, 0u);
}

TEST_F(TallyTest, TellsWhatWasSkippedFromWhatIsMissing) {
  publish(4);
  deliver(0, {0, 3});
  deliver(1, {0, 1});
  EXPECT_FALSE(tally.complete());
  EXPECT_EQ(tally.sums().skipped, 2u);
  EXPECT_EQ(tally.sums().missing, 2u);
  deliver(1, {3});
  EXPECT_TRUE(tally.complete());
  EXPECT_EQ(tally.sums().skipped, 3u);
  EXPECT_EQ(tally.sums().missing, 0u);
}

TEST_F(TallyTest, CountsWhatCameTwiceOnceAsReceived) {
  publish(2);
  EXPECT_TRUE(tally.on_message(0, 0));
  EXPECT_FALSE(tally.on_message(0, 0));
  deliver(0, {1, 0});
  EXPECT_EQ(tally.sums().received, 2u);
  EXPECT_EQ(tally.sums().doubled, 2u);
  EXPECT_EQ(tally.sums().disordered, 0u);
}

TEST_F(TallyTest, CountsAMessageThatComesLateAsDisorderedAndNotAsSkipped) {
  publish(3);
  deliver(0, {0, 2, 1});
  EXPECT_EQ(tally.sums().received, 3u);
  EXPECT_EQ(tally.sums().disordered, 1u);
  EXPECT_EQ(tally.sums().skipped, 0u);
}

TEST_F(TallyTest, TakesAMessageThatWasNotPublishedForForeign) {
  publish(1);
  EXPECT_FALSE(tally.on_message(0, 1));
  EXPECT_EQ(tally.sums().foreign, 1u);
  EXPECT_EQ(tally.sums().received, 0u);
}

TEST(Tally, TakesAMessageOfATopicThatTheClientDoesNotFollowForForeign) {
  const Plan plan(5, 5, 1);
  Tally tally(plan, 5);
  for (int i = 0; i < 5; ++i) tally.on_published();
  for (std::uint64_t number = 0; number < 5; ++number) {
    for (std::size_t client = 0; client < 5; ++client)
      EXPECT_EQ(tally.on_message(client, number), client == plan.topic_of(number));
  }
  EXPECT_TRUE(tally.complete());
  EXPECT_EQ(tally.sums().foreign, 20u);
}

TEST(Tally, LeavesOutTheClientsThatDoNotRead) {
  Tally tally(Plan(3, 1, 1), 1, 2);
  tally.on_published();
  EXPECT_FALSE(tally.on_message(0, 0));
  EXPECT_TRUE(tally.on_message(2, 0));
  EXPECT_TRUE(tally.complete());
  EXPECT_EQ(tally.sums().expected, 1u);
}

TEST(Plan, GivesEveryTopicAMessageInEachRow) {
  const Plan plan(1, 1'000, 1);
  std::set<std::size_t> topics;
  for (std::uint64_t number = 1'000; number < 2'000; ++number) {
    EXPECT_EQ(plan.row_of(number), 1u);
    topics.insert(plan.topic_of(number));
  }
  EXPECT_EQ(topics.size(), 1'000u);
}

TEST(Plan, KnowsTheClientsOfATopicByItsPlaces) {
  const Plan plan(4, 10, 5);  // two clients a topic
  for (std::size_t topic = 0; topic < 10; ++topic) {
    int clients = 0;
    for (std::size_t client = 0; client < 4; ++client) {
      const auto place = plan.place_of(client, topic);
      if (!place) continue;
      ++clients;
      EXPECT_EQ(plan.topic_of(client, *place), topic);
    }
    EXPECT_EQ(clients, 2);
  }
}

}  // namespace
}  // namespace statecast::bench

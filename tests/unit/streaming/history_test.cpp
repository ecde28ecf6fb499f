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

TEST(KeyTable, IsSavedWholeOnceNothingOfItIsSavedAnyMore) {
  KeyTable keys;
  keys.track();
  keys.changed("a", {0, whole(at(5)), false});
  keys.touched("b");
  EXPECT_EQ(keys.take_unsaved(10).size(), 2u);
  keys.changed("b", {0, whole(at(6)), false});
  keys.forget_saved();
  EXPECT_EQ(keys.take_unsaved(10).size(), 2u);
  EXPECT_EQ(keys.unsaved(), 0u);
}

TEST(KeyTable, ForgetsAKeyThatWasTouchedAndIsGone) {
  KeyTable keys;
  keys.track();
  keys.touched("window:1");
  keys.changed("seen", {0, whole(at(5)), false});
  EXPECT_EQ(keys.take_unsaved(10).size(), 2u);
  keys.drop_unseen("window:1");
  keys.drop_unseen("seen");
  keys.forget_saved();
  const auto left = keys.take_unsaved(10);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].key, "seen");
}

TEST(KeyTable, ForgetsAKeyThatIsGoneBeforeItWasEverSaved) {
  KeyTable keys;
  keys.track();
  keys.changed("a", {0, whole(at(1)), false});
  keys.changed("b", {0, whole(at(2)), false});
  keys.erase("a");
  EXPECT_EQ(keys.unsaved(), 1u);
  keys.erase("b");
  EXPECT_EQ(keys.take_unsaved(10).size(), 0u);
}

TEST(KeyTable, ForgetsAKeyThatIsGoneWhenItsSavingFailed) {
  KeyTable keys;
  keys.track();
  keys.changed("a", {0, whole(at(1)), false});
  auto taken = keys.take_unsaved(10);
  keys.changed("a", {0, whole(at(2)), false});
  auto again = keys.take_unsaved(10);
  keys.erase("a");
  EXPECT_EQ(keys.unsaved(), 1u) << "it may be saved meanwhile";
  keys.put_back({{taken[0].key, taken[0].stored}, {again[0].key, again[0].stored}});
  EXPECT_EQ(keys.take_unsaved(10).size(), 0u);
}

TEST(KeyTable, TakesAKeyOutOfTheStoreThoughASaveFails) {
  KeyTable keys;
  keys.track();
  keys.restore("a", Moment{0, whole(at(1)), false});
  keys.erase("a");
  const auto taken = keys.take_unsaved(10);
  ASSERT_TRUE(taken[0].gone && taken[0].stored);
  keys.put_back({{"a", true}});
  EXPECT_TRUE(keys.take_unsaved(10).at(0).gone);
  keys.changed("a", {0, whole(at(2)), false});
  keys.put_back({{"a", true}});
  EXPECT_FALSE(keys.take_unsaved(10).at(0).gone) << "it has come back";
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

TEST(Rejections, KnowAnEventThatIsHeldUntilItIsRejectedOrForgotten) {
  Rejections rejections;
  rejections.hold(0, at(5), "not yet");
  EXPECT_TRUE(rejections.is_held(0, at(5)));
  EXPECT_TRUE(rejections.add(0, at(5), "never"));
  EXPECT_FALSE(rejections.is_held(0, at(5)));
  EXPECT_EQ(*rejections.find(0, at(5)), "never");
  rejections.hold(0, at(5), "not yet, once more");
  EXPECT_TRUE(rejections.is_held(0, at(5)));
  rejections.forget(0, at(5));
  EXPECT_FALSE(rejections.is_held(0, at(5)));
  EXPECT_EQ(rejections.find(0, at(5)), nullptr);
}

TEST(Rejections, ForgetTheOldestBeyondTheirBound) {
  Rejections rejections;
  constexpr std::uint64_t kOneMore = Rejections::kRejections + 1;
  for (std::uint64_t i = 1; i <= kOneMore; ++i) rejections.add(0, at(i), "reason");
  EXPECT_EQ(rejections.find(0, at(1)), nullptr);
  EXPECT_NE(rejections.find(0, at(2)), nullptr);
  EXPECT_NE(rejections.find(0, at(kOneMore)), nullptr);
}

TEST(Rejections, RememberWhatComesAfterAllThatTheyForgot) {
  Rejections rejections;
  EXPECT_TRUE(rejections.remembers(0, at(1)));
  for (std::uint64_t i = 5; i < 5 + Rejections::kRejections + 2; ++i) rejections.add(0, at(i), "reason");  // forgets 5 and 6
  EXPECT_FALSE(rejections.remembers(0, at(1)));
  EXPECT_FALSE(rejections.remembers(0, at(6)));
  EXPECT_TRUE(rejections.remembers(0, at(7)));
  EXPECT_TRUE(rejections.remembers(1, at(1))) << "another source";
  EXPECT_TRUE(rejections.remembers(0, at(1, 1))) << "another partition";
}

TEST(Rejections, RememberNothingOfWhatAnotherProcessFolded) {
  Rejections rejections;
  rejections.add(0, at(2), "known all the same");
  rejections.forget_until(0, at(9));
  rejections.forget_until(0, at(4));
  EXPECT_FALSE(rejections.remembers(0, at(9)));
  EXPECT_TRUE(rejections.remembers(0, at(10)));
  EXPECT_NE(rejections.find(0, at(2)), nullptr);
}

}  // namespace
}  // namespace statecast::host

// What a client sees first: commit, pages, updates.
#include "lane_rig.hpp"

namespace statecast::host::test {
namespace {

class LaneSnapshot : public LaneRig {};

TEST_F(LaneSnapshot, ComesAfterTheCommitAndBeforeTheUpdates) {
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a"}});
  shard().run_until_listed(c);
  set("a", "2");
  shard().run_until([&] { return shard().deliveries == 1; }, "the update");
  EXPECT_EQ(shard().trace, (Lines{"commit", "settled", "last page", "delivery"}));
  EXPECT_EQ(shard().client(c).lines, (Lines{line("1", "a", "1"), line("2", "a", "2")}));
}

TEST_F(LaneSnapshot, OfATopicWithoutKeysIsACursorAlone) {
  start();
  const auto c = shard().subscribe({{"things/a"}});
  shard().run_until_listed(c);
  EXPECT_EQ(shard().client(c).lines, Lines{"things.e1.0.0|"});
}

TEST_F(LaneSnapshot, ShowsEachViewItsOwnRendering) {
  start();
  set("a", "1");
  const auto staff = shard().subscribe({{"things/a", "staff"}});
  const auto blind = shard().subscribe({{"things/a", "blind"}});
  shard().run_until_listed(blind);
  EXPECT_EQ(shard().client(staff).lines, Lines{line("1", "a", "1", "staff")});
  EXPECT_EQ(shard().client(blind).lines, Lines{"things.e1.0.1|"});
}

TEST_F(LaneSnapshot, LargerThanAPageComesInPagesAsTheyArePulled) {
  start();
  set_keys(150);
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({{"things/all"}});
  shard().fence();
  EXPECT_EQ(shard().client(c).lines.size(), 64u);
  shard().fence();
  EXPECT_EQ(shard().client(c).lines.size(), 64u) << "the next page waits to be pulled";
  shard().pull(c);
  shard().fence();
  EXPECT_EQ(shard().client(c).lines.size(), 128u);
  shard().pull(c);
  shard().fence();
  EXPECT_FALSE(shard().client(c).listing());
  EXPECT_EQ(shard().trace, (Lines{"commit", "page", "page", "settled", "last page"}));
  Lines expected;
  for (int i = 0; i < 149; ++i) expected.push_back(line("", key(i), std::to_string(i)));
  expected.push_back(line("96", key(149), "149"));  // only who has all of it may resume from here
  EXPECT_EQ(shard().client(c).lines, expected);
}

TEST_F(LaneSnapshot, ThatFillsItsLastPageExactlyEndsWithACursorAlone) {
  start();
  set_keys(64);
  const auto c = shard().subscribe({{"things/all"}});
  shard().run_until_listed(c);
  ASSERT_EQ(shard().client(c).lines.size(), 65u);
  EXPECT_EQ(shard().client(c).lines[63], line("", key(63), "63"));
  EXPECT_EQ(shard().client(c).lines[64], "things.e1.0.40|");
}

TEST_F(LaneSnapshot, PagesEndWhereTheClientsBufferDoes) {
  start();
  set_keys(10);
  shard().pulls_at_once = false;
  const auto frame = line("", key(0), "0").size() + 1;
  const auto c = shard().subscribe({{"things/all"}}, {.page_bytes = static_cast<std::uint32_t>(3 * frame)});
  shard().fence();
  EXPECT_EQ(shard().client(c).lines.size(), 3u);
  shard().pull(c);
  shard().fence();
  EXPECT_EQ(shard().client(c).lines.size(), 6u);
}

TEST_F(LaneSnapshot, BetweenItsPagesUpdatesOfListedKeysGoOutAndOthersAreLeftToTheirPage) {
  start();
  set_keys(100);
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({{"things/all"}});
  shard().fence();
  set(key(3), "1003");    // listed: goes out at once, without a cursor
  set(key(90), "1090");   // not listed: the page to come has it
  set("k0035", "1000");   // new, among the listed
  set("k999", "1999");    // new, beyond
  shard().fence();
  const auto& lines = shard().client(c).lines;
  ASSERT_EQ(lines.size(), 66u);
  EXPECT_EQ(lines[64], line("", key(3), "1003"));
  EXPECT_EQ(lines[65], line("", "k0035", "1000"));
  shard().pull(c);
  shard().fence();
  ASSERT_EQ(lines.size(), 66u + 36 + 1);
  EXPECT_EQ(lines[66 + 26], line("", key(90), "1090"));
  EXPECT_EQ(lines.back(), line("68", "k999", "1999"));
}

TEST_F(LaneSnapshot, OfSeveralTopicsListsTheUpdatedOnesFirst) {
  start();
  set("a", "1");
  set("b", "2");
  publish({event("Say", "a", R"([{"said":1}])")});
  const auto c = shard().subscribe({{"things/b"}, {.topic = "log/a", .appended = true}, {"things/a"}});
  shard().run_until_listed(c);
  EXPECT_EQ(shard().client(c).lines, (Lines{line("", "b", "2"), line("", "a", "1"), R"(things.e1.0.3|{"said":1})"}));
  set("b", "3");
  shard().fence();
  EXPECT_EQ(shard().client(c).lines.back(), line("4", "b", "3"));
}

TEST_F(LaneSnapshot, BringsWhatIsOnSeveralTopicsOnce) {
  start();
  set("a", "1");
  set("b", "2");
  publish({event("Say", "a", R"([{"said":1}])"), event("Say", "b", R"([{"said":2}])"), event("Say", "a", R"([{"said":3}])")});
  const auto c = shard().subscribe({{"things/b"},
                                    {"things/all"},
                                    {.topic = "log/a", .appended = true},
                                    {.topic = "log/all", .appended = true}});
  shard().run_until_listed(c);
  EXPECT_EQ(shard().client(c).lines, (Lines{line("", "b", "2"), line("", "a", "1"), R"(|{"said":1})", R"(|{"said":2})",
                                            R"(things.e1.0.5|{"said":3})"}));
}

TEST_F(LaneSnapshot, ForASessionWithItsOwnCursorHasFramesWithoutOne) {
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a"}}, {.own_cursor = true});
  shard().run_until_listed(c);
  set("a", "2");
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, (Lines{line("", "a", "1"), line("", "a", "2")}));
  EXPECT_EQ(shard().client(c).lane_cursor, "things.e1.0.1");
}

TEST_F(LaneSnapshot, HasNoCursorOfTheLaneForASessionThatGotItsOwnMeanwhile) {
  start();
  set_keys(65);
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({{"things/all"}});
  shard().run_until([&] { return shard().client(c).lines.size() == 64; }, "the first page");
  shard().client(c).own_cursor = true;
  shard().pull(c);
  shard().run_until_listed(c);
  EXPECT_EQ(shard().client(c).lines.back(), line("", key(64), "64"));
}

TEST_F(LaneSnapshot, MovesToFramesWithoutCursorsByRecode) {
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a"}});
  const auto other = shard().subscribe({{"things/a"}});
  shard().run_until_listed(other);
  set("a", "2");
  shard().recode(c);
  shard().run_until([&] { return shard().client(c).legs[0].settled; }, "the new channel");
  EXPECT_EQ(shard().client(c).lane_cursor, "things.e1.0.2");
  set("a", "3");
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, (Lines{line("1", "a", "1"), line("2", "a", "2"), line("", "a", "3")}));
  EXPECT_EQ(shard().client(other).lines.back(), line("3", "a", "3"));
}

TEST_F(LaneSnapshot, IsGivenUpByCancel) {
  start();
  set_keys(100);
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({{"things/all"}});
  shard().fence();
  shard().unsubscribe(c);
  shard().post(Pull{shard().client(c).ref, 1});
  shard().fence();
  EXPECT_EQ(shard().trace, (Lines{"commit", "page"}));
  const auto renders = script_.renders();
  set(key(0), "7");
  shard().fence();
  EXPECT_EQ(script_.renders(), renders) << "nothing is rendered for nobody";
}

TEST_F(LaneSnapshot, ThatIsCompleteBeforeTheCancelIsUndoneByItsCommit) {
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a"}});
  shard().unsubscribe(c);  // the whole snapshot is on its way
  shard().fence();
  shard().fence();  // the commit was answered by Unsubscribe meanwhile
  const auto renders = script_.renders();
  set("a", "2");
  shard().fence();
  EXPECT_EQ(script_.renders(), renders);
}

TEST_F(LaneSnapshot, StaysWithTheOtherTopicsWhenOneIsCancelled) {
  start();
  set_keys(100);
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({{"things/all"}, {"things/k000"}, {"things/k001"}});
  shard().fence();
  shard().remove_leg(c, 1);  // the one that is being listed
  shard().pulls_at_once = true;
  shard().pull(c);
  shard().run_until_listed(c);
  EXPECT_EQ(shard().client(c).lines.size(), 66u);
  EXPECT_EQ(shard().client(c).lines.back(), line("64", "k001", "1"));
  set("k001", "1001");
  set("k002", "1002");
  shard().fence();
  EXPECT_EQ(shard().client(c).lines.size(), 67u);
  EXPECT_EQ(shard().client(c).lines.back(), line("65", "k001", "1001"));
}

}  // namespace
}  // namespace statecast::host::test

// What a lane does for a client that was too slow: it goes on from where the client was, as fast as the client takes it.
#include "lane_rig.hpp"

namespace statecast::host::test {
namespace {

class LaneSlow : public LaneRig {};

TEST_F(LaneSlow, RefillsALegWithTheValuesThatChangedSinceTheCursorAndGoesOnWithUpdates) {
  start();
  set_keys(3);
  const auto c = shard().subscribe({{"things/all"}});
  shard().run_until_listed(c);
  set(key(1), "11");
  set(key(1), "12");
  set("new", "13");
  shard().fence();
  shard().client(c).lines.clear();
  shard().refill(c, "things.e1.0.3");
  shard().run_until_listed(c);
  EXPECT_EQ(shard().client(c).lines, (Lines{line("", key(1), "12"), line("6", "new", "13")}));
  EXPECT_FALSE(shard().client(c).lost);
  set(key(2), "14");
  shard().fence();
  EXPECT_EQ(shard().client(c).lines.back(), line("7", key(2), "14"));
}

TEST_F(LaneSlow, RefillsEveryMessageOfAnAppendedTopicAfterTheCursor) {
  start();
  const auto c = shard().subscribe({{.topic = "log/a", .appended = true}});
  shard().run_until_listed(c);
  for (int i = 1; i <= 4; ++i) publish({event("Say", "a", R"([{"said":)" + std::to_string(i) + "}]")});
  shard().fence();
  shard().client(c).lines.clear();
  shard().refill(c, "things.e1.0.2");
  shard().run_until_listed(c);
  publish({event("Say", "a", R"([{"said":5}])")});
  shard().fence();
  EXPECT_EQ(shard().client(c).bodies(), (Lines{R"({"said":3})", R"({"said":4})", R"({"said":5})"}));
}

TEST_F(LaneSlow, KeepsTheViewOfALegThatItRefills) {
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a", "staff"}});
  shard().run_until_listed(c);
  set("a", "2");
  shard().fence();
  shard().refill(c, "things.e1.0.1");
  shard().run_until_listed(c);
  EXPECT_EQ(shard().client(c).lines.back(), line("2", "a", "2", "staff"));
}

TEST_F(LaneSlow, RefillsASessionWithItsOwnCursorWithoutOneInTheFrames) {
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a"}}, {.own_cursor = true});
  shard().run_until_listed(c);
  set("a", "2");
  shard().fence();
  shard().refill(c, "things.e1.0.1");
  shard().run_until_listed(c);
  set("a", "3");
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, (Lines{line("", "a", "1"), line("", "a", "2"), line("", "a", "2"), line("", "a", "3")}));
  EXPECT_EQ(shard().client(c).lane_cursor, "things.e1.0.2");
}

TEST_F(LaneSlow, SaysWhenItsHistoryDoesNotReachBackAnyMore) {
  settings_.history = 2;
  start();
  const auto c = shard().subscribe({{.topic = "log/a", .appended = true}});
  shard().run_until_listed(c);
  for (int i = 1; i <= 5; ++i) publish({event("Say", "a", R"([{"said":)" + std::to_string(i) + "}]")});
  shard().fence();
  shard().client(c).lines.clear();
  shard().refill(c, "things.e1.0.1");
  shard().run_until_listed(c);
  EXPECT_TRUE(shard().client(c).lost);
  EXPECT_EQ(shard().client(c).bodies(), (Lines{R"({"type":"reset","topic":"log/a","reason":"the history after the cursor was trimmed"})",
                                               R"({"said":4})", R"({"said":5})"}));
}

TEST_F(LaneSlow, CountsALegThatItRefillsOnce) {
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a"}});
  shard().run_until_listed(c);
  shard().refill(c, "things.e1.0.1");
  shard().run_until_listed(c);
  shard().unsubscribe(c);
  shard().fence();
  const auto renders = script_.renders();
  set("a", "2");
  shard().fence();
  EXPECT_EQ(script_.renders(), renders) << "nobody is left on any of its channels";
}

TEST_F(LaneSlow, GivesUpARefillByCancel) {
  start();
  set_keys(100);
  const auto c = shard().subscribe({{"things/all"}});
  shard().run_until_listed(c);
  shard().pulls_at_once = false;
  set_keys(100);
  shard().refill(c, "things.e1.0.64");
  shard().fence();
  ASSERT_TRUE(shard().client(c).listing());
  shard().unsubscribe(c);
  shard().fence();
  const auto renders = script_.renders();
  set(key(0), "7");
  shard().fence();
  EXPECT_EQ(script_.renders(), renders);
}

TEST_F(LaneSlow, ListsOnceMoreWhatChangedSinceTheListingBegan) {
  start();
  set_keys(100);
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({{"things/all"}});
  shard().fence();
  set(key(3), "1003");   // listed; say that the client had no room for it
  set(key(90), "1090");  // its page is still to come
  shard().fence();
  shard().client(c).lines.clear();
  shard().pull(c, true);
  shard().fence();
  const auto& lines = shard().client(c).lines;
  ASSERT_EQ(lines.size(), 36u + 2);
  EXPECT_EQ(lines[26], line("", key(90), "1090"));
  EXPECT_EQ(lines[36], line("", key(3), "1003"));
  EXPECT_EQ(lines[37], line("66", key(90), "1090")) << "it has changed since the listing began, too";
  EXPECT_FALSE(shard().client(c).listing());
  set(key(3), "2003");
  shard().fence();
  EXPECT_EQ(lines.back(), line("67", key(3), "2003"));
}

TEST_F(LaneSlow, ListsAgainInPagesAndLeavesToThemWhatIsNotListedAgainYet) {
  start();
  set_keys(70);
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({{"things/all"}});
  shard().fence();
  set_keys(70);  // changes what was listed, and what was not
  shard().fence();
  shard().pull(c, true);  // the rest of the first listing, and the beginning of the second
  shard().fence();
  ASSERT_TRUE(shard().client(c).listing());
  shard().client(c).lines.clear();
  set(key(0), "1000");
  set(key(69), "1069");
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, Lines{line("", key(0), "1000")});
  shard().pull(c);
  shard().fence();
  EXPECT_FALSE(shard().client(c).listing());
  EXPECT_EQ(shard().client(c).lines.back(), line("8e", key(69), "1069"));
}

TEST_F(LaneSlow, BringsAMessageOnceWhenTheTopicsBesideItAreListedAgain) {
  start();
  set_keys(70);
  publish({event("Say", "a", R"([{"said":1}])")});
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({{"things/all"}, {.topic = "log/a", .appended = true}});
  shard().fence();
  set(key(0), "1000");
  publish({event("Say", "a", R"([{"said":2}])")});
  shard().fence();
  shard().client(c).lines.clear();
  shard().pull(c, true);
  shard().fence();
  EXPECT_FALSE(shard().client(c).listing());
  publish({event("Say", "a", R"([{"said":3}])")});
  shard().fence();
  Lines said;
  for (const std::string& body : shard().client(c).bodies())
    if (body.starts_with(R"({"said")")) said.push_back(body);
  EXPECT_EQ(said, (Lines{R"({"said":1})", R"({"said":2})", R"({"said":3})"}));
}

}  // namespace
}  // namespace statecast::host::test

// A client that comes back: exactly what it missed, or a reset and a fresh snapshot.
#include "lane_rig.hpp"

namespace statecast::host::test {
namespace {

std::string reset(const std::string& topic, const std::string& reason) {
  return R"(|{"type":"reset","topic":")" + topic + R"(","reason":")" + reason + "\"}";
}

class LaneResume : public LaneRig {
 protected:
  // What a client with this cursor is sent until its snapshot is complete.
  const Lines& resumed(const std::string& topic, const std::string& cursor, bool appended = false, std::string view = "all") {
    const auto c = shard().subscribe({{topic, std::move(view), cursor, appended}});
    shard().run_until_listed(c);
    return shard().client(c).lines;
  }
  const Lines& resumed_log(const std::string& topic, const std::string& cursor, std::string view = "all") {
    return resumed(topic, cursor, true, std::move(view));
  }
  void say(int n) { publish({event("Say", "a", R"([{"n":)" + std::to_string(n) + "}]")}); }
};

TEST_F(LaneResume, GetsNothingButACursorWhenNothingChanged) {
  start();
  set("a", "1");
  set("b", "2");
  EXPECT_EQ(resumed("things/a", "things.e1.0.1"), Lines{"things.e1.0.2|"});
}

TEST_F(LaneResume, GetsTheCurrentValueOfWhatChangedSince) {
  start();
  set("a", "1");
  set("b", "2");
  set("a", "3");
  set("c", "4");
  EXPECT_EQ(resumed("things/all", "things.e1.0.2"), (Lines{line("", "a", "3"), line("4", "c", "4")}));
}

TEST_F(LaneResume, GetsBothKeysOfAnEventOfWhichItSawHalf) {
  start();
  publish({event("SetBoth", "a", "1")});
  EXPECT_EQ(resumed("things/all", "things.e1.0.0"), (Lines{line("", "a-left", "1"), line("1", "a-right", "1")}));
  const auto c = shard().subscribe({{"things/all"}});
  shard().run_until_listed(c);
  publish({event("SetBoth", "a", "2")});
  shard().fence();
  const auto& lines = shard().client(c).lines;
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[2], line("1", "a-left", "2")) << "the event is not complete: come back for the rest";
  EXPECT_EQ(lines[3], line("2", "a-right", "2"));
}

TEST_F(LaneResume, GetsWhatARefreshChangedAfterItsCursor) {
  settings_.refresh_ms = 3'600'000;
  script_.on_refresh = [](const Changes& changes) {
    changes.updated("a", {"things/a"});
    changes.appended("a", {"log/a"}, "", R"({"refreshed":true})");
  };
  start();
  set("a", "1");
  lane().wake();
  shard().run_until([&] { shard().fence(); return script_.refreshes == 1; }, "the refresh");
  EXPECT_EQ(resumed("things/a", "things.e1.0.1"), Lines{line("1", "a", "1")});
  EXPECT_EQ(resumed_log("log/a", "things.e1.0.1"), Lines{R"(things.e1.0.1|{"refreshed":true})"});
}

TEST_F(LaneResume, WaitsForACursorAheadAndThenIsExact) {
  start();
  set("a", "1");
  const auto asked = shard().post_admit({{1, "things/a", "things.e1.0.2"}});
  shard().fence();
  EXPECT_FALSE(shard().verdicts.contains(asked));
  set("a", "2");
  shard().run_until([&] { return shard().verdicts.contains(asked); }, "the verdict");
  const Verdict& verdict = shard().verdicts[asked];
  ASSERT_EQ(verdict.legs.size(), 1u);
  EXPECT_EQ(verdict.legs[0].leg, 1u);
  EXPECT_EQ(verdict.legs[0].status, SC_OK);
  EXPECT_EQ(verdict.legs[0].text, "all");
  EXPECT_EQ(verdict.legs[0].resume, Resume::kExact);
}

TEST_F(LaneResume, IsResetWhenTheLaneDoesNotReachItsCursorInTime) {
  start();
  set("a", "1");
  const Verdict verdict = shard().admit({{1, "things/a", "things.e1.0.9"}});
  EXPECT_EQ(verdict.legs.at(0).resume, Resume::kAhead);
  EXPECT_EQ(resumed("things/a", "things.e1.0.9"),
            (Lines{reset("things/a", "the cursor is ahead of this instance"), line("1", "a", "1")}));
}

TEST_F(LaneResume, IsResetWhereWhatItMissedCannotBeKnown) {
  start();
  set("a", "1");
  EXPECT_EQ(resumed("things/a", "42"), (Lines{reset("things/a", "the cursor is malformed"), line("1", "a", "1")}));
  EXPECT_EQ(resumed("things/a", "things.e9.0.1"),
            (Lines{reset("things/a", "the cursor is of another history"), line("1", "a", "1")}));
  EXPECT_EQ(resumed("things/a", "others.e1.0.1"),
            (Lines{reset("things/a", "the cursor does not cover this topic"), line("1", "a", "1")}));
}

TEST_F(LaneResume, IsResetToACursorEvenWhereThereIsNothingToShow) {
  start();
  EXPECT_EQ(resumed("things/a", "42"), (Lines{reset("things/a", "the cursor is malformed"), "things.e1.0.0|"}));
}

// ---- appended topics

TEST_F(LaneResume, GetsExactlyTheMessagesAfterItsCursor) {
  start();
  for (int n = 1; n <= 4; ++n) say(n);
  EXPECT_EQ(resumed_log("log/a", "things.e1.0.2"), (Lines{R"(|{"n":3})", R"(things.e1.0.4|{"n":4})"}));
  EXPECT_EQ(resumed_log("log/a", ""), (Lines{R"(|{"n":1})", R"(|{"n":2})", R"(|{"n":3})", R"(things.e1.0.4|{"n":4})"}));
}

TEST_F(LaneResume, GetsTheRestOfAnEventWhoseMessagesItSawInPart) {
  start();
  const auto c = shard().subscribe({{.topic = "log/a", .appended = true}});
  shard().run_until_listed(c);
  publish({event("Say", "a", R"([{"n":1},{"n":2},{"n":3}])")});
  shard().fence();
  EXPECT_EQ(shard().client(c).lines,
            (Lines{"things.e1.0.0|", R"(things.e1.0.1-0-0|{"n":1})", R"(things.e1.0.1-0-1|{"n":2})", R"(things.e1.0.1|{"n":3})"}));
  EXPECT_EQ(resumed_log("log/a", "things.e1.0.1-0-0"), (Lines{R"(|{"n":2})", R"(things.e1.0.1|{"n":3})"}));
  EXPECT_EQ(resumed_log("log/a", "things.e1.0.1"), Lines{"things.e1.0.1|"});
}

TEST_F(LaneResume, NeverGoesBackWithinAnEventOfMixedKinds) {
  start();
  const auto c = shard().subscribe({{.topic = "log/all", .appended = true}, {"things/all"}});
  shard().run_until_listed(c);
  publish({event("SaySet", "a", R"({"n":1})")});
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, (Lines{"things.e1.0.0|", R"(things.e1.0.1-0-0|{"n":1})",
                                            line("1-0-0", "a", R"({"n":1})"), R"(things.e1.0.1|{"n":1})"}));
  const auto again = shard().subscribe({{.topic = "log/all", .cursor = "things.e1.0.1-0-0", .appended = true},
                                        {.topic = "things/all", .cursor = "things.e1.0.1-0-0"}});
  shard().run_until_listed(again);
  EXPECT_EQ(shard().client(again).lines, (Lines{line("", "a", R"({"n":1})"), R"(things.e1.0.1|{"n":1})"}));
}

TEST_F(LaneResume, GetsMessagesForItsOwnViewOnly) {
  start();
  publish({event("Say", "a", R"([{"n":1},{"n":2,"view":"staff"},{"n":3,"view":"other"}])")});
  EXPECT_EQ(resumed_log("log/a", "", "staff"), (Lines{R"(|{"n":1})", R"(things.e1.0.1|{"n":2,"view":"staff"})"}));
}

TEST_F(LaneResume, IsResetWhenTheHistoryAfterItsCursorWasTrimmed) {
  settings_.history = 2;
  start();
  for (int n = 1; n <= 4; ++n) say(n);
  EXPECT_EQ(resumed_log("log/a", "things.e1.0.2"), (Lines{R"(|{"n":3})", R"(things.e1.0.4|{"n":4})"}));
  EXPECT_EQ(resumed_log("log/a", "things.e1.0.1"), (Lines{reset("log/a", "the history after the cursor was trimmed"),
                                                          R"(|{"n":3})", R"(things.e1.0.4|{"n":4})"}));
}

TEST_F(LaneResume, IsResetWhenHistoryIsTrimmedUnderASnapshot) {
  settings_.history = 70;
  start();
  for (int n = 0; n < 70; ++n) say(n);
  shard().pulls_at_once = false;
  const auto c = shard().subscribe({{.topic = "log/a", .appended = true}});
  shard().fence();
  ASSERT_EQ(shard().client(c).lines.size(), 64u);
  for (int n = 70; n < 70 + 67; ++n) say(n);  // the oldest held is number 67 now; 64 to 66 are gone unseen
  shard().pulls_at_once = true;
  shard().pull(c);
  shard().run_until_listed(c);
  const auto& lines = shard().client(c).lines;
  EXPECT_EQ(lines[64], reset("log/a", "the history was trimmed while it was being read"));
  EXPECT_EQ(lines[65], R"(|{"n":67})");
  EXPECT_EQ(lines.back(), R"(things.e1.0.89|{"n":136})");
  EXPECT_EQ(lines.size(), 65u + 70);
}

TEST_F(LaneResume, MissesNoMessageThatCameBetweenTheLastPageAndTheNextUpdate) {
  start();
  const auto c = shard().subscribe({{.topic = "log/all", .appended = true}});
  for (int n = 0; n < 300; ++n) say(n);
  shard().run_until_listed(c);
  shard().fence();
  Lines expected;
  for (int n = 0; n < 300; ++n) expected.push_back(R"({"n":)" + std::to_string(n) + "}");
  auto bodies = shard().client(c).bodies();
  std::erase(bodies, "");  // a cursor alone
  EXPECT_EQ(bodies, expected);
}

class LaneEnds : public LaneResume {
 protected:
  bool finished(const std::string& topic, const std::string& cursor) {
    return shard().admit({{0, topic, cursor}}).legs.at(0).finished;
  }
};

TEST_F(LaneEnds, SayThatAClientHasAllOfATopic) {
  start();
  publish({event("Set", "a", "1"), event("End", "a", "{}"), event("Set", "b", "2")});
  EXPECT_TRUE(finished("things/a", "things.e1.0.1"));
  EXPECT_TRUE(finished("things/a", "things.e1.0.3"));
  EXPECT_FALSE(finished("things/a", "things.e1.0.0")) << "it has not seen the last value";
  EXPECT_FALSE(finished("things/a", "")) << "it has seen nothing";
  EXPECT_FALSE(finished("things/a", "things.e2.0.3")) << "nobody knows what it has seen";
  EXPECT_FALSE(finished("things/b", "things.e1.0.3")) << "more may come";
}

TEST_F(LaneEnds, TellAClientThatComesAfterTheEnd) {
  start();
  publish({event("Set", "a", "1"), event("End", "a", "{}")});
  const auto c = shard().subscribe({{"things/a"}});
  shard().run_until_listed(c);
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, Lines{line("2", "a", "1")});
  EXPECT_EQ(shard().client(c).ended, Lines{"things/a"});
}

TEST_F(LaneEnds, AreForgottenWithTheKey) {
  start();
  publish({event("Set", "a", "1"), event("End", "a", "{}")});
  ASSERT_TRUE(finished("things/a", "things.e1.0.2"));
  EXPECT_EQ(lane().status().keys, 1u);
  publish({event("Remove", "a", "{}")});
  EXPECT_FALSE(finished("things/a", "things.e1.0.2"));
  EXPECT_EQ(lane().status().keys, 0u);
}

TEST_F(LaneEnds, AreTakenBackByWhatComesAfterThem) {
  start();
  publish({event("Set", "a", "1"), event("End", "a", "{}"), event("Set", "a", "2")});
  EXPECT_FALSE(finished("things/a", "things.e1.0.3"));
}

}  // namespace
}  // namespace statecast::host::test

// Admission, values, verdicts on events, refreshes, and a lane's mailbox.
#include <algorithm>
#include <thread>

#include "lane_rig.hpp"

namespace statecast::host::test {
namespace {

class LaneTest : public LaneRig {
 protected:
  static Await::Event of(std::uint64_t hi) { return {static_cast<std::uint32_t>(hi), 0, at(hi)}; }

  // Holds the lane inside apply; what is posted meanwhile waits.
  void block() {
    publish({event("Block", "b", "{}")});
    ASSERT_TRUE(script_.blocked.try_acquire_for(kDeadline));
  }
  // After the lane has seen a wake, and what it sent because of it.
  void refresh_once() {
    const int before = script_.refreshes;
    lane().wake();
    shard().run_until([&] { shard().fence(); return script_.refreshes > before; }, "a refresh");
    shard().fence();
  }
};

// ---- admission and values

TEST_F(LaneTest, AdmitsAClientToTheViewThatItsClaimsGive) {
  start();
  const Verdict verdict = shard().admit({{7, "things/a", ""}, {8, "things/b", ""}}, R"({"view":"staff"})");
  ASSERT_EQ(verdict.legs.size(), 2u);
  EXPECT_EQ(verdict.legs[0].leg, 7u);
  EXPECT_EQ(verdict.legs[0].status, SC_OK);
  EXPECT_EQ(verdict.legs[0].text, "staff");
  EXPECT_EQ(verdict.legs[0].resume, Resume::kFresh);
  EXPECT_EQ(verdict.legs[1].leg, 8u);
}

TEST_F(LaneTest, DeniesATopicWithTheStatesReason) {
  start();
  const Verdict verdict = shard().admit({{1, "things/denied", ""}, {2, "things/a", ""}});
  EXPECT_EQ(verdict.legs.at(0).status, SC_DENIED);
  EXPECT_EQ(verdict.legs.at(0).text, "this topic is not for you");
  EXPECT_EQ(verdict.legs.at(1).status, SC_OK);
}

TEST_F(LaneTest, FailsAnAdmissionThatTheStateCannotJudge) {
  start();
  const Verdict verdict = shard().admit({{1, "things/a", ""}}, "{broken");
  EXPECT_EQ(verdict.legs.at(0).status, SC_FAILED);
  EXPECT_EQ(lane().status().failures, 1u);
}

TEST_F(LaneTest, ReadsATopicsCurrentValuesPageByPage) {
  start();
  set_keys(5);
  const Value first = shard().read("things/all", "", 3);
  EXPECT_EQ(first.status, SC_OK);
  ASSERT_EQ(first.items.size(), 3u);
  EXPECT_EQ(first.items[0].first, key(0));
  EXPECT_EQ(first.items[0].second, R"({"key":"k000","value":0,"view":"all"})");
  EXPECT_TRUE(first.more);
  const Value second = shard().read("things/all", first.items.back().first, 3);
  ASSERT_EQ(second.items.size(), 2u);
  EXPECT_FALSE(second.more);
}

TEST_F(LaneTest, ReadsTheHistoryOfAnAppendedTopicPageByPage) {
  start();
  publish({event("Say", "a", R"([{"n":1},{"n":2,"view":"staff"},{"n":3},{"n":4}])")});
  const Value first = shard().read("log/a", "", 2, true);
  ASSERT_EQ(first.items.size(), 2u);
  EXPECT_EQ(first.items[0].second, R"({"n":1})");
  EXPECT_EQ(first.items[1].second, R"({"n":3})");
  EXPECT_TRUE(first.more);
  const Value second = shard().read("log/a", first.items.back().first, 2, true);
  ASSERT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.items[0].second, R"({"n":4})");
  EXPECT_FALSE(second.more);
}

TEST_F(LaneTest, ReadsNoValueOfATopicThatIsDenied) {
  start();
  const Value value = shard().read("things/denied");
  EXPECT_EQ(value.status, SC_DENIED);
  EXPECT_EQ(value.text, "this topic is not for you");
}

TEST_F(LaneTest, SaysThatAValueCouldNotBeRendered) {
  start();
  set("a", "\"fail\"");
  const Value value = shard().read("things/a");
  EXPECT_EQ(value.status, SC_FAILED);
  EXPECT_EQ(value.text, "the state failed: cannot render this");
}

// ---- what became of events

TEST_F(LaneTest, TellsWhatBecameOfEvents) {
  start();
  publish({event("Set", "a", "1"), event("Reject", "a", "no such order"), event("Set", "b", "1")});
  const AwaitReply reply = shard().await({of(1), of(2)});
  EXPECT_EQ(reply.state, "things");
  ASSERT_EQ(reply.events.size(), 2u);
  EXPECT_EQ(reply.events[0].index, 1u);
  EXPECT_EQ(reply.events[0].outcome, Outcome::kApplied);
  EXPECT_EQ(reply.events[0].reason, "");
  EXPECT_EQ(reply.events[1].outcome, Outcome::kRejected);
  EXPECT_EQ(reply.events[1].reason, "no such order");
}

TEST_F(LaneTest, SaysUnknownOfEventsAsOldAsRejectionsThatItHasForgotten) {
  start();
  set("a", "1");
  const std::vector<OwnedEvent> rejected(Rejections::kRejections, event("Reject", "a", "no such order"));
  for (int i = 0; i < 2; ++i) publish(rejected);
  const std::uint64_t last = 1 + 2 * Rejections::kRejections, forgotten = 1 + Rejections::kRejections;
  const AwaitReply reply = shard().await({of(1), of(forgotten), of(forgotten + 1), of(last)});
  ASSERT_EQ(reply.events.size(), 4u);
  EXPECT_EQ(reply.events[0].outcome, Outcome::kUnknown) << "it was applied, but who would know";
  EXPECT_EQ(reply.events[1].outcome, Outcome::kUnknown);
  EXPECT_EQ(reply.events[1].reason, "it came too long ago for the state to remember what became of it");
  EXPECT_EQ(reply.events[2].outcome, Outcome::kRejected);
  EXPECT_EQ(reply.events[3].outcome, Outcome::kRejected);
  set("b", "1");
  EXPECT_EQ(shard().await({of(last + 1)}).events.at(0).outcome, Outcome::kApplied);
}

TEST_F(LaneTest, TellsThatAnEventIsHeldUntilTheStateSaysWhatBecameOfIt) {
  start();
  publish({event("Hold", "a", "too early"), event("Hold", "b", "too early"), event("Set", "c", "1")});
  AwaitReply reply = shard().await({of(1), of(2), of(3)});
  EXPECT_EQ(reply.events.at(0).outcome, Outcome::kHeld);
  EXPECT_EQ(reply.events.at(0).reason, "too early");
  EXPECT_EQ(reply.events.at(2).outcome, Outcome::kApplied);
  LaneStatus status = lane().status();
  EXPECT_EQ((std::vector{status.events, status.applied, status.rejected, status.held}), (std::vector<std::uint64_t>{1, 1, 0, 2}));
  publish({event("Settle", "x", "{}")});
  reply = shard().await({of(1), of(4)});
  EXPECT_EQ(reply.events.at(0).outcome, Outcome::kApplied);
  publish({event("Hold", "a", "too early"), event("Refuse", "x", "it never came"), event("Set", "c", "2")});
  reply = shard().await({of(5), of(6), of(7)});
  EXPECT_EQ(reply.events.at(0).outcome, Outcome::kRejected);
  EXPECT_EQ(reply.events.at(0).reason, "it never came");
  EXPECT_EQ(reply.events.at(1).outcome, Outcome::kApplied);
  status = lane().status();
  EXPECT_EQ((std::vector{status.events, status.applied, status.rejected, status.held}), (std::vector<std::uint64_t>{7, 6, 1, 3}));
}

TEST_F(LaneTest, HoldsEventsAgainAfterTheStateWasMadeAnew) {
  start();
  publish({event("Hold", "a", "too early"), event("Refuse", "x", "it never came"), event("Hold", "b", "too early")});
  publish({event("Set", "c", "1"), event("Break", "c", "{}")});
  feed_again(1);
  publish({event("Settle", "x", "{}")});
  const AwaitReply reply = shard().await({of(1), of(3), of(5), of(6)});
  EXPECT_EQ(reply.events.at(0).reason, "it never came");
  EXPECT_EQ(reply.events.at(1).outcome, Outcome::kApplied);
  EXPECT_EQ(reply.events.at(2).reason, "the state failed: the disk is gone");
  EXPECT_EQ(reply.events.at(3).outcome, Outcome::kApplied);
}

TEST_F(LaneTest, WaitsForEventsThatItHasNotFolded) {
  start();
  const auto asked = shard().post_await({of(2)});
  set("a", "1");
  shard().fence();
  EXPECT_FALSE(shard().awaited.contains(asked));
  publish({event("Reject", "a", "too late")});
  shard().run_until([&] { return shard().awaited.contains(asked); }, "what became of the event");
  EXPECT_EQ(shard().awaited[asked].events.at(0).reason, "too late");
}

TEST_F(LaneTest, GivesEventsOneByOneAfterACallThatFailedAsAWhole) {
  start();
  publish({event("Set", "a", "1"), event("Reject", "a", "its own reason"), event("Break", "a", "{}"), event("Set", "b", "1")});
  feed_again(1);
  const AwaitReply reply = shard().await({of(1), of(2), of(3), of(4)});
  ASSERT_EQ(reply.events.size(), 4u);
  EXPECT_EQ(reply.events[0].outcome, Outcome::kApplied);
  EXPECT_EQ(reply.events[1].reason, "its own reason");
  EXPECT_EQ(reply.events[2].reason, "the state failed: the disk is gone");
  EXPECT_EQ(reply.events[3].outcome, Outcome::kApplied);
  EXPECT_EQ(lane().status().rejected, 2u);
  set("b", "4");
  EXPECT_EQ(shard().await({of(5)}).events.at(0).outcome, Outcome::kApplied) << "what follows is folded";
}

TEST_F(LaneTest, SendsEachValueAgainAfterTheStateWasMadeAnew) {
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a"}});
  shard().run_until_listed(c);
  publish({event("Set", "a", "2"), event("Break", "a", "{}")});
  feed_again(1);
  const Lines bodies{line("", "a", "1").substr(1), line("", "a", "2").substr(1)};
  shard().run_until([&] { return shard().client(c).bodies().back() == bodies.back(); }, "the value after the state was made anew");
  Lines seen = shard().client(c).bodies();
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());  // a turn that ends at the first event sends its value again
  EXPECT_EQ(seen, bodies) << "nothing goes back";
}

TEST_F(LaneTest, LosesNoMessageOfAnAppendedTopicWhenTheStateIsMadeAnew) {
  start();
  publish({event("Say", "a", R"([{"n":1}])")});
  const auto c = shard().subscribe({{.topic = "log/all", .appended = true}});
  shard().run_until_listed(c);
  publish({event("Say", "a", R"([{"n":2}])"), event("Break", "a", "{}"), event("Say", "a", R"([{"n":3}])")});
  feed_again(1);
  publish({event("Say", "a", R"([{"n":4}])")});
  shard().run_until([&] { return shard().client(c).bodies().back() == R"({"n":4})"; }, "the last message");
  Lines bodies = shard().client(c).bodies();
  std::erase(bodies, "");  // a cursor alone
  EXPECT_EQ(bodies, (Lines{R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"}));
}

TEST_F(LaneTest, OpensItsBreakerAfterFiveFailuresInARowAndComesBackWithoutTheirEvents) {
  start();
  set("a", "1");
  for (int i = 0; i < 5; ++i) publish({event("Break", "a", "{}")});
  feed_again(1);
  set("a", "2");
  const auto c = shard().subscribe({{"things/a"}});
  shard().run_until_listed(c);
  EXPECT_EQ(shard().client(c).lines, (Lines{line("7", "a", "2")}));
  EXPECT_FALSE(lane().breaker().status().has_value()) << "it has recovered";
  EXPECT_EQ(lane().status().rejected, 5u) << "they were not given to it again";
}

// ---- refreshes

TEST_F(LaneTest, RefreshesSoonWhenItIsWoken) {
  script_.on_refresh = [](const Changes& changes) { changes.updated("a", {"things/a"}); };
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a"}});
  shard().run_until_listed(c);
  refresh_once();
  EXPECT_EQ(shard().client(c).lines, (Lines{line("1", "a", "1"), line("1", "a", "1")})) << "a refresh repeats the position";
}

TEST_F(LaneTest, ResendsWhatIsListenedToAtEachRefreshIfSendIsAlways) {
  settings_.send_always = true;
  start();
  set_keys(300);
  const auto all = shard().subscribe({{"things/all"}});
  const auto one = shard().subscribe({{"things/k007"}});
  shard().run_until_listed(all);
  shard().run_until_listed(one);
  const auto listed = shard().client(all).lines.size();
  refresh_once();
  EXPECT_EQ(shard().client(all).lines.size(), listed + 300);
  EXPECT_EQ(shard().client(one).lines, (Lines{line("12c", "k007", "7"), line("12c", "k007", "7")}));
}

TEST_F(LaneTest, SendsNothingAtARefreshThatChangedNothing) {
  start();
  set("a", "1");
  const auto c = shard().subscribe({{"things/a"}});
  shard().run_until_listed(c);
  refresh_once();
  EXPECT_EQ(shard().client(c).lines.size(), 1u);
}

TEST_F(LaneTest, NeverCallsItsStateWhileACallIsUnderWay) {
  settings_.refresh_ms = 1;
  start();
  std::thread waker([&] {
    while (script_.refreshes < 200) lane().wake();
  });
  while (script_.refreshes < 200 && !HasFailure()) set("a", std::to_string(published_));
  waker.join();
  EXPECT_EQ(script_.most_inside, 1);
}

// ---- the mailbox

TEST_F(LaneTest, KeepsRoomForClientsWhenEventsFillItsMailbox) {
  start();
  block();
  LaneMessage events = Events{batch_of({event("Set", "a", "1", at(2))}), {0}};
  int posted = 0;
  while (lane().post_events(events)) {
    events = Events{batch_of({event("Set", "a", "1", at(2))}), {0}};
    ++posted;
  }
  EXPECT_EQ(posted, 256);
  EXPECT_TRUE(std::get<Events>(events).batch) << "what is refused is untouched";
  int asked = 0;
  while (lane().post(Unsubscribe{0, 999})) ++asked;
  EXPECT_EQ(asked, 1024);
  script_.unblock.release();
  EXPECT_EQ(shard().await({of(2)}).events.size(), 1u);
}

TEST_F(LaneTest, FoldsWhatIsInItsMailboxBeforeItEnds) {
  start();
  block();
  set("a", "2");
  set("a", "3");
  lane().close();
  script_.unblock.release();
  EXPECT_TRUE(lane().join_until(std::chrono::steady_clock::now() + kDeadline));
  EXPECT_EQ(script_.events(), (Lines{"Block b {}", "Set a 2", "Set a 3"}));
}

TEST_F(LaneTest, SaysWhenItsStateDoesNotReturn) {
  start();
  block();
  EXPECT_NE(lane().status().busy_since_ns, 0);
  lane().close();
  EXPECT_FALSE(lane().join_until(std::chrono::steady_clock::now()));
  script_.unblock.release();
  EXPECT_TRUE(lane().join_until(std::chrono::steady_clock::now() + kDeadline));
}

}  // namespace
}  // namespace statecast::host::test

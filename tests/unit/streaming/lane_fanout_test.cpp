// From a change to frames: what is rendered and encoded, how often, and for whom.
#include "lane_rig.hpp"

namespace statecast::host::test {
namespace {

class LaneFanout : public LaneRig {
 protected:
  std::vector<std::uint32_t> subscribers(int n, const std::string& topic, const std::string& view, std::uint16_t encoding,
                                         std::size_t at = 0) {
    std::vector<std::uint32_t> out;
    for (int i = 0; i < n; ++i) out.push_back(shard(at).subscribe({{topic, view}}, {.encoding = encoding}));
    shard(at).run_until_listed(out.back());
    return out;
  }
};

TEST_F(LaneFanout, RendersOnceAViewAndEncodesOnceAnEncodingForAnyNumberOfClients) {
  start();
  set("a", "1");
  const auto staff = subscribers(5, "things/a", "staff", 0);
  const auto loud = subscribers(3, "things/a", "staff", 2);
  const auto all = subscribers(4, "things/all", "all", 0);
  const int staff_renders = script_.renders("a", "staff"), all_renders = script_.renders("a", "all"), encodes = script_.encodes;
  set("a", "2");
  shard().fence();
  EXPECT_EQ(script_.renders("a", "staff") - staff_renders, 1);
  EXPECT_EQ(script_.renders("a", "all") - all_renders, 1);
  EXPECT_EQ(script_.encodes - encodes, 3) << "staff in two encodings, all in one";
  for (const auto& group : {staff, loud})
    for (const auto c : group) EXPECT_EQ(shard().client(c).lines.back(), line("2", "a", "2", "staff"));
  for (const auto c : all) EXPECT_EQ(shard().client(c).lines.back(), line("2", "a", "2"));
}

TEST_F(LaneFanout, RendersNothingForNobody) {
  start();
  set_keys(50);
  shard().fence();
  EXPECT_EQ(script_.renders(), 0);
  const auto c = shard().subscribe({{"things/k001"}});
  shard().run_until_listed(c);
  EXPECT_EQ(script_.renders(), 1);
  shard().unsubscribe(c);
  set_keys(50);
  shard().fence();
  EXPECT_EQ(script_.renders(), 1);
}

TEST_F(LaneFanout, SendsAChangeOnTwoTopicsOfOneClientOnce) {
  start();
  const auto c = shard().subscribe({{"things/a"}, {"things/all"}});
  shard().run_until_listed(c);
  set("a", "1");
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, (Lines{"things.e1.0.0|", line("1", "a", "1")}));
}

TEST_F(LaneFanout, ConflatesTheChangesOfABatchToTheLast) {
  start();
  const auto c = shard().subscribe({{"things/all"}});
  shard().run_until_listed(c);
  publish({event("Set", "a", "1"), event("Set", "b", "2"), event("Set", "a", "3")});
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, (Lines{"things.e1.0.0|", line("2", "b", "2"), line("3", "a", "3")}));
}

TEST_F(LaneFanout, KeepsEveryAppendedMessageOfABatch) {
  start();
  const auto c = shard().subscribe({{.topic = "log/all", .appended = true}});
  shard().run_until_listed(c);
  publish({event("Say", "a", R"([{"n":1}])"), event("Say", "a", R"([{"n":2}])")});
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, (Lines{"things.e1.0.0|", R"(things.e1.0.1|{"n":1})", R"(things.e1.0.2|{"n":2})"}));
}

TEST_F(LaneFanout, SkipsARenderingThatFailsAndSendsTheOthers) {
  start();
  const auto c = shard().subscribe({{"things/all"}});
  shard().run_until_listed(c);
  publish({event("Set", "a", "\"fail\""), event("Set", "b", "\"oops\""), event("Set", "c", "3")});
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, (Lines{"things.e1.0.0|", line("3", "c", "3")}));
  EXPECT_EQ(lane().status().failures, 2u);
}

TEST_F(LaneFanout, SkipsAFailingRenderingInASnapshotToo) {
  start();
  publish({event("Set", "a", "1"), event("Set", "b", "\"fail\""), event("Set", "c", "\"oops\""), event("Set", "d", "4")});
  const auto c = shard().subscribe({{"things/all"}});
  shard().run_until_listed(c);
  EXPECT_EQ(shard().client(c).lines, (Lines{line("", "a", "1"), line("4", "d", "4")}));
}

TEST_F(LaneFanout, SkipsAMessageThatTheTransportCannotEncode) {
  start();
  const auto c = shard().subscribe({{"things/all"}});
  shard().run_until_listed(c);
  script_.encode_fails = true;
  set("a", "1");
  shard().fence();
  script_.encode_fails = false;
  set("b", "2");
  shard().fence();
  EXPECT_EQ(shard().client(c).lines, (Lines{"things.e1.0.0|", line("2", "b", "2")}));
}

TEST_F(LaneFanout, SendsNothingToAViewThatSeesNothing) {
  start();
  const auto blind = shard().subscribe({{"things/a", "blind"}});
  shard().run_until_listed(blind);
  set("a", "1");
  shard().fence();
  EXPECT_EQ(shard().client(blind).lines, Lines{"things.e1.0.0|"});
  EXPECT_EQ(lane().status().failures, 0u);
}

TEST_F(LaneFanout, PostsOneBatchATurnToEachShardConcerned) {
  start(2);
  const auto here = subscribers(2, "things/all", "all", 0, 0);
  const auto there = subscribers(3, "things/all", "all", 0, 1);
  shard(0).fence();
  shard(1).fence();
  const auto batches = shard(0).batches;
  publish({event("Set", "a", "1"), event("Set", "b", "2"), event("Set", "c", "3")});
  shard(0).run_until([&] { return shard(0).deliveries == 3; }, "the updates");
  shard(1).run_until([&] { return shard(1).deliveries == 3; }, "the updates");
  EXPECT_EQ(shard(0).batches, batches + 1);
  EXPECT_EQ(script_.renders("a", "all"), 1);
  for (const auto c : here) EXPECT_EQ(shard(0).client(c).lines.size(), 4u);
  for (const auto c : there) EXPECT_EQ(shard(1).client(c).lines.size(), 4u);
}

TEST_F(LaneFanout, LeavesAShardWithoutSubscribersAlone) {
  start(2);
  subscribers(1, "things/all", "all", 0, 0);
  set("a", "1");
  shard(0).run_until([&] { return shard(0).deliveries == 1; }, "the update");
  EXPECT_EQ(shard(1).inbox().size(), 0u);
}

TEST_F(LaneFanout, TellsWhichTopicEndedAfterItsLastMessage) {
  start();
  const auto c = shard().subscribe({{"things/a"}});
  const auto other = shard().subscribe({{"things/b"}});
  shard().run_until_listed(other);
  publish({event("Set", "a", "1"), event("End", "a", "{}"), event("End", "unheard", "{}")});
  shard().fence();
  EXPECT_EQ(shard().trace[shard().trace.size() - 2], "delivery");
  EXPECT_EQ(shard().trace.back(), "ended");
  EXPECT_EQ(shard().client(c).ended, Lines{"things/a"});
  EXPECT_TRUE(shard().client(other).ended.empty());
}

TEST_F(LaneFanout, CountsWhatItDid) {
  start();
  const auto c = shard().subscribe({{"things/a"}});
  shard().run_until_listed(c);
  publish({event("Set", "a", "1"), event("Set", "b", "2"), event("Reject", "a", "no")});
  shard().fence();
  const LaneStatus status = lane().status();
  EXPECT_EQ(status.events, 3u);
  EXPECT_EQ(status.rejected, 1u);
  EXPECT_EQ(status.renders, 1u);
  EXPECT_EQ(status.frames, 2u) << "the cursor of the empty snapshot, and the update";
  EXPECT_EQ(status.keys, 2u);
  ASSERT_EQ(status.positions.size(), 1u);
  EXPECT_EQ(status.positions[0].hi, 3u);
  EXPECT_EQ(status.waiting, 0u);
}

}  // namespace
}  // namespace statecast::host::test

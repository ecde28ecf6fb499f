#include "job_fixture.hpp"

namespace statecast::job {
namespace {

class JobUpdates : public JobTest {};

TEST_F(JobUpdates, AnUpdateIsAppendedToItsJobToAllJobsAndToItsNode) {
  EXPECT_EQ(update("n-1").text(), "0: appended n-1 on jobs/j-1 jobs/all nodes/n-1: " + busy("n-1", 1) +
                                      "\n"
                                      "0: touched n-1\n");
}

TEST_F(JobUpdates, ANodeWithoutAJobIsToldToAllJobsAndToItsNode) {
  EXPECT_EQ(update("n-1", kIdle).text(), "0: appended n-1 on jobs/all nodes/n-1: " +
                                             message("n-1", R"("status":"idle","state":{})", 1) +
                                             "\n"
                                             "0: touched n-1\n");
}

TEST_F(JobUpdates, EachNodeCountsItsUpdatesFromOneWhateverTheJob) {
  const auto reported = nodes_.apply({event("n-1"), event("n-2"), event("n-1", kIdle), event("n-1"), event("n-2")});
  EXPECT_EQ(messages(reported),
            (Messages{busy("n-1", 1), busy("n-2", 1), message("n-1", R"("status":"idle","state":{})", 2),
                      busy("n-1", 3), busy("n-2", 2)}));
}

TEST_F(JobUpdates, TheSameUpdateAgainIsAnotherUpdate) {
  update("n-1");
  EXPECT_EQ(messages(update("n-1")), Messages{busy("n-1", 2)});
}

TEST_F(JobUpdates, ARejectedEventIsNotCounted) {
  const auto reported = nodes_.apply({event("n-1"), event("n-1", "{}"), event("n-1")});
  EXPECT_EQ(messages(reported), (Messages{busy("n-1", 1), busy("n-1", 2)}));
  EXPECT_EQ(reported.rejections().size(), 1u);
}

TEST_F(JobUpdates, TheTimestampIsTheTimeOfTheEventInMilliseconds) {
  for (const auto& [time_us, shown] : {std::pair{1'700'000'000'000'999, "1700000000000"}, {0, "0"}, {-1, "-1"}}) {
    auto timed = event("n-1", kIdle);
    timed.time_us = time_us;
    const auto told = messages(testkit::StateKit(table(), "{}").apply({timed}));
    EXPECT_EQ(told, Messages{R"({"type":"state_update","node":"n-1","status":"idle","state":{},"timestamp":)" +
                             std::string(shown) + R"(,"index":1})"});
  }
}

TEST_F(JobUpdates, OtherFieldsPassThroughBehindTheNamedOnes) {
  const auto told = messages(update("n-1", R"({"region":"ü\n","status":"idle","load":[1,{"a":null}],"state":{},)"
                                           R"("gone":null,"a\"b":7})"));
  EXPECT_EQ(told, Messages{message("n-1", R"("status":"idle","state":{})", 1,
                                   R"(,"region":"ü\n","load":[1,{"a":null}],"a\"b":7)")});
}

TEST_F(JobUpdates, AFieldWithANameOfTheMessageDoesNotTakeItsPlace) {
  const auto told = messages(update(
      "n-1", R"({"type":"x","node":"n-1","index":9,"timestamp":9,"cursor":"x","status":"idle","state":{},"load":1})"));
  EXPECT_EQ(told, Messages{message("n-1", R"("status":"idle","state":{})", 1, R"(,"load":1)")});
}

TEST_F(JobUpdates, NothingChangesWithTheClock) {
  update("n-1");
  nodes_.host().clock.advance(std::chrono::hours(100'000));
  EXPECT_EQ(nodes_.refresh().text(), "");
  EXPECT_EQ(messages(update("n-1")), Messages{busy("n-1", 2)});
}

TEST_F(JobUpdates, ANodeTooManyIsRejectedAndTheOthersGoOn) {
  testkit::StateKit two(table(), R"({"max_nodes":2})");
  const auto reported = two.apply({event("n-1"), event("n-2"), event("n-3"), event("n-1"), event("n-3")});
  EXPECT_EQ(messages(reported), (Messages{busy("n-1", 1), busy("n-2", 1), busy("n-1", 2)}));
  const std::string refusal =
      "node n-3 would be one too many: 2 nodes are counted, and there may be no more (max_nodes)";
  EXPECT_EQ(reported.rejections(), (Messages{refusal, refusal}));
  EXPECT_EQ(two.save("n-3"), std::nullopt);
  EXPECT_EQ(two.host().metric("nodes"), 2);
  EXPECT_EQ(two.host().metric("nodes_limit"), 2);
}

}  // namespace
}  // namespace statecast::job

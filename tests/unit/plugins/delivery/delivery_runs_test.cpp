#include "delivery_fixture.hpp"

namespace statecast::delivery {
namespace {

const std::string kIdPhrase = "1 to 128 characters of A-Z a-z 0-9 . _ - :";

class DeliveryRuns : public DeliveryTest {
 protected:
  // On r-1, which is there; checks that it stays as it is.
  std::string refused(std::string fields) {
    if (data() == "nothing") run(R"({"status":"IN_PROGRESS","completedStops":1,"totalStops":3})");
    const std::string before = data();
    const std::string why = refusal(run(std::move(fields)));
    EXPECT_EQ(data(), before);
    return why;
  }
  std::string refused_first(std::string fields) {
    const std::string why = refusal(run(std::move(fields)));
    EXPECT_EQ(data(), "nothing");
    return why;
  }
};

TEST_F(DeliveryRuns, AChangeIsReportedOnTheTopicsOfTheRunAndOfAll) {
  EXPECT_EQ(run(R"({"status":"PLANNED"})").text(), "0: updated runs/r-1 on runs/r-1 runs/all\n");
}

TEST_F(DeliveryRuns, ARunIsRenderedAsTheSeedsJsonWithItsStatusFirst) {
  run(R"({"completedStops":5,"totalStops":10,"driverId":"d-1","orderIds":["o-1"],"eta":"15:00",)"
      R"("status":"IN_PROGRESS"})");
  EXPECT_EQ(shown("runs/r-1"),
            R"({"type":"run_update","runId":"r-1","data":{"status":"IN_PROGRESS","completedStops":5,"totalStops":10,)"
            R"("driverId":"d-1","orderIds":["o-1"],"eta":"15:00"}})");
}

TEST_F(DeliveryRuns, FieldsAreMergedAsAMergePatch) {
  run(R"({"status":"PLANNED","driverId":"d-1","eta":{"from":1,"to":2},"note":"x","zone":"ü"})");
  run(R"({"driverId":null,"eta":{"to":null,"by":3},"note":null,"never":null})");
  EXPECT_EQ(data(), R"({"status":"PLANNED","eta":{"from":1,"by":3},"zone":"ü"})");
}

TEST_F(DeliveryRuns, WhatChangesNothingIsNotReported) {
  run(R"({"status":"PLANNED","totalStops":3})");
  EXPECT_EQ(run(R"({"status":"PLANNED"})").text(), "");
  EXPECT_EQ(run("{}").text(), "");
}

TEST_F(DeliveryRuns, TheRunsOwnIdMayStandInItsData) {
  run(R"({"runId":"r-1","status":"PLANNED"})");
  EXPECT_EQ(data(), R"({"status":"PLANNED","runId":"r-1"})");
  EXPECT_EQ(refused(R"({"runId":"r-2"})"), "data.runId must be the event's subject, or absent");
}

// ---- progress

TEST_F(DeliveryRuns, ProgressThatIsNotToldIsCountedFromTheStops) {
  run(R"({"status":"IN_PROGRESS",)"
      R"("stops":[{"status":"COMPLETED","at":1},{"completed":true},{"status":"NEXT"},"depot"]})");
  EXPECT_EQ(data(), R"({"status":"IN_PROGRESS","stops":[{"status":"COMPLETED","at":1},{"completed":true},)"
                    R"({"status":"NEXT"},"depot"],"completedStops":2,"totalStops":4})");
  run(R"({"stops":[{"completed":true},{"completed":false}]})");
  EXPECT_EQ(data(), R"({"status":"IN_PROGRESS","stops":[{"completed":true},{"completed":false}],)"
                    R"("completedStops":1,"totalStops":2})");
}

TEST_F(DeliveryRuns, ProgressThatIsToldIsNotCounted) {
  run(R"({"status":"IN_PROGRESS","stops":[{"completed":true}],"completedStops":0,"totalStops":7})");
  EXPECT_EQ(data(), R"({"status":"IN_PROGRESS","stops":[{"completed":true}],"completedStops":0,"totalStops":7})");
  run(R"({"stops":[{"completed":true},{"completed":true}],"totalStops":7})");
  EXPECT_EQ(data(), R"({"status":"IN_PROGRESS","stops":[{"completed":true},{"completed":true}],)"
                    R"("completedStops":2,"totalStops":7})");
}

TEST_F(DeliveryRuns, WithoutStopsProgressStaysAsItWas) {
  run(R"({"status":"IN_PROGRESS","stops":[{"completed":true}]})");
  run(R"({"stops":null,"eta":"15:00"})");
  EXPECT_EQ(data(), R"({"status":"IN_PROGRESS","completedStops":1,"totalStops":1,"eta":"15:00"})");
}

TEST_F(DeliveryRuns, NoMoreStopsAreCompletedThanThereAre) {
  EXPECT_EQ(refused(R"({"completedStops":4})"),
            "data.completedStops must not exceed totalStops: it would be 4 of 3");
  EXPECT_EQ(refused(R"({"totalStops":0})"), "data.completedStops must not exceed totalStops: it would be 1 of 0");
  EXPECT_EQ(refused(R"({"stops":[{"completed":true},{"completed":true}],"totalStops":1})"),
            "data.completedStops must not exceed totalStops: it would be 2 of 1");
  EXPECT_EQ(run(R"({"completedStops":3})").rejections(), std::vector<std::string>{});
}

// ---- what is refused

TEST_F(DeliveryRuns, AFirstEventWithoutAStatusIsRejected) {
  EXPECT_EQ(refused_first("{}"), "data.status is missing");
  EXPECT_EQ(refused_first(R"({"completedStops":1})"), "data.status is missing");
  EXPECT_EQ(refused_first(R"({"status":null})"), "data.status must not be null");
}

TEST_F(DeliveryRuns, ANullForAFieldThatEveryRunKeepsIsRejected) {
  EXPECT_EQ(refused(R"({"status":null})"), "data.status must not be null");
  EXPECT_EQ(refused(R"({"completedStops":null})"), "data.completedStops must not be null");
  EXPECT_EQ(refused(R"({"totalStops":null})"), "data.totalStops must not be null");
}

TEST_F(DeliveryRuns, AFieldOfAnotherTypeIsRejected) {
  EXPECT_EQ(refused(R"({"status":1})"), "data.status must be text");
  EXPECT_EQ(refused(R"({"status":""})"), "data.status must be text");
  for (const char* count : {"-1", "1.5", "\"1\"", "true", "[]"}) {
    EXPECT_EQ(refused(std::string(R"({"completedStops":)") + count + "}"),
              "data.completedStops must be a whole number of at least 0");
    EXPECT_EQ(refused(std::string(R"({"totalStops":)") + count + "}"),
              "data.totalStops must be a whole number of at least 0");
  }
  EXPECT_EQ(refused(R"({"driverId":"d 1"})"), "data.driverId must be an id: " + kIdPhrase);
  EXPECT_EQ(refused(R"({"driverId":7})"), "data.driverId must be an id: " + kIdPhrase);
  EXPECT_EQ(refused(R"({"orderIds":"o-1"})"), "data.orderIds must be a list of ids, each of " + kIdPhrase);
  EXPECT_EQ(refused(R"({"orderIds":["o-1",""]})"), "data.orderIds must be a list of ids, each of " + kIdPhrase);
  EXPECT_EQ(refused(R"({"stops":{}})"), "data.stops must be a list");
}

TEST_F(DeliveryRuns, DataThatIsNoObjectIsRejected) {
  for (const char* data : {"null", "7", "[]", "\"x\""}) EXPECT_EQ(refused_first(data), "data must be an object");
  EXPECT_EQ(refused_first("{"), "data is no JSON that can be read");
}

TEST_F(DeliveryRuns, DataThatIsTooLargeOrTooDeepIsRejected) {
  const auto with_note = [](std::string note) { return R"({"status":"PLANNED","note":)" + note + "}"; };
  EXPECT_EQ(refused_first(with_note("\"" + std::string(64 * 1024, 'x') + "\"")), "data is larger than 64 KiB");
  EXPECT_EQ(refused_first(with_note(std::string(64, '[') + std::string(64, ']'))), "data is nested more than 64 deep");
  run(with_note("\"" + std::string(40 * 1024, 'x') + "\""));
  EXPECT_EQ(refusal(run(R"({"more":")" + std::string(40 * 1024, 'x') + "\"}")),
            "the run would become larger than 64 KiB");
}

TEST_F(DeliveryRuns, ASubjectThatIsNoIdIsRejected) {
  const auto refused_id = [&](std::string id) { return refusal(run(R"({"status":"PLANNED"})", std::move(id))); };
  for (const std::string& id :
       {std::string(), std::string("r 1"), std::string("r/1"), std::string("ü"), std::string(129, 'x')})
    EXPECT_EQ(refused_id(id), "the subject must be the run's id: " + kIdPhrase) << id;
  EXPECT_EQ(refused_id("all"), "no run can have the id 'all': runs/all is the topic of all runs");
  EXPECT_EQ(run(R"({"status":"PLANNED"})", std::string(128, 'x')).rejections(), std::vector<std::string>{});
}

TEST_F(DeliveryRuns, AnEventOfAnotherTypeIsRejected) {
  EXPECT_EQ(refusal(apply("MenuItemUpdated", "r-1", "{}")), "deliveries are not changed by events of this type");
}

TEST_F(DeliveryRuns, ARejectedEventDoesNotStopItsBatch) {
  const auto reported = state_.apply({{.type = "RunUpdated", .subject = "r-1", .data = R"({"status":1})"},
                                      {.type = "DriverLocationUpdated", .subject = "d-1", .data = std::string(kHere)}});
  EXPECT_EQ(reported.text(),
            "0: rejected: data.status must be text\n"
            "1: updated drivers/d-1 on drivers/d-1 drivers/all\n");
}

// ---- the end

TEST_F(DeliveryRuns, AStatusThatEndsTheRunEndsItsTopic) {
  for (const std::string status : {"COMPLETED", "CANCELLED"}) {
    run(R"({"status":"IN_PROGRESS"})", status);
    EXPECT_EQ(run(R"({"status":")" + status + "\"}", status).text(),
              "0: updated runs/" + status + " on runs/" + status + " runs/all\n0: ended on runs/" + status + "\n");
  }
}

TEST_F(DeliveryRuns, ARunMayEndWithItsFirstEvent) {
  EXPECT_EQ(run(R"({"status":"CANCELLED"})").text(),
            "0: updated runs/r-1 on runs/r-1 runs/all\n0: ended on runs/r-1\n");
}

TEST_F(DeliveryRuns, NothingOfAnEndedRunChanges) {
  run(R"({"status":"COMPLETED","totalStops":3,"vehicle":{"a":1,"b":2}})");
  const std::string over = "the run has ended with status COMPLETED: nothing of it can change any more";
  for (const char* fields : {R"({"status":"IN_PROGRESS"})", R"({"status":"CANCELLED"})",
                             R"({"status":"COMPLETED","totalStops":4})", R"({"eta":"15:00"})", R"({"vehicle":null})"})
    EXPECT_EQ(refused(fields), over) << fields;
}

TEST_F(DeliveryRuns, AnEndThatIsRepeatedIsNoChange) {
  run(R"({"status":"COMPLETED","totalStops":3,"vehicle":{"a":1,"b":2},"stops":[{"x":1,"y":2}]})");
  for (const char* fields : {R"({"status":"COMPLETED"})", R"({"totalStops":3,"status":"COMPLETED"})",
                             R"({"status":"COMPLETED","vehicle":{"b":2,"a":1}})",
                             R"({"status":"COMPLETED","totalStops":3,"stops":[{"y":2,"x":1}]})"})
    EXPECT_EQ(run(fields).text(), "") << fields;
}

TEST_F(DeliveryRuns, WhichStatusesEndARunIsASetting) {
  testkit::StateKit state(table(), R"({"ended_statuses":["DONE"]})");
  EXPECT_EQ(state.apply({{.type = "RunUpdated", .subject = "r-1", .data = R"({"status":"COMPLETED"})"},
                         {.type = "RunUpdated", .subject = "r-1", .data = R"({"status":"DONE"})"}})
                .text(),
            "0: updated runs/r-1 on runs/r-1 runs/all\n"
            "1: updated runs/r-1 on runs/r-1 runs/all\n"
            "1: ended on runs/r-1\n");
}

// Most updates are read in a quick way, the others in a careful one.
TEST_F(DeliveryRuns, AnUpdateDoesTheSameHoweverItIsSpelt) {
  for (const char* data : {R"({"status":"IN_PROGRESS","completedStops":3})", R"({"status":"IN_PROGRESS","completedStops":6})",
                           R"({"status":"IN_PROGRESS","totalStops":1})", R"({"status":"IN_PROGRESS","totalStops":null})",
                           R"({"status":"IN_PROGRESS","completedStops":-1})", R"({"status":"IN_PROGRESS","completedStops":1.5})",
                           R"({"status":"IN_PROGRESS","completedStops":"3"})", R"({"status":"IN_PROGRESS","note":null,"more":1.50})",
                           R"({"status":"PLANNED"})", R"({"status":""})", R"({"status":null})", R"({"status":7})", R"({"note":"x"})",
                           R"({"status":"COMPLETED"})", R"({"status":"IN_PROGRESS","runId":"r-1"})", R"({"status":"IN_PROGRESS","runId":"r-2"})",
                           R"({"status":"IN_PROGRESS","driverId":"d-2"})", R"({"status":"IN_PROGRESS","driverId":null})",
                           R"({"status":"IN_PROGRESS","orderIds":null})", R"({"status":"IN_PROGRESS","stops":null})"}) {
    testkit::StateKit plain(table(), "{}"), escaped(table(), "{}");
    const auto updated = [&](testkit::StateKit& state, std::string text) {
      const std::string before = R"({"status":"PLANNED","driverId":"d-1","orderIds":["o-1"],"completedStops":2,"totalStops":5,"note":"n"})";
      state.apply({{.type = "RunUpdated", .subject = "r-1", .data = before, .time_us = kStart}});
      return state.apply({{.type = "RunUpdated", .subject = "r-1", .data = std::move(text), .time_us = kStart + kSecond}}).text();
    };
    EXPECT_EQ(updated(plain, data), updated(escaped, spelt_with_an_escape(data))) << data;
    EXPECT_EQ(plain.render("runs/r-1", DeliveryState::kEverything), escaped.render("runs/r-1", DeliveryState::kEverything)) << data;
    EXPECT_EQ(plain.save("runs/r-1"), escaped.save("runs/r-1")) << data;
  }
}

}  // namespace
}  // namespace statecast::delivery

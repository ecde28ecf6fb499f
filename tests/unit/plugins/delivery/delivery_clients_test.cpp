#include "delivery_fixture.hpp"

namespace statecast::delivery {
namespace {

using Keys = std::vector<std::string>;
using testkit::Outcome;

constexpr const char* kTopics[] = {"runs/r-1", "runs/all", "drivers/d-1", "drivers/all"};

class DeliveryClients : public DeliveryTest {
 protected:
  Outcome admit(const std::string& claims, std::string_view topic) { return state_.admit(claims, topic); }
  static Outcome as(std::string view) { return {SC_OK, std::move(view)}; }
  static Outcome denied(std::string why) { return {SC_DENIED, std::move(why)}; }
};

// ---- those who see everything

TEST_F(DeliveryClients, StaffAdminAndDispatchersSeeEveryTopicWhetherThereIsSuchAnEntityOrNot) {
  for (const char* role : {"staff", "admin", "dispatcher"})
    for (const char* topic : kTopics)
      EXPECT_EQ(admit(claims_of(role, "s-1"), topic), as(DeliveryState::kEverything)) << role << topic;
}

TEST_F(DeliveryClients, TheHighestOfSeveralRolesCounts) {
  EXPECT_EQ(admit(R"({"sub":"d-2","roles":["customer","driver","dispatcher"]})", "drivers/d-1"),
            as(DeliveryState::kEverything));
}

// ---- nobody

TEST_F(DeliveryClients, WithoutARoleThatSeesDeliveriesEveryTopicIsDenied) {
  run(R"({"status":"PLANNED","driverId":"d-1"})");
  send("o-1", "d-1", "d-1");
  for (const char* claims :
       {"{}", R"({"sub":"d-1"})", R"({"sub":"d-1","roles":[]})", R"({"sub":"d-1","roles":["merchant"]})",
        R"({"sub":"d-1","roles":"driver"})", R"({"sub":"d-1","roles":[7]})", "[]", ""})
    for (const char* topic : kTopics)
      EXPECT_EQ(admit(claims, topic),
                denied("deliveries are shown to the roles customer, driver, dispatcher, staff and admin only"))
          << claims << topic;
}

TEST_F(DeliveryClients, WhatIsNoTopicOfThisStateIsUnknownToEverybody) {
  for (const char* topic :
       {"", "runs", "runs/", "runs/r 1", "runs/r/1", "drivers/", "drivers/ü", "orders/o-1", "Runs/r-1"})
    for (const std::string& claims : {std::string(kDispatcher), claims_of("driver", "d-1"), std::string("{}")})
      EXPECT_EQ(admit(claims, topic),
                (Outcome{SC_UNKNOWN, "no such topic: there are runs/<id>, runs/all, drivers/<id> and drivers/all"}))
          << topic;
}

TEST_F(DeliveryClients, AllRunsAndAllDriversAreNotForDriversAndCustomers) {
  for (const char* role : {"driver", "customer"})
    for (const std::string topic : {"runs/all", "drivers/all"})
      EXPECT_EQ(admit(claims_of(role, "d-1"), topic),
                denied(topic + " is shown to the roles dispatcher, staff and admin only"));
}

// ---- drivers

TEST_F(DeliveryClients, ADriverSeesItsOwnRunsAndItsOwnLocation) {
  run(R"({"status":"PLANNED","driverId":"d-1"})");
  EXPECT_EQ(admit(claims_of("driver", "d-1"), "runs/r-1"), as("driver:d-1"));
  EXPECT_EQ(shown("runs/r-1", "driver:d-1"), shown("runs/r-1"));
  EXPECT_EQ(admit(claims_of("driver", "d-1"), "drivers/d-1"), as(DeliveryState::kEverything));
}

TEST_F(DeliveryClients, AnothersRunAndOneThatDoesNotExistAreDeniedInTheSameWords) {
  run(R"({"status":"PLANNED","driverId":"d-2"})", "r-8");
  run(R"({"status":"PLANNED"})", "r-7");
  for (const std::string run : {"r-7", "r-8", "r-9"})
    EXPECT_EQ(admit(claims_of("driver", "d-1"), "runs/" + run),
              denied("run " + run + " is not yours or does not exist"));
}

TEST_F(DeliveryClients, AnotherDriverAndOneThatDoesNotExistAreDeniedInTheSameWords) {
  move(kHere, "d-2");
  for (const std::string driver : {"d-2", "d-3"})
    EXPECT_EQ(admit(claims_of("driver", "d-1"), "drivers/" + driver),
              denied("driver " + driver + " has no order of yours on the way, or does not exist"));
}

TEST_F(DeliveryClients, ADriverWithoutAnIdentityOwnsNothing) {
  run(R"({"status":"PLANNED"})");
  for (const char* claims :
       {R"({"roles":["driver"]})", R"({"sub":"","roles":["driver"]})", R"({"sub":1,"roles":["driver"]})"})
    EXPECT_EQ(admit(claims, "runs/r-1").status, SC_DENIED) << claims;
}

TEST_F(DeliveryClients, ADriverWhoseRunGoesToAnotherIsToldOnceAndSeesNoMoreOfIt) {
  run(R"({"status":"IN_PROGRESS","driverId":"d-1"})");
  EXPECT_EQ(run(R"({"driverId":"d-2"})").text(),
            "0: updated runs/r-1 on runs/r-1 runs/all\n"
            "0: updated partings/driver:d-1/runs/r-1 on runs/r-1\n");
  EXPECT_EQ(shown("runs/r-1", "driver:d-1"), "nothing");
  EXPECT_NE(shown("runs/r-1", "driver:d-2"), "nothing");
  EXPECT_EQ(shown("partings/driver:d-1/runs/r-1", "driver:d-1"),
            R"({"type":"ended","topic":"runs/r-1","reason":"this run is no longer yours"})");
  for (const char* view : {"driver:d-2", DeliveryState::kEverything})
    EXPECT_EQ(shown("partings/driver:d-1/runs/r-1", view), "nothing") << view;
  EXPECT_EQ(run(R"({"eta":"15:00"})").text(), "0: updated runs/r-1 on runs/r-1 runs/all\n");
}

TEST_F(DeliveryClients, TheEndOfATopicIsReportedAfterAllThatIsStillSentOnIt) {
  run(R"({"status":"IN_PROGRESS","driverId":"d-1"})");
  EXPECT_EQ(run(R"({"status":"COMPLETED","driverId":"d-2"})").text(),
            "0: updated runs/r-1 on runs/r-1 runs/all\n"
            "0: updated partings/driver:d-1/runs/r-1 on runs/r-1\n"
            "0: ended on runs/r-1\n");
}

TEST_F(DeliveryClients, ADriverWhoGetsTheRunBackBeforeBeingToldIsNotTold) {
  run(R"({"status":"IN_PROGRESS","driverId":"d-1"})");
  run(R"({"driverId":null})");
  run(R"({"driverId":"d-1"})");
  EXPECT_EQ(shown("partings/driver:d-1/runs/r-1", "driver:d-1"), "nothing");
}

// ---- customers

TEST_F(DeliveryClients, ACustomerSeesNoRunNotEvenThatOfItsOrder) {
  run(R"({"status":"IN_PROGRESS","driverId":"d-1","orderIds":["o-1"]})");
  send("o-1", "c-1", "d-1");
  EXPECT_EQ(admit(claims_of("customer", "c-1"), "runs/r-1"), denied("run r-1 is not yours or does not exist"));
}

TEST_F(DeliveryClients, ACustomerWithoutAnIdentityOwnsNothing) {
  send("o-1", "c-1", "d-1");
  for (const char* claims : {R"({"roles":["customer"]})", R"({"sub":"","roles":["customer"]})"})
    EXPECT_EQ(admit(claims, "drivers/d-1").status, SC_DENIED) << claims;
}

// ---- views

TEST_F(DeliveryClients, ThereIsNothingToRenderForAnEntityOrAViewThatIsNot) {
  run(R"({"status":"PLANNED"})");
  move();
  for (const char* key : {"runs/r-2", "drivers/d-2", "orders/o-1", "runs/all", "partings/", "partings/x", ""})
    EXPECT_EQ(shown(key), "nothing") << key;
  for (const char* view : {"", "staff", "driver:", "customer:", "customer:c-1", "driver:d-1"})
    for (const char* key : {"runs/r-1", "drivers/d-1"}) EXPECT_EQ(shown(key, view), "nothing") << key << view;
}

// ---- snapshots

TEST_F(DeliveryClients, AllRunsAndAllDriversAreListedInByteOrderPageByPage) {
  for (const char* id : {"x-2", "x-10", "X-1", "x-1", "a:1"}) {
    run(R"({"status":"PLANNED"})", id);
    move(kHere, id);
  }
  for (const std::string all : {"runs/", "drivers/"}) {
    const auto keys = [&](Keys ids) {
      for (std::string& id : ids) id = all + id;
      return ids;
    };
    EXPECT_EQ(state_.list(all + "all"), keys({"X-1", "a:1", "x-1", "x-10", "x-2"}));
    EXPECT_EQ(state_.list(all + "all", "", 2), keys({"X-1", "a:1"}));
    EXPECT_EQ(state_.list(all + "all", all + "a:1", 2), keys({"x-1", "x-10"}));
    EXPECT_EQ(state_.list(all + "all", all + "x-10", 2), keys({"x-2"}));
    EXPECT_EQ(state_.list(all + "all", all + "x-2", 2), keys({}));
    EXPECT_EQ(state_.list(all + "all", "", 0), keys({}));
  }
}

TEST_F(DeliveryClients, ATopicOfOneEntityListsThatEntity) {
  run(R"({"status":"PLANNED"})", "x");
  move(kHere, "x");
  for (const std::string topic : {"runs/x", "drivers/x"}) {
    EXPECT_EQ(state_.list(topic), Keys{topic});
    EXPECT_EQ(state_.list(topic, "a"), Keys{topic});
    EXPECT_EQ(state_.list(topic, topic), Keys{});
    EXPECT_EQ(state_.list(topic, "", 0), Keys{});
    EXPECT_EQ(state_.list(topic + "y"), Keys{});
  }
  EXPECT_EQ(state_.list("orders/x"), Keys{});
}

}  // namespace
}  // namespace statecast::delivery

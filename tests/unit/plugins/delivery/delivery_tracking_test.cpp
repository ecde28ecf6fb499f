// Which customer may see which driver, and for how long.

#include "delivery_fixture.hpp"

namespace statecast::delivery {
namespace {

using testkit::Outcome;

constexpr const char* kParted = "partings/customer:c-1/drivers/d-1";
constexpr const char* kTold = "0: touched orders/o-1\n0: updated partings/customer:c-1/drivers/d-1 on drivers/d-1\n";

class DeliveryTracking : public DeliveryTest {
 protected:
  bool sees(const std::string& customer, const std::string& driver) {
    const Outcome verdict = state_.admit(claims_of("customer", customer), "drivers/" + driver);
    if (!verdict.ok())
      EXPECT_EQ(verdict,
                (Outcome{SC_DENIED, "driver " + driver + " has no order of yours on the way, or does not exist"}));
    else
      EXPECT_EQ(verdict.text, "customer:" + customer);
    move(kHere, driver);
    EXPECT_EQ(shown("drivers/" + driver, "customer:" + customer) != "nothing", verdict.ok());
    return verdict.ok();
  }
  void plan(const std::string& run_id, const std::string& driver, const std::string& orders,
            const std::string& status = "IN_PROGRESS") {
    run(R"({"status":")" + status + R"(","driverId":")" + driver + R"(","orderIds":)" + orders + "}", run_id);
  }
};

// ---- named by the order

TEST_F(DeliveryTracking, ACustomerSeesTheDriverWhileItsOrderIsOutForDelivery) {
  create("o-1", "c-1");
  for (const char* status : {"CONFIRMED", "PREPARING", "READY"}) {
    order("o-1", status, R"(,"driverId":"d-1")");
    EXPECT_FALSE(sees("c-1", "d-1")) << status;
  }
  EXPECT_EQ(order("o-1", "OUT_FOR_DELIVERY").text(), "0: touched orders/o-1\n");
  EXPECT_TRUE(sees("c-1", "d-1"));
  EXPECT_FALSE(sees("c-1", "d-2"));
  EXPECT_FALSE(sees("c-2", "d-1"));
  EXPECT_EQ(shown("drivers/d-1", "customer:c-1"), shown("drivers/d-1"));
}

TEST_F(DeliveryTracking, AnIdThatBeginsLikeAnothersIsAnother) {
  send("o-1", "c-1", "d-1");
  EXPECT_FALSE(sees("c-", "d-1"));
  EXPECT_FALSE(sees("c-11", "d-1"));
  EXPECT_FALSE(sees("c-1", "d-"));
  EXPECT_FALSE(sees("c-1", "d-11"));
}

TEST_F(DeliveryTracking, AnOpenStreamGetsALastMessageAndNoMoreLocationsOnceTheOrderIsDelivered) {
  for (const char* status : {"DELIVERED", "FAILED", "CANCELLED", "READY"}) {
    send("o-1", "c-1", "d-1");
    ASSERT_TRUE(sees("c-1", "d-1"));
    EXPECT_EQ(order("o-1", status).text(), kTold) << status;
    EXPECT_EQ(shown(kParted, "customer:c-1"),
              R"({"type":"ended","topic":"drivers/d-1",)"
              R"("reason":"no order of yours is on its way with this driver any more"})");
    for (const char* view : {"customer:c-2", DeliveryState::kEverything}) EXPECT_EQ(shown(kParted, view), "nothing");
    EXPECT_EQ(move(kHere, "d-1", kStart + kSecond).text(), "0: updated drivers/d-1 on drivers/d-1 drivers/all\n");
    EXPECT_EQ(shown("drivers/d-1", "customer:c-1"), "nothing");
    EXPECT_FALSE(sees("c-1", "d-1"));
  }
}

TEST_F(DeliveryTracking, OneOfTwoOrdersWithADriverIsEnoughToGoOnSeeingIt) {
  send("o-1", "c-1", "d-1");
  send("o-2", "c-1", "d-1");
  EXPECT_EQ(order("o-1", "DELIVERED").text(), "0: touched orders/o-1\n");
  EXPECT_TRUE(sees("c-1", "d-1"));
  EXPECT_EQ(order("o-2", "DELIVERED").text(),
            "0: touched orders/o-2\n0: updated partings/customer:c-1/drivers/d-1 on drivers/d-1\n");
  EXPECT_FALSE(sees("c-1", "d-1"));
}

TEST_F(DeliveryTracking, AnOrderGivenToAnotherDriverIsSeenWithThatOneOnly) {
  send("o-1", "c-1", "d-1");
  EXPECT_EQ(order("o-1", "OUT_FOR_DELIVERY", R"(,"driverId":"d-2")").text(), kTold);
  EXPECT_FALSE(sees("c-1", "d-1"));
  EXPECT_TRUE(sees("c-1", "d-2"));
}

TEST_F(DeliveryTracking, ADriverWhoIsTakenAwayOrCannotBeReadIsNobody) {
  for (const char* driver : {"null", "7", "\"d 1\"", "{}"}) {
    send("o-1", "c-1", "d-1");
    EXPECT_EQ(order("o-1", "OUT_FOR_DELIVERY", std::string(R"(,"driverId":)") + driver).text(), kTold) << driver;
    EXPECT_FALSE(sees("c-1", "d-1"));
  }
}

TEST_F(DeliveryTracking, ACustomerWhoseOrderComesBackBeforeItIsToldIsNotTold) {
  send("o-1", "c-1", "d-1");
  order("o-1", "READY");
  order("o-1", "OUT_FOR_DELIVERY");
  EXPECT_EQ(shown(kParted, "customer:c-1"), "nothing");
}

// ---- named by a run

TEST_F(DeliveryTracking, TheRunThatListsAnOrderNamesItsDriver) {
  create("o-1", "c-1");
  plan("r-1", "d-1", R"(["o-0","o-1"])");
  EXPECT_FALSE(sees("c-1", "d-1"));
  order("o-1", "OUT_FOR_DELIVERY");
  EXPECT_TRUE(sees("c-1", "d-1"));
}

TEST_F(DeliveryTracking, ARunMayBeKnownBeforeItsOrders) {
  plan("r-1", "d-1", R"(["o-1"])");
  create("o-1", "c-1");
  order("o-1", "OUT_FOR_DELIVERY");
  EXPECT_TRUE(sees("c-1", "d-1"));
}

TEST_F(DeliveryTracking, ARunMayGetItsDriverLaterAndChangeIt) {
  create("o-1", "c-1");
  order("o-1", "OUT_FOR_DELIVERY");
  run(R"({"status":"PLANNED","orderIds":["o-1"]})");
  run(R"({"driverId":"d-1"})");
  EXPECT_TRUE(sees("c-1", "d-1"));
  EXPECT_EQ(run(R"({"driverId":"d-2"})").text(),
            "0: updated runs/r-1 on runs/r-1 runs/all\n"
            "0: updated partings/driver:d-1/runs/r-1 on runs/r-1\n"
            "0: updated partings/customer:c-1/drivers/d-1 on drivers/d-1\n");
  EXPECT_FALSE(sees("c-1", "d-1"));
  EXPECT_TRUE(sees("c-1", "d-2"));
}

TEST_F(DeliveryTracking, AnOrderThatTheRunDropsIsNoLongerSeen) {
  create("o-1", "c-1");
  order("o-1", "OUT_FOR_DELIVERY");
  plan("r-1", "d-1", R"(["o-1","o-2"])");
  EXPECT_EQ(run(R"({"orderIds":["o-2"]})").text(),
            "0: updated runs/r-1 on runs/r-1 runs/all\n"
            "0: updated partings/customer:c-1/drivers/d-1 on drivers/d-1\n");
  EXPECT_FALSE(sees("c-1", "d-1"));
}

TEST_F(DeliveryTracking, ARunThatEndsShowsItsDriverToNobody) {
  create("o-1", "c-1");
  order("o-1", "OUT_FOR_DELIVERY");
  plan("r-1", "d-1", R"(["o-1"])");
  EXPECT_EQ(run(R"({"status":"COMPLETED"})").text(),
            "0: updated runs/r-1 on runs/r-1 runs/all\n"
            "0: ended on runs/r-1\n"
            "0: updated partings/customer:c-1/drivers/d-1 on drivers/d-1\n");
  EXPECT_FALSE(sees("c-1", "d-1"));
}

TEST_F(DeliveryTracking, WhatTheOrderItselfSaysGoesBeforeWhatARunSays) {
  plan("r-1", "d-2", R"(["o-1"])");
  send("o-1", "c-1", "d-1");
  EXPECT_TRUE(sees("c-1", "d-1"));
  EXPECT_FALSE(sees("c-1", "d-2"));
  order("o-1", "OUT_FOR_DELIVERY", R"(,"driverId":null)");
  EXPECT_FALSE(sees("c-1", "d-1"));
  EXPECT_TRUE(sees("c-1", "d-2"));
}

TEST_F(DeliveryTracking, TheLastRunToListAnOrderCarriesIt) {
  create("o-1", "c-1");
  order("o-1", "OUT_FOR_DELIVERY");
  plan("r-1", "d-1", R"(["o-1"])");
  EXPECT_EQ(run(R"({"status":"IN_PROGRESS","driverId":"d-2","orderIds":["o-1"]})", "r-2").text(),
            "0: touched runs/r-1\n"
            "0: updated runs/r-2 on runs/r-2 runs/all\n"
            "0: updated partings/customer:c-1/drivers/d-1 on drivers/d-1\n");
  run(R"({"eta":"15:00"})", "r-1");  // it still lists the order, but does not take it back
  EXPECT_FALSE(sees("c-1", "d-1"));
  EXPECT_TRUE(sees("c-1", "d-2"));
  run(R"({"status":"CANCELLED"})", "r-1");
  EXPECT_TRUE(sees("c-1", "d-2"));
  run(R"({"orderIds":[]})", "r-2");
  EXPECT_FALSE(sees("c-1", "d-2"));
}

TEST_F(DeliveryTracking, ARejectedRunChangesNobodysSight) {
  send("o-1", "c-1", "d-1");
  order("o-1", "OUT_FOR_DELIVERY", R"(,"driverId":null)");
  plan("r-1", "d-1", R"(["o-1"])");
  EXPECT_EQ(run(R"({"orderIds":[],"totalStops":-1})").rejections().size(), 1u);
  EXPECT_TRUE(sees("c-1", "d-1"));
}

// ---- which orders are known

TEST_F(DeliveryTracking, ACreationIsNotedOnceAndTheFirstCounts) {
  EXPECT_EQ(create("o-1", "c-1").text(), "0: touched orders/o-1\n");
  EXPECT_EQ(create("o-1", "c-2").text(), "");
  order("o-1", "OUT_FOR_DELIVERY", R"(,"driverId":"d-1")");
  EXPECT_TRUE(sees("c-1", "d-1"));
  EXPECT_FALSE(sees("c-2", "d-1"));
}

TEST_F(DeliveryTracking, AnOrderThatIsNotKnownIsPassedOver) {
  EXPECT_EQ(order("o-1", "OUT_FOR_DELIVERY", R"(,"driverId":"d-1")").text(), "");
  create("o-1", "c-1");
  EXPECT_FALSE(sees("c-1", "d-1"));
}

TEST_F(DeliveryTracking, AnOrderThatHasEndedIsForgotten) {
  for (const char* status : {"DELIVERED", "CANCELLED", "FAILED"}) {
    create("o-1", "c-1");
    EXPECT_NE(state_.save("orders/o-1"), std::nullopt);
    EXPECT_EQ(order("o-1", status).text(), "0: touched orders/o-1\n");
    EXPECT_EQ(state_.save("orders/o-1"), std::nullopt) << status;
    EXPECT_EQ(order("o-1", "OUT_FOR_DELIVERY", R"(,"driverId":"d-1")").text(), "");
  }
}

TEST_F(DeliveryTracking, OnlyAnOrderEventThatNobodyCouldReadIsRejected) {
  const std::string kId = "1 to 128 characters of A-Z a-z 0-9 . _ - :";
  const auto refused = [&](const char* type, const char* data) { return refusal(apply(type, "o-1", data)); };
  EXPECT_EQ(refused("OrderCreated", "{}"), "data.customerId is missing");
  EXPECT_EQ(refused("OrderCreated", R"({"customerId":null})"), "data.customerId must not be null");
  EXPECT_EQ(refused("OrderCreated", R"({"customerId":"c 1"})"), "data.customerId must be an id: " + kId);
  EXPECT_EQ(refused("OrderCreated", R"({"customerId":"c-1","orderId":"o-2"})"),
            "data.orderId must be the event's subject, or absent");
  EXPECT_EQ(refused("OrderStatusUpdated", "{}"), "data.status is missing");
  EXPECT_EQ(refused("OrderStatusUpdated", R"({"status":7})"), "data.status must be text");
  EXPECT_EQ(refusal(create("o 1", "c-1")), "the subject must be the order's id: " + kId);
  EXPECT_EQ(refusal(order("", "READY")), "the subject must be the order's id: " + kId);
  EXPECT_EQ(refusal(create("all", "c-1")), "no order can have the id 'all': orders/all is the topic of all orders");
}

TEST_F(DeliveryTracking, TheStatusesOfAnOrderAreASetting) {
  testkit::StateKit state(table(), R"({"tracked_statuses":["RIDING","AT_DOOR"],"ended_order_statuses":["EATEN"]})");
  const auto customer_sees = [&](const std::string& status) {
    state.apply({{.type = "OrderStatusUpdated",
                  .subject = "o-1",
                  .data = R"({"status":")" + status + R"(","driverId":"d-1"})"}});
    return state.admit(claims_of("customer", "c-1"), "drivers/d-1").ok();
  };
  state.apply({{.type = "OrderCreated", .subject = "o-1", .data = R"({"customerId":"c-1"})"}});
  EXPECT_FALSE(customer_sees("OUT_FOR_DELIVERY"));
  EXPECT_TRUE(customer_sees("RIDING"));
  EXPECT_TRUE(customer_sees("AT_DOOR"));
  EXPECT_FALSE(customer_sees("DELIVERED"));
  EXPECT_NE(state.save("orders/o-1"), std::nullopt);
  EXPECT_FALSE(customer_sees("EATEN"));
  EXPECT_EQ(state.save("orders/o-1"), std::nullopt);
}

TEST_F(DeliveryTracking, ThousandsOfOrdersMayBeListedByARun) {
  std::string orders;
  for (int i = 0; i < 6000; ++i) orders += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"";
  plan("r-1", "d-1", "[" + orders + "]");
  plan("r-2", "d-2", "[" + orders + "]");
  plan("r-2", "d-2", "[]");
  create("5999", "c-1");
  order("5999", "OUT_FOR_DELIVERY");
  EXPECT_FALSE(sees("c-1", "d-2"));
  plan("r-3", "d-3", "[" + orders + "]");
  EXPECT_TRUE(sees("c-1", "d-3"));
}

// Most updates are read in a quick way, the others in a careful one.
TEST_F(DeliveryTracking, AnOrdersUpdateDoesTheSameHoweverItIsSpelt) {
  for (const char* data : {R"({"status":"OUT_FOR_DELIVERY","driverId":"d-1"})", R"({"status":"OUT_FOR_DELIVERY"})",
                           R"({"status":"OUT_FOR_DELIVERY","driverId":null})", R"({"status":"OUT_FOR_DELIVERY","driverId":"d 1"})",
                           R"({"status":"OUT_FOR_DELIVERY","driverId":7})", R"({"status":"DELIVERED","orderId":"o-1"})",
                           R"({"status":"READY","orderId":"o-2"})", R"({"status":""})", R"({"status":7})", R"({"driverId":"d-1"})"}) {
    testkit::StateKit plain(table(), "{}"), escaped(table(), "{}");
    const auto updated = [&](testkit::StateKit& state, std::string text) {
      state.apply({{.type = "OrderCreated", .subject = "o-1", .data = R"({"customerId":"c-1"})"}});
      return state.apply({{.type = "OrderStatusUpdated", .subject = "o-1", .data = std::move(text)}}).text();
    };
    EXPECT_EQ(updated(plain, data), updated(escaped, spelt_with_an_escape(data))) << data;
    EXPECT_EQ(plain.save("orders/o-1"), escaped.save("orders/o-1")) << data;
  }
}

}  // namespace
}  // namespace statecast::delivery

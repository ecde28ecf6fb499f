// How many runs, drivers and orders there may be, and how much they may take.
#include "delivery_fixture.hpp"

namespace statecast::delivery {
namespace {

constexpr std::int64_t kDay = 24 * 3600 * kSecond;

class DeliveryBounds : public DeliveryTest {
 protected:
  static testkit::Reported apply_to(testkit::StateKit& state, std::string type, std::string subject, std::string data, std::int64_t after = 0) {
    return state.apply({{.type = std::move(type), .subject = std::move(subject), .data = std::move(data), .time_us = kStart + after}});
  }
  static double metric(testkit::StateKit& state, const std::string& name) { return state.host().metric(name); }
};

TEST_F(DeliveryBounds, TheRunIdleForLongestGoesWhenThereAreTooMany) {
  testkit::StateKit state(table(), R"({"max_runs":2})");
  apply_to(state, "RunUpdated", "r-1", R"({"status":"PLANNED"})");
  apply_to(state, "RunUpdated", "r-2", R"({"status":"PLANNED"})", 1);
  apply_to(state, "RunUpdated", "r-1", R"({"status":"IN_PROGRESS"})", 2);
  EXPECT_EQ(apply_to(state, "RunUpdated", "r-3", R"({"status":"PLANNED"})", 3).text(),
            "0: updated runs/r-3 on runs/r-3 runs/all\n0: ended on runs/r-2\n0: removed runs/r-2 on runs/r-2 runs/all\n");
  EXPECT_EQ(state.list("runs/all"), (std::vector<std::string>{"runs/r-1", "runs/r-3"}));
  EXPECT_EQ(metric(state, "runs"), 2);
  EXPECT_EQ(metric(state, "runs_limit"), 2);
  EXPECT_EQ(metric(state, "runs_evicted"), 1);
}

TEST_F(DeliveryBounds, ARunThatEndedGoesFirst) {
  testkit::StateKit state(table(), R"({"max_runs":2})");
  apply_to(state, "RunUpdated", "r-1", R"({"status":"PLANNED"})");
  apply_to(state, "RunUpdated", "r-2", R"({"status":"COMPLETED"})", 1);
  apply_to(state, "RunUpdated", "r-3", R"({"status":"PLANNED"})", 2);
  EXPECT_EQ(state.list("runs/all"), (std::vector<std::string>{"runs/r-1", "runs/r-3"}));
}

TEST_F(DeliveryBounds, RunsThatWereNewAndEndedAtOnceGoOnceEach) {
  testkit::StateKit state(table(), R"({"max_runs":2})");
  for (int i = 0; i < 10; ++i) apply_to(state, "RunUpdated", "r-" + std::to_string(i), R"({"status":"COMPLETED"})", i);
  EXPECT_EQ(state.list("runs/all"), (std::vector<std::string>{"runs/r-8", "runs/r-9"}));
  EXPECT_EQ(metric(state, "runs_evicted"), 8);
}

TEST_F(DeliveryBounds, AnEvictedRunCarriesNoOrderAnyMore) {
  testkit::StateKit state(table(), R"({"max_runs":1})");
  apply_to(state, "OrderCreated", "o-1", R"({"customerId":"c-1"})");
  apply_to(state, "OrderStatusUpdated", "o-1", R"({"status":"OUT_FOR_DELIVERY"})");
  apply_to(state, "RunUpdated", "r-1", R"({"status":"IN_PROGRESS","driverId":"d-1","orderIds":["o-1"]})");
  ASSERT_TRUE(state.admit(claims_of("customer", "c-1"), "drivers/d-1").ok());
  apply_to(state, "RunUpdated", "r-2", R"({"status":"PLANNED"})", 1);
  EXPECT_FALSE(state.admit(claims_of("customer", "c-1"), "drivers/d-1").ok());
}

TEST_F(DeliveryBounds, ARunWithoutAnEventForLongGoes) {
  run(R"({"status":"IN_PROGRESS"})");
  run(R"({"status":"IN_PROGRESS"})", "r-2", kStart + 30 * kDay + 1);
  EXPECT_EQ(state_.refresh(kStart + 30 * kDay + 1).text(), "-: ended on runs/r-1\n-: removed runs/r-1 on runs/r-1 runs/all\n");
  EXPECT_EQ(metric(state_, "runs_evicted"), 1);
}

TEST_F(DeliveryBounds, WhenARunHadItsLastEventOutlastsARestart) {
  run(R"({"status":"IN_PROGRESS"})");
  testkit::StateKit again(table(), "{}");
  ASSERT_TRUE(again.load("1.0.0", "runs/r-1", state_.save("runs/r-1").value()).ok());
  EXPECT_EQ(again.save("runs/r-1"), state_.save("runs/r-1"));
  apply_to(again, "RunUpdated", "r-2", R"({"status":"PLANNED"})", 30 * kDay + 1);
  again.refresh(kStart + 30 * kDay + 1);
  EXPECT_EQ(again.list("runs/all"), std::vector<std::string>{"runs/r-2"});
}

TEST_F(DeliveryBounds, RunsThatGrowTakeNoMoreThanTheirMemory) {
  testkit::StateKit state(table(), R"({"max_memory":65536})");
  for (int i = 0; i < 100; ++i) {
    apply_to(state, "RunUpdated", "r-" + std::to_string(i), R"({"status":"PLANNED","note":")" + std::string(5'000, 'x') + R"("})", i);
    ASSERT_LE(metric(state, "runs_bytes"), 65536);
  }
  EXPECT_GT(metric(state, "runs"), 1);
}

TEST_F(DeliveryBounds, TheDriverWithoutALocationForLongestGoes) {
  testkit::StateKit state(table(), R"({"max_drivers":2})");
  for (int i = 0; i < 100; ++i) apply_to(state, "DriverLocationUpdated", "d-" + std::to_string(i), std::string(kHere), i);
  EXPECT_EQ(state.list("drivers/all"), (std::vector<std::string>{"drivers/d-98", "drivers/d-99"}));
  EXPECT_EQ(metric(state, "drivers_evicted"), 98);
  EXPECT_EQ(state.save("drivers/d-1"), std::nullopt);
}

TEST_F(DeliveryBounds, TheOrderWithoutAnEventForLongestIsForgotten) {
  testkit::StateKit state(table(), R"({"max_orders":2})");
  apply_to(state, "OrderCreated", "o-1", R"({"customerId":"c-1"})");
  apply_to(state, "OrderCreated", "o-2", R"({"customerId":"c-1"})", 1);
  apply_to(state, "OrderStatusUpdated", "o-1", R"({"status":"CONFIRMED"})", 2);
  EXPECT_EQ(apply_to(state, "OrderCreated", "o-3", R"({"customerId":"c-1"})", 3).text(), "0: touched orders/o-3\n0: touched orders/o-2\n");
  EXPECT_EQ(state.save("orders/o-2"), std::nullopt);
  EXPECT_EQ(metric(state, "orders"), 2);
}

TEST_F(DeliveryBounds, WhatIsForgottenIsNotCounted) {
  run(R"({"status":"COMPLETED"})");
  move();
  create("o-1", "c-1");
  state_.refresh(kStart + 8 * kDay);
  for (const char* kind : {"runs", "drivers", "orders"}) {
    EXPECT_EQ(metric(state_, kind), 0) << kind;
    EXPECT_EQ(metric(state_, std::string(kind) + "_bytes"), 0) << kind;
    EXPECT_EQ(metric(state_, std::string(kind) + "_evicted"), 0) << kind;
  }
}

}  // namespace
}  // namespace statecast::delivery

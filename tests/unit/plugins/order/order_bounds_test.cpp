// How many orders there may be, how large they may be together, and for how long nothing may happen to them.
#include "order_fixture.hpp"

namespace statecast::order {
namespace {

class OrderBounds : public OrderTest {
 protected:
  static constexpr std::int64_t kHour = 3'600'000'000, kDay = 24 * kHour, kNow = 1'700'000'000'000'000;

  testkit::Reported event_at(testkit::StateKit& orders, std::int64_t time_us, std::string type, std::string order, std::string data) {
    return orders.apply({{.type = std::move(type), .subject = std::move(order), .data = std::move(data), .time_us = time_us}});
  }
  testkit::Reported create_at(testkit::StateKit& orders, std::int64_t time_us, std::string order) {
    return event_at(orders, time_us, "OrderCreated", std::move(order), plain());
  }
  testkit::Reported status_at(testkit::StateKit& orders, std::int64_t time_us, std::string order, const std::string& status) {
    return event_at(orders, time_us, "OrderStatusUpdated", std::move(order), R"({"status":")" + status + R"("})");
  }
  static std::vector<std::string> all(testkit::StateKit& orders) { return orders.list("orders/all"); }
};

TEST_F(OrderBounds, TheOneIdleForLongestGoesWhenThereAreTooMany) {
  testkit::StateKit orders(table(), R"({"max_orders":2})");
  create_at(orders, kNow, "o-1");
  create_at(orders, kNow + 1, "o-2");
  status_at(orders, kNow + 2, "o-1", "CONFIRMED");
  EXPECT_EQ(create_at(orders, kNow + 3, "o-3").text(), "0: updated o-3 on orders/o-3 orders/all customers/c-1\n"
                                                       "0: ended on orders/o-2\n"
                                                       "0: removed o-2 on orders/o-2 orders/all customers/c-1\n");
  EXPECT_EQ(all(orders), (std::vector<std::string>{"o-1", "o-3"}));
  EXPECT_EQ(orders.list("customers/c-1"), all(orders));
  EXPECT_EQ(orders.save("o-2"), std::nullopt);
}

TEST_F(OrderBounds, OfThoseOfOneTimeTheOneOfTheLeastIdGoes) {
  testkit::StateKit orders(table(), R"({"max_orders":2})");
  for (const char* order : {"o-3", "o-2", "o-1"}) create_at(orders, kNow, order);
  EXPECT_EQ(all(orders), (std::vector<std::string>{"o-2", "o-3"}));
}

TEST_F(OrderBounds, OnesThatEndedGoFirst) {
  testkit::StateKit orders(table(), R"({"max_orders":2})");
  create_at(orders, kNow, "o-1");
  create_at(orders, kNow + 1, "o-2");
  status_at(orders, kNow + 2, "o-2", "CANCELLED");
  create_at(orders, kNow + 3, "o-3");
  EXPECT_EQ(all(orders), (std::vector<std::string>{"o-1", "o-3"}));
}

TEST_F(OrderBounds, ManyThatNeverEndTakeNoMoreThanTheirMemory) {
  testkit::StateKit orders(table(), R"({"max_memory":65536})");
  std::size_t most = 0;
  for (int i = 0; i < 2'000; ++i) {
    create_at(orders, kNow + i, "o-" + std::to_string(i));
    most = std::max(most, static_cast<std::size_t>(orders.host().metric("orders")));
    ASSERT_LE(orders.host().metric("orders_bytes"), 65536);
  }
  EXPECT_LT(most, 128u);
  EXPECT_EQ(orders.host().metric("orders_evicted"), 2'000 - orders.host().metric("orders"));
}

TEST_F(OrderBounds, AnOrderThatGrowsTakesTheRoomOfOthers) {
  testkit::StateKit orders(table(), R"({"max_memory":65536})");
  for (int i = 0; i < 50; ++i) create_at(orders, kNow + i, "o-" + std::to_string(i));
  ASSERT_EQ(all(orders).size(), 50u);
  const std::string note(60'000, 'x');
  event_at(orders, kNow + 100, "OrderStatusUpdated", "o-7", R"({"status":"CONFIRMED","note":")" + note + R"("})");
  EXPECT_LT(all(orders).size(), 10u);
  EXPECT_TRUE(orders.save("o-7").has_value());
}

TEST_F(OrderBounds, AnOrderOfAnOldTimeIsNoWayRoundThem) {
  testkit::StateKit orders(table(), R"({"max_orders":2})");
  create_at(orders, kNow, "o-1");
  create_at(orders, kNow + 1, "o-2");
  for (int i = 0; i < 100; ++i) create_at(orders, i, "old-" + std::to_string(i));
  EXPECT_EQ(all(orders), (std::vector<std::string>{"o-1", "o-2"}));
}

TEST_F(OrderBounds, OneWithoutAnEventForLongGoes) {
  create_at(orders_, kNow, "o-1");
  create_at(orders_, kNow, "o-2");
  status_at(orders_, kNow + kDay, "o-2", "CONFIRMED");
  create_at(orders_, kNow + 30 * kDay + 1, "o-3");
  EXPECT_EQ(orders_.refresh(kNow + 30 * kDay + 1).text(),
            "-: ended on orders/o-1\n-: removed o-1 on orders/o-1 orders/all customers/c-1\n");
  EXPECT_EQ(all(orders_), (std::vector<std::string>{"o-2", "o-3"}));
}

TEST_F(OrderBounds, OrdersThatRestAllTogetherStay) {
  create_at(orders_, kNow, "o-1");
  EXPECT_EQ(orders_.refresh(kNow + 1000 * kDay).text(), "") << "no newer event says that time has passed";
}

TEST_F(OrderBounds, AnEventAheadOfTheClockEvictsNobodyAndKeepsNobodyForEver) {
  create_at(orders_, kNow, "o-1");
  create_at(orders_, kNow + 1000 * kDay, "o-2");
  EXPECT_EQ(orders_.refresh(kNow + kDay).text(), "");
  create_at(orders_, kNow + 31 * kDay, "o-3");
  orders_.refresh(kNow + 31 * kDay);
  EXPECT_EQ(all(orders_), (std::vector<std::string>{"o-2", "o-3"}));
  create_at(orders_, kNow + 32 * kDay, "o-4");
  orders_.refresh(kNow + 32 * kDay);
  EXPECT_EQ(all(orders_), (std::vector<std::string>{"o-3", "o-4"})) << "it counts from the clock's time";
}

TEST_F(OrderBounds, AClockThatJumpsMakesNobodyIdle) {
  create_at(orders_, kNow, "o-1");
  create_at(orders_, kNow + 32 * kDay, "o-2");
  orders_.host().hold_ages_at(kNow);
  EXPECT_EQ(orders_.refresh(kNow + 32 * kDay).text(), "");
}

TEST_F(OrderBounds, WhenTheLastEventCameOutlastsARestart) {
  create_at(orders_, kNow, "o-1");
  status_at(orders_, kNow + kDay, "o-1", "CONFIRMED");
  testkit::StateKit again(table(), "{}");
  ASSERT_TRUE(again.load("1.0.0", "o-1", orders_.save("o-1").value()).ok());
  create_at(again, kNow + 31 * kDay, "o-2");
  EXPECT_EQ(again.refresh(kNow + 31 * kDay).text(), "");
  create_at(again, kNow + 31 * kDay + 1, "o-3");
  again.refresh(kNow + 31 * kDay + 1);
  EXPECT_EQ(all(again), (std::vector<std::string>{"o-2", "o-3"}));
}

TEST_F(OrderBounds, OneSavedBeforeTheTimeWasKeptCountsFromTheRestart) {
  ASSERT_TRUE(orders_.load("1.0.0", "o-1", R"({"created":1,"data":)" + shown("PENDING") + "}").ok());
  create_at(orders_, kNow, "o-2");
  EXPECT_EQ(orders_.refresh(kNow).text(), "");
  create_at(orders_, kNow + 30 * kDay + 1, "o-3");
  orders_.refresh(kNow + 30 * kDay + 1);
  EXPECT_EQ(all(orders_), std::vector<std::string>{"o-3"});
}

TEST_F(OrderBounds, AnUpdateOfAnEvictedOrderIsHeldAsOfOneThatIsStillToCome) {
  testkit::StateKit orders(table(), R"({"max_orders":1})");
  create_at(orders, kNow, "o-1");
  create_at(orders, kNow + 1, "o-2");
  EXPECT_EQ(status_at(orders, kNow + 2, "o-1", "CONFIRMED").changes[0].what, "held");
  create_at(orders, kNow + 3, "o-1");
  EXPECT_EQ(status_at(orders, kNow + 4, "o-1", "READY").changes.size(), 1u) << "it may be created again";
}

TEST_F(OrderBounds, AreTheSameForOrdersOfOneTimeAfterARestart) {
  testkit::StateKit orders(table(), R"({"max_orders":12})"), again(table(), R"({"max_orders":12})");
  for (int i = 1; i <= 12; ++i) create_at(orders, kNow, "o-" + std::to_string(i));
  for (const std::string& id : all(orders)) ASSERT_TRUE(again.load("1.0.0", id, orders.save(id).value()).ok());
  for (testkit::StateKit* each : {&orders, &again})
    for (int i = 13; i <= 16; ++i) create_at(*each, kNow, "o-" + std::to_string(i));
  EXPECT_EQ(all(orders), all(again));
}

TEST_F(OrderBounds, FarTooManyGoInSeveralCalls) {
  testkit::StateKit orders(table(), "{}"), again(table(), R"({"max_orders":10})");
  constexpr int kMany = 25'000;
  for (int i = 0; i < kMany; ++i) create_at(orders, kNow + i, "o-" + std::to_string(i));
  for (int i = 0; i < kMany; ++i) {
    const std::string id = "o-" + std::to_string(i);
    ASSERT_TRUE(again.load("1.0.0", id, orders.save(id).value()).ok());
  }
  const auto wakes = again.host().wakes();
  again.refresh(kNow + kMany);
  EXPECT_EQ(again.host().metric("orders"), kMany - 10'000);
  EXPECT_EQ(again.host().wakes(), wakes + 1) << "the rest is to go at once";
  again.refresh(kNow + kMany);
  again.refresh(kNow + kMany);
  EXPECT_EQ(again.host().metric("orders"), 10);
  EXPECT_EQ(again.host().wakes(), wakes + 2);
}

TEST_F(OrderBounds, AreTheSameForTheSameEventsWheneverARefreshRan) {
  testkit::StateKit often(table(), R"({"max_orders":10})"), never(table(), R"({"max_orders":10})");
  for (int i = 0; i < 200; ++i) {
    for (testkit::StateKit* orders : {&often, &never}) {
      create_at(*orders, kNow + i * kHour, "o-" + std::to_string(i));
      status_at(*orders, kNow + i * kHour, "o-" + std::to_string(i / 2), i % 3 == 0 ? "CANCELLED" : "CONFIRMED");
    }
    often.refresh(kNow + i * kHour);
  }
  never.refresh(kNow + 199 * kHour);
  EXPECT_EQ(all(often), all(never));
}

TEST_F(OrderBounds, AreShownBesideTheirLimitsAndToldOnce) {
  testkit::StateKit orders(table(), R"({"max_orders":1,"max_memory":70000})");
  for (int i = 1; i <= 3; ++i) create_at(orders, kNow + i, "o-" + std::to_string(i));
  EXPECT_EQ(orders.host().metric("orders"), 1);
  EXPECT_EQ(orders.host().metric("orders_limit"), 1);
  EXPECT_EQ(orders.host().metric("orders_bytes_limit"), 70000);
  EXPECT_EQ(orders.host().metric("orders_evicted"), 2);
  ASSERT_EQ(orders.host().log().size(), 1u);
  EXPECT_EQ(orders.host().log()[0].text, "orders are evicted because of max_orders, 'o-1' first: the metric orders_evicted says how "
                                         "many follow, and their events stay in the log (statecast log dump)");
}

}  // namespace
}  // namespace statecast::order

#include <map>
#include <set>
#include <vector>

#include "order_fixture.hpp"

namespace statecast::order {
namespace {

// How an order comes to each status by the default lifecycle, and where it may go from there.
struct Stage {
  std::vector<std::string> way;
  std::set<std::string> next;
  std::string next_in_words;
};

const std::map<std::string, Stage> kStages{
    {"PENDING", {{}, {"CONFIRMED", "CANCELLED"}, "CONFIRMED, CANCELLED"}},
    {"CONFIRMED", {{"CONFIRMED"}, {"PREPARING", "CANCELLED"}, "PREPARING, CANCELLED"}},
    {"PREPARING", {{"CONFIRMED", "PREPARING"}, {"READY", "CANCELLED"}, "READY, CANCELLED"}},
    {"READY", {{"CONFIRMED", "PREPARING", "READY"}, {"OUT_FOR_DELIVERY"}, "OUT_FOR_DELIVERY"}},
    {"OUT_FOR_DELIVERY",
     {{"CONFIRMED", "PREPARING", "READY", "OUT_FOR_DELIVERY"}, {"DELIVERED", "FAILED"}, "DELIVERED, FAILED"}},
    {"DELIVERED", {{"CONFIRMED", "PREPARING", "READY", "OUT_FOR_DELIVERY", "DELIVERED"}, {}, "no other status"}},
    {"FAILED", {{"CONFIRMED", "PREPARING", "READY", "OUT_FOR_DELIVERY", "FAILED"}, {}, "no other status"}},
    {"CANCELLED", {{"CANCELLED"}, {}, "no other status"}},
};

// What a step from one status to another must report.
std::string expected_report(const std::string& from, const Stage& stage, const std::string& to) {
  if (from == to) return "";
  if (stage.next.contains(to))
    return std::string("0: updated o-1 on orders/o-1 orders/all customers/c-1\n") +
           (kStages.at(to).next.empty() ? "0: ended on orders/o-1\n" : "");
  return "0: rejected: an order cannot go from " + from + " to " + to + ": from " + from + " it can go to " +
         stage.next_in_words + "\n";
}

class OrderLifecycle : public OrderTest {
 protected:
  static std::string step(testkit::StateKit& orders, const std::string& to) {
    return orders.apply({{.type = "OrderStatusUpdated", .subject = "o-1", .data = R"({"status":")" + to + R"("})"}})
        .text();
  }
  static void create_in(testkit::StateKit& orders) {
    orders.apply({{.type = "OrderCreated", .subject = "o-1", .data = std::string(kCreated)}});
  }
  static testkit::Outcome creation(std::string_view settings) {
    return testkit::StateKit(table(), settings).creation();
  }
};

TEST_F(OrderLifecycle, AllowsExactlyTheStepsOfTheDefault) {
  for (const auto& [from, stage] : kStages)
    for (const auto& [to, _] : kStages) {
      testkit::StateKit orders(table(), "{}");
      create_in(orders);
      for (const std::string& status : stage.way) step(orders, status);
      EXPECT_EQ(step(orders, to), expected_report(from, stage, to)) << from << " to " << to;
    }
}

TEST_F(OrderLifecycle, RefusesAStatusThatItDoesNotKnow) {
  create();
  EXPECT_EQ(refusal(update(R"({"status":"IN_PROGRESS"})")),
            "data.status must be one of CANCELLED, CONFIRMED, DELIVERED, FAILED, OUT_FOR_DELIVERY, PENDING, PREPARING, "
            "READY");
}

TEST_F(OrderLifecycle, ASettingReplacesTheDefaultAsAWhole) {
  testkit::StateKit orders(table(), R"({"initial":"OPEN","lifecycle":{"OPEN":["DONE"],"DONE":["OPEN"]}})");
  create_in(orders);
  EXPECT_EQ(step(orders, "DONE"), "0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
  EXPECT_EQ(step(orders, "OPEN"), "0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
  EXPECT_EQ(step(orders, "CANCELLED"), "0: rejected: data.status must be one of DONE, OPEN\n");
}

TEST_F(OrderLifecycle, AnotherInitialStatusMayBeChosenFromTheDefault) {
  testkit::StateKit orders(table(), R"({"initial":"CONFIRMED"})");
  create_in(orders);
  EXPECT_EQ(step(orders, "PREPARING"), "0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
}

TEST_F(OrderLifecycle, AnOrderSavedInAStatusThatIsNoMoreStaysThere) {
  testkit::StateKit before(table(), R"({"initial":"OPEN","lifecycle":{"OPEN":[]}})");
  create_in(before);
  ASSERT_TRUE(orders_.load("1.0.0", "o-1", before.save("o-1").value()).ok());
  EXPECT_EQ(update(R"({"status":"OPEN"})").text(), "");
  EXPECT_EQ(refusal(update(R"({"status":"READY"})")),
            "an order cannot go from OPEN to READY: from OPEN it can go to no other status");
}

TEST_F(OrderLifecycle, SettingsThatContradictThemselvesAreRefused) {
  EXPECT_EQ(creation(R"({"lifecycle":{}})"),
            (testkit::Outcome{SC_REJECTED, "lifecycle: there must be at least one status"}));
  EXPECT_EQ(creation(R"({"lifecycle":{"":[]}})"),
            (testkit::Outcome{SC_REJECTED, "lifecycle: a status must not be empty"}));
  EXPECT_EQ(creation(R"({"lifecycle":{"PENDING":["GONE"]}})"),
            (testkit::Outcome{SC_REJECTED,
                              "lifecycle: PENDING leads to 'GONE', which is no status of the lifecycle; "
                              "add 'GONE: []' if orders end there"}));
  EXPECT_EQ(creation(R"({"lifecycle":{"OPEN":["DONE"],"DONE":[]}})"),
            (testkit::Outcome{SC_REJECTED, "initial: 'PENDING' is no status of the lifecycle, which has DONE, OPEN"}));
}

// ---- the end of orders

class OrderEnd : public OrderTest {
 protected:
  static constexpr std::int64_t kSecond = 1'000'000, kHour = 3600 * kSecond, kNow = 1'700'000'000 * kSecond;

  testkit::Reported update_at(std::int64_t time_us, std::string data, std::string order = "o-1") {
    return orders_.apply({{.type = "OrderStatusUpdated", .subject = std::move(order), .data = std::move(data), .time_us = time_us}});
  }
  void end_at(std::int64_t time_us, const std::string& order = "o-1") {
    create(order);
    update_at(time_us, R"({"status":"CANCELLED"})", order);
  }
};

TEST_F(OrderEnd, IsToldOnItsTopicAfterTheLastStatus) {
  create();
  EXPECT_EQ(update_at(kNow, R"({"status":"CANCELLED","reason":"no rice"})").text(),
            "0: updated o-1 on orders/o-1 orders/all customers/c-1\n0: ended on orders/o-1\n");
  EXPECT_EQ(update_at(kNow, R"({"status":"CANCELLED"})").text(), "");
}

TEST_F(OrderEnd, IsToldAgainAfterALateChange) {
  end_at(kNow);
  EXPECT_EQ(pay(R"({"paymentId":"p-1","status":"SUCCEEDED","amount":9})").text(),
            "0: updated o-1 on orders/o-1 orders/all customers/c-1\n0: ended on orders/o-1\n");
}

TEST_F(OrderEnd, IsFollowedByEvictionAfterKeep) {
  end_at(kNow);
  end_at(kNow + kHour, "o-2");
  EXPECT_EQ(orders_.refresh(kNow + 24 * kHour - 1).text(), "");
  EXPECT_EQ(orders_.refresh(kNow + 24 * kHour).text(), "-: removed o-1 on orders/o-1 orders/all customers/c-1\n");
  EXPECT_EQ(orders_.list("orders/all"), std::vector<std::string>{"o-2"});
  EXPECT_EQ(orders_.list("customers/c-1"), std::vector<std::string>{"o-2"});
  EXPECT_EQ(orders_.save("o-1"), std::nullopt);
  EXPECT_EQ(orders_.refresh(kNow + 25 * kHour).text(), "-: removed o-2 on orders/o-2 orders/all customers/c-1\n");
}

TEST_F(OrderEnd, KeepIsASetting) {
  testkit::StateKit orders(table(), R"({"keep":1000})");
  orders.apply({{.type = "OrderCreated", .subject = "o-1", .data = plain()},
                {.type = "OrderStatusUpdated", .subject = "o-1", .data = R"({"status":"CANCELLED"})", .time_us = kNow}});
  EXPECT_EQ(orders.refresh(kNow + kSecond - 1).text(), "");
  EXPECT_EQ(orders.refresh(kNow + kSecond).changes.size(), 1u);
}

TEST_F(OrderEnd, AnOrderUnderWayStays) {
  create();
  EXPECT_EQ(orders_.refresh(kNow + 1000 * kHour).text(), "");
}

TEST_F(OrderEnd, AnEventFromTheFutureKeepsItsOrderNoLonger) {
  end_at(kNow + 1000 * kHour);
  EXPECT_EQ(orders_.refresh(kNow).text(), "-: touched o-1\n");
  EXPECT_EQ(orders_.refresh(kNow + 24 * kHour).text(), "-: removed o-1 on orders/o-1 orders/all customers/c-1\n");
}

TEST_F(OrderEnd, IsNotBroughtNearerByAClockThatJumps) {
  end_at(kNow);
  orders_.host().hold_ages_at(kNow);
  EXPECT_EQ(orders_.refresh(kNow + 48 * kHour).text(), "");
  orders_.host().hold_ages_at(kNow + kSecond);
  EXPECT_EQ(orders_.refresh(kNow + 48 * kHour).changes.size(), 1u);
}

TEST_F(OrderEnd, IsKeptAsLongByAClockThatWasIn1970) {
  end_at(kNow);
  orders_.host().hold_ages_at(5 * kSecond);
  EXPECT_EQ(orders_.refresh(5 * kSecond).text(), "-: touched o-1\n");
  orders_.host().hold_ages_at(5 * kSecond);
  EXPECT_EQ(orders_.refresh(kNow).text(), "");
  orders_.host().hold_ages_at(6 * kSecond);
  EXPECT_EQ(orders_.refresh(kNow + 24 * kHour).changes.size(), 1u);
}

TEST_F(OrderEnd, OutlastsARestart) {
  end_at(kNow);
  testkit::StateKit again(table(), "{}");
  ASSERT_TRUE(again.load("1.0.0", "o-1", orders_.save("o-1").value()).ok());
  EXPECT_EQ(again.save("o-1"), orders_.save("o-1"));
  EXPECT_EQ(again.refresh(kNow + 24 * kHour).changes.size(), 1u);
}

}  // namespace
}  // namespace statecast::order

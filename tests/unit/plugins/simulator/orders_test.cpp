#include <cmath>
#include <map>

#include "plugins/states/order/order_state.hpp"
#include "tests/unit/plugins/simulator/story.hpp"

namespace statecast::simulator {
namespace {

using nlohmann::json;
using testkit::OwnedEvent;

// What became of each order.
struct Life {
  json created, payment;
  std::vector<json> updates;
  std::string statuses() const {
    std::string all;
    for (const json& update : updates)
      if (!all.ends_with(update["status"].get<std::string>())) all += " " + update["status"].get<std::string>();
    return all;
  }
};

std::map<std::string, Life> lives(std::int64_t orders) {
  std::map<std::string, Life> lives;
  follow(settings_for(orders), [&](const OwnedEvent& event, const json& data) {
    if (event.type == "OrderCreated") lives[event.subject].created = data;
    if (event.type == "PaymentProcessed") lives[event.subject].payment = data;
    if (event.type == "OrderStatusUpdated") lives[event.subject].updates.push_back(data);
  });
  return lives;
}

TEST(SimulatedOrders, AreAcceptedByTheOrderState) {
  testkit::StateKit state(testkit::state_table<order::OrderState>(), "{}");
  std::vector<OwnedEvent> events;
  const auto check = [&] {
    const auto reported = state.apply(std::exchange(events, {}));
    ASSERT_TRUE(reported.outcome.ok()) << reported.outcome.text;
    for (const auto& change : reported.changes) EXPECT_EQ(change.reason, "");
  };
  follow(settings_for(1'000), [&](const OwnedEvent& event, const json&) {
    if (event.type == "OrderCreated" || event.type == "PaymentProcessed" || event.type == "OrderStatusUpdated")
      events.push_back(event);
    if (events.size() == 500) check();
  });
  check();
  EXPECT_EQ(state.list("orders/all", "", 10'000).size(), 1'000u);
}

TEST(SimulatedOrders, EndInOneOfSoManyWays) {
  std::map<std::string, int> ends;
  for (const auto& [id, life] : lives(1'500)) ++ends[life.statuses()];
  EXPECT_GT(ends[" CONFIRMED PREPARING READY OUT_FOR_DELIVERY DELIVERED"], 1'200);
  EXPECT_GT(ends[" CANCELLED"], 0);
  EXPECT_GT(ends[" CONFIRMED CANCELLED"], 0);
  EXPECT_GT(ends[" CONFIRMED PREPARING CANCELLED"], 0);
  EXPECT_GT(ends[" CONFIRMED PREPARING READY OUT_FOR_DELIVERY FAILED"], 0);
  EXPECT_EQ(ends.size(), 5u);
}

TEST(SimulatedOrders, AreConfirmedWhenTheyArePaidAndElseCancelled) {
  int failed = 0;
  for (const auto& [id, life] : lives(500)) {
    EXPECT_EQ(life.payment["amount"], life.created["total"]);
    if (life.payment["status"] == "SUCCEEDED") {
      EXPECT_EQ(life.updates.front()["status"], "CONFIRMED") << id;
    } else {
      ++failed;
      EXPECT_EQ(json(life.updates).dump(), R"([{"reason":"payment failed","status":"CANCELLED"}])") << id;
    }
  }
  EXPECT_GT(failed, 0);
}

TEST(SimulatedOrders, GiveBackWhatWasPaidWhenTheyAreCancelledLater) {
  for (const auto& [id, life] : lives(500)) {
    const json& last = life.updates.back();
    if (last["status"] != "CANCELLED" || life.updates.size() == 1) continue;
    EXPECT_EQ(last["refund"], life.created["total"]) << id;
    EXPECT_NE(last["reason"].get<std::string>(), "");
  }
}

TEST(SimulatedOrders, HaveATotalThatIsTheSumOfTheirItems) {
  for (const auto& [id, life] : lives(500)) {
    std::int64_t cents = 0;
    for (const json& item : life.created["items"])
      cents += item["quantity"].get<int>() * std::lround(item["price"].get<double>() * 100);
    EXPECT_GT(cents, 0) << id;
    EXPECT_EQ(std::lround(life.created["total"].get<double>() * 100), cents) << id;
  }
}

TEST(SimulatedOrders, SayWhoBringsThemAndWhen) {
  for (const auto& [id, life] : lives(200)) {
    for (const json& update : life.updates) {
      if (update["status"] == "OUT_FOR_DELIVERY") {
        EXPECT_TRUE(parse_rfc3339(update["eta"].get<std::string>()));
      } else if (update["status"] == "DELIVERED") {
        EXPECT_TRUE(parse_rfc3339(update["actualArrival"].get<std::string>()));
      }
    }
  }
}

TEST(SimulatedOrders, AreTheFirstCustomersOftenAndFirst) {
  const auto all = lives(300);
  int of_first = 0;
  for (const auto& [id, life] : all) of_first += life.created["customerId"] == "c-1";
  EXPECT_EQ(all.at("o-7-1").created["customerId"], "c-1");
  EXPECT_GT(of_first, 30);
}

}  // namespace
}  // namespace statecast::simulator

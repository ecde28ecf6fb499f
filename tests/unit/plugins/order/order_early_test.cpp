// Events that come before their order: held, folded when it comes, given up when it does not.
#include <memory>
#include <set>
#include <sstream>

#include "order_fixture.hpp"

namespace statecast::order {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

class OrderEarly : public ::testing::Test {
 protected:
  static const sc_state& table() { return testkit::state_table<OrderState>(); }

  static testkit::OwnedEvent status(std::string order, std::string to, std::int64_t at = 0) {
    return event("OrderStatusUpdated", std::move(order), R"({"status":")" + to + R"("})", at);
  }
  static testkit::OwnedEvent payment(std::string order, std::int64_t at = 0) {
    return event("PaymentProcessed", std::move(order), R"({"paymentId":"p-1","status":"SUCCEEDED","amount":9})", at);
  }
  static testkit::OwnedEvent created(std::string order, std::int64_t at = 0) {
    return event("OrderCreated", std::move(order), plain(), at);
  }
  static testkit::OwnedEvent event(std::string type, std::string order, std::string data, std::int64_t at) {
    return {.type = std::move(type), .subject = std::move(order), .data = std::move(data), .time_us = kBegin + at};
  }

  testkit::Reported apply(std::vector<testkit::OwnedEvent> events) {
    auto reported = orders_.apply(std::move(events));
    for (const auto& change : reported.changes)
      if (!change.key.empty()) keys_.insert(change.key);
    return reported;
  }

  // What was reported, one line each, without what is only to be saved.
  static std::string told(const testkit::Reported& reported) {
    std::ostringstream out;
    for (const testkit::Change& change : reported.changes)
      if (change.what != "touched" && change.what != "removed") out << change << '\n';
    return std::move(out).str();
  }

  // The same State after a restart, as after_: it has what the reports so far say is to be saved.
  void restart(std::string_view settings = "{}") {
    auto again = std::make_unique<testkit::StateKit>(table(), settings);
    for (const std::string& key : keys_)
      if (const auto saved = orders_.save(key)) {
        EXPECT_EQ(again->load("1.0.0", key, *saved), testkit::Outcome{}) << key;
      }
    after_ = std::move(again);
  }
  testkit::Reported apply_after(std::vector<testkit::OwnedEvent> events) { return after_->apply(std::move(events)); }

  static std::string status_of(testkit::StateKit& orders, std::string_view order) {
    const std::string message = orders.render(order, "staff").value_or("none");
    const auto from = message.find(R"("status":")");
    return from == message.npos ? message : message.substr(from + 10, message.find('"', from + 10) - from - 10);
  }
  std::string status_of(std::string_view order) { return status_of(orders_, order); }
  double waiting(testkit::StateKit& orders) { return orders.host().metric("held_events"); }

  static constexpr std::int64_t kBegin = 1'700'000'000'000'000;
  static constexpr const char* kWaits =
      " does not exist yet: its OrderCreated is waited for, for 1m of the events' time at most (hold_early)\n";
  testkit::StateKit orders_{table(), "{}"};
  std::unique_ptr<testkit::StateKit> after_;
  std::set<std::string> keys_;
};

TEST_F(OrderEarly, AreHeldAndFoldedInTheirOrderWhenTheOrderIsCreated) {
  EXPECT_EQ(told(apply({status("o-1", "CONFIRMED"), payment("o-1"), status("o-1", "PREPARING")})),
            std::string("0: held at 1: order o-1") + kWaits + "1: held at 2: order o-1" + kWaits + "2: held at 3: order o-1" + kWaits);
  EXPECT_EQ(orders_.list("orders/all"), std::vector<std::string>{});
  EXPECT_EQ(waiting(orders_), 3);
  EXPECT_EQ(told(apply({created("o-1")})),
            "-: settled at 1\n-: settled at 2\n-: settled at 3\n0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
  EXPECT_EQ(status_of("o-1"), "PREPARING");
  EXPECT_EQ(waiting(orders_), 0);
}

TEST_F(OrderEarly, WaitAlsoWithinOneBatch) {
  EXPECT_EQ(told(apply({status("o-1", "CONFIRMED"), created("o-1"), status("o-1", "PREPARING")})),
            std::string("0: held at 1: order o-1") + kWaits +
                "-: settled at 1\n1: updated o-1 on orders/o-1 orders/all customers/c-1\n"
                "2: updated o-1 on orders/o-1 orders/all customers/c-1\n");
}

TEST_F(OrderEarly, ThatTheOrderDoesNotTakeAreRefusedWithTheUsualReason) {
  apply({status("o-1", "DELIVERED"), status("o-1", "CONFIRMED")});
  const auto reported = apply({created("o-1")});
  EXPECT_EQ(told(reported),
            "-: refused at 1: an order cannot go from PENDING to DELIVERED: from PENDING it can go to CONFIRMED, CANCELLED\n"
            "-: settled at 2\n0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
  EXPECT_EQ(status_of("o-1"), "CONFIRMED");
}

TEST_F(OrderEarly, OfTheSameContentAreNoChangeTheSecondTime) {
  apply({status("o-1", "CONFIRMED"), status("o-1", "CONFIRMED")});
  EXPECT_EQ(told(apply({created("o-1")})), "-: settled at 1\n-: settled at 2\n0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
}

TEST_F(OrderEarly, ThatEndTheOrderEndItsTopic) {
  apply({status("o-1", "CANCELLED")});
  EXPECT_EQ(told(apply({created("o-1")})),
            "-: settled at 1\n0: updated o-1 on orders/o-1 orders/all customers/c-1\n0: ended on orders/o-1\n");
}

TEST_F(OrderEarly, ThatNoOrderWouldTakeAreRejectedAtOnce) {
  const auto reason = [&](testkit::OwnedEvent event) { return told(orders_.apply({std::move(event)})); };
  EXPECT_EQ(reason(event("OrderStatusUpdated", "o-1", "{}", 0)), "0: rejected: data.status is missing\n");
  EXPECT_EQ(reason(event("OrderStatusUpdated", "o-1", R"({"status":"CONFIRMED","orderId":"o-2"})", 0)),
            "0: rejected: data.orderId must be the event's subject, or absent\n");
  EXPECT_EQ(reason(event("PaymentProcessed", "o-1", "{}", 0)), "0: rejected: data.paymentId is missing\n");
  EXPECT_EQ(reason(status("o-1", "LOST")).substr(0, 42), "0: rejected: data.status must be one of CA");
  EXPECT_EQ(reason(event("RunUpdated", "o-1", "{}", 0)), "0: rejected: order o-1 does not exist\n");
  EXPECT_EQ(waiting(orders_), 0);
}

TEST_F(OrderEarly, AreGivenUpWhenTheirTimeHasPassedInTheStream) {
  testkit::OwnedEvent early = status("o-1", "CONFIRMED");
  early.id = "e-early";
  early.extensions = R"({"traceparent":"00-1"})";
  apply({early});
  EXPECT_EQ(told(apply({created("o-2", 59 * kSecond)})), "0: updated o-2 on orders/o-2 orders/all customers/c-1\n");
  const auto reported = apply({created("o-3", 60 * kSecond)});
  EXPECT_EQ(told(reported), "0: updated o-3 on orders/o-3 orders/all customers/c-1\n"
                            "-: refused at 1: no OrderCreated of order o-1 came within 1m (hold_early)\n");
  early.position = {};
  for (const auto& change : reported.changes)
    if (change.what == "refused") {
      EXPECT_EQ(change.handed_back, early);
    }
  apply({created("o-1", 61 * kSecond)});
  EXPECT_EQ(status_of("o-1"), "PENDING") << "what was given up is not folded any more";
}

TEST_F(OrderEarly, AreFoldedThoughTheCreationItselfIsTheEventThatLetsTheTimePass) {
  apply({status("o-1", "CONFIRMED"), created("o-1", 120 * kSecond)});
  EXPECT_EQ(status_of("o-1"), "CONFIRMED");
}

TEST_F(OrderEarly, WaitTheirWholeTimeHoweverOldOrNewTheyAre) {
  apply({created("o-0"), status("o-1", "CONFIRMED", -1800 * kSecond), status("o-2", "CONFIRMED", 1800 * kSecond)});
  apply({created("o-3", 1801 * kSecond), created("o-2", 1801 * kSecond)});
  EXPECT_EQ(status_of("o-2"), "CONFIRMED");
  apply({status("o-4", "CONFIRMED", 1000 * kSecond), created("o-5", 1830 * kSecond), created("o-4", 900 * kSecond)});
  EXPECT_EQ(status_of("o-4"), "CONFIRMED");
}

TEST_F(OrderEarly, AreNotGivenUpBecauseOfOneEventOfAFarFuture) {
  apply({status("o-1", "CONFIRMED"), created("o-2", 86'400 * kSecond), created("o-1", kSecond)});
  EXPECT_EQ(status_of("o-1"), "CONFIRMED");
}

TEST_F(OrderEarly, ARejectedEventLetsNoTimePass) {
  apply({status("o-1", "CONFIRMED"), status("o-1", "LOST", 120 * kSecond), created("o-1", kSecond)});
  EXPECT_EQ(status_of("o-1"), "CONFIRMED");
}

// ---- bounds

TEST_F(OrderEarly, OfOneOrderBeyondItsBoundAreRejected) {
  for (std::size_t i = 0; i < EarlyEvents::kOfOneOrder; ++i) apply({status("o-1", "CONFIRMED")});
  EXPECT_EQ(told(apply({status("o-1", "CONFIRMED")})), "0: rejected: order o-1 does not exist, and 20 events wait for it already\n");
  EXPECT_EQ(told(apply({status("o-2", "CONFIRMED")})).substr(0, 7), "0: held");
}

TEST_F(OrderEarly, BeyondTheBoundOfAllTheOldestIsGivenUp) {
  testkit::StateKit orders(table(), R"({"max_early":2})");
  orders.apply({status("o-1", "CONFIRMED"), status("o-2", "CONFIRMED")});
  const auto reported = orders.apply({status("o-3", "CONFIRMED")});
  EXPECT_EQ(told(reported), std::string("0: held at 3: order o-3") + kWaits +
                                "-: refused at 1: no OrderCreated of order o-1 had come when more than 2 events waited for theirs "
                                "(max_early)\n");
  EXPECT_EQ(waiting(orders), 2);
  orders.apply({created("o-1"), created("o-2"), created("o-3")});
  EXPECT_EQ(status_of(orders, "o-1"), "PENDING");
  EXPECT_EQ(status_of(orders, "o-2"), "CONFIRMED");
  EXPECT_EQ(status_of(orders, "o-3"), "CONFIRMED");
}

TEST_F(OrderEarly, BeyondTheBoundInBytesTheOldestAreGivenUp) {
  const std::string large = R"({"status":"CONFIRMED","note":")" + std::string(60'000, 'x') + R"("})";
  std::size_t refused = 0;
  for (int i = 0; i < 150; ++i)
    for (const auto& change : apply({event("OrderStatusUpdated", "o-" + std::to_string(i), large, 0)}).changes)
      if (change.what == "refused") {
        EXPECT_EQ(change.reason, "no OrderCreated of order o-" + std::to_string(refused++) +
                                     " had come when events of more than 8 MiB waited for theirs");
      }
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(waiting(orders_), 150 - static_cast<double>(refused));
}

// ---- when nothing may be held

TEST_F(OrderEarly, AreRejectedWhenHoldingIsOff) {
  testkit::StateKit orders(table(), R"({"hold_early":0})");
  EXPECT_EQ(told(orders.apply({status("o-1", "CONFIRMED")})), "0: rejected: order o-1 does not exist\n");
}

TEST_F(OrderEarly, AreRejectedWhenAnOperatorRedeliversThem) {
  EXPECT_EQ(told(orders_.redeliver(status("o-1", "CONFIRMED"))), "0: rejected: order o-1 does not exist\n");
}

TEST_F(OrderEarly, AreRejectedByAHostFromBeforeThereWasAHold) {
  testkit::ChangeRecorder recorder;
  sc_changes older = *recorder.abi();
  older.size = offsetof(sc_changes, held);
  const auto early = status("o-1", "CONFIRMED");
  const sc_event event = detail::to_abi(early.view());
  const sc_event* const events[] = {&event};
  testkit::Collected err;
  EXPECT_EQ(table().apply(orders_.self(), events, 1, &older, err.abi()), SC_OK);
  ASSERT_EQ(recorder.changes.size(), 1u);
  EXPECT_EQ(recorder.changes[0].reason, "order o-1 does not exist");
}

// ---- restarts

TEST_F(OrderEarly, AreHeldOverARestartAndFoldedInTheirOrder) {
  apply({status("o-9", "CONFIRMED")});
  for (int i = 0; i < 10; ++i) apply({event("OrderStatusUpdated", "o-1", R"({"status":"CONFIRMED","n":)" + std::to_string(i) + "}", 0)});
  apply({status("o-1", "PREPARING")});
  restart();
  EXPECT_EQ(waiting(*after_), 12);
  apply_after({created("o-1")});
  EXPECT_EQ(status_of(*after_, "o-1"), "PREPARING");
  EXPECT_NE(after_->render("o-1", "staff")->find(R"("n":9)"), std::string::npos);
  apply_after({created("o-9")});
  EXPECT_EQ(status_of(*after_, "o-9"), "CONFIRMED");
}

TEST_F(OrderEarly, AreGivenUpAfterARestartAtTheEventAtWhichTheyWouldHaveBeenWithoutIt) {
  apply({created("o-0"), status("o-1", "CONFIRMED"), created("o-2", 30 * kSecond)});
  restart();
  EXPECT_EQ(told(apply_after({created("o-3", 59 * kSecond)})), "0: updated o-3 on orders/o-3 orders/all customers/c-1\n");
  EXPECT_EQ(told(apply_after({created("o-4", 60 * kSecond)})),
            "0: updated o-4 on orders/o-4 orders/all customers/c-1\n"
            "-: refused at 2: no OrderCreated of order o-1 came within 1m (hold_early)\n");
}

TEST_F(OrderEarly, ThatAreSettledAreNotSavedAnyMore) {
  apply({status("o-1", "CONFIRMED"), created("o-1")});
  EXPECT_EQ(orders_.save("/early/1"), std::nullopt);
  restart();
  EXPECT_EQ(waiting(*after_), 0);
}

TEST_F(OrderEarly, ThatWereHeldAreGivenUpWhenHoldingIsTurnedOff) {
  apply({status("o-1", "CONFIRMED")});
  restart(R"({"hold_early":0})");
  EXPECT_EQ(told(apply_after({created("o-2")})),
            "0: updated o-2 on orders/o-2 orders/all customers/c-1\n"
            "-: refused at 1: no OrderCreated of order o-1 had come when hold_early was set to 0s\n");
}

TEST_F(OrderEarly, BytesOfAnotherFormAreRefused) {
  for (const char* key : {"/clock", "/early/1"})
    EXPECT_EQ(orders_.load("1.0.0", key, "{}"),
              (testkit::Outcome{SC_REJECTED, "what was saved as '" + std::string(key) + "' is of another form"}));
  for (const char* key : {"/", "/early/", "/early/x", "/early/1x"})
    EXPECT_EQ(orders_.load("1.0.0", key, "{}"),
              (testkit::Outcome{SC_REJECTED, "what was saved as '" + std::string(key) + "' is no event that is held"}));
}

TEST_F(OrderEarly, AReplayComesToTheSame) {
  std::vector<testkit::OwnedEvent> events;
  for (int i = 0; i < 200; ++i) {
    const std::string order = "o-" + std::to_string(i * 7 % 50);
    events.push_back(i % 5 == 4 ? created(order, i * kSecond) : status(order, i % 2 == 0 ? "CONFIRMED" : "PREPARING", i * kSecond));
  }
  const auto whole = apply(events);
  testkit::StateKit again(table(), "{}");
  std::vector<testkit::Change> one_by_one;
  for (const auto& event : events)
    for (auto& change : again.apply({event}).changes) one_by_one.push_back(std::move(change));
  ASSERT_EQ(whole.changes.size(), one_by_one.size());
  for (std::size_t i = 0; i < one_by_one.size(); ++i) {
    one_by_one[i].event = whole.changes[i].event;  // in batches of one each is the first
    EXPECT_EQ(whole.changes[i], one_by_one[i]);
  }
}

}  // namespace
}  // namespace statecast::order

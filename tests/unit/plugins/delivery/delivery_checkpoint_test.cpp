#include "delivery_fixture.hpp"

namespace statecast::delivery {
namespace {

using testkit::Outcome;

class DeliveryCheckpoint : public DeliveryTest {
 protected:
  Outcome load(std::string_view key, std::string_view bytes) { return again_.load("1.0.0", key, bytes); }

  // Loads every key into the other instance, and checks that it would save the same.
  void restart(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) EXPECT_EQ(load(key, state_.save(key).value()), Outcome{}) << key;
    for (const std::string& key : keys) EXPECT_EQ(again_.save(key), state_.save(key)) << key;
  }
  bool customer_sees(const std::string& driver) {
    return again_.admit(claims_of("customer", "c-1"), "drivers/" + driver).ok();
  }
  std::string then(std::string type, std::string subject, std::string data) {
    return again_.apply({{.type = std::move(type), .subject = std::move(subject), .data = std::move(data)}}).text();
  }
  static Outcome refused(std::string why) { return {SC_REJECTED, std::move(why)}; }

  testkit::StateKit again_{table(), "{}"};
};

TEST_F(DeliveryCheckpoint, RunsAndDriversAreTheSameAfterARestart) {
  run(R"({"status":"IN_PROGRESS","stops":[{"completed":true}],"note":"ü","driverId":"d-1"})");
  move(R"({"latitude":1.50,"longitude":-2e0,"vehicle":{"no": 7}})");
  restart({"runs/r-1", "drivers/d-1"});
  for (const char* key : {"runs/r-1", "drivers/d-1"}) EXPECT_EQ(again_.render(key, "everything"), shown(key)) << key;
  EXPECT_EQ(again_.list("runs/all"), std::vector<std::string>{"runs/r-1"});
  EXPECT_EQ(again_.list("drivers/all"), std::vector<std::string>{"drivers/d-1"});
  EXPECT_EQ(again_.admit(claims_of("driver", "d-1"), "runs/r-1"), (Outcome{SC_OK, "driver:d-1"}));
}

TEST_F(DeliveryCheckpoint, AStaleDriverStaysStaleAndIsNotMarkedAgain) {
  move();
  state_.refresh(kStart + 61 * kSecond);
  restart({"drivers/d-1"});
  EXPECT_EQ(again_.render("drivers/d-1", "everything"), shown("drivers/d-1"));
  EXPECT_EQ(again_.refresh(kStart + 62 * kSecond).text(), "");
}

TEST_F(DeliveryCheckpoint, ADriverFromTheFutureIsKeptNoLongerForARestart) {
  move(kHere, "d-1", kStart + 1000 * 86'400 * kSecond);
  state_.refresh(kStart);
  restart({"drivers/d-1"});
  EXPECT_EQ(again_.render("drivers/d-1", "everything"), shown("drivers/d-1"));
  EXPECT_EQ(again_.refresh(kStart + 86'401 * kSecond).text(), "-: removed drivers/d-1 on drivers/d-1 drivers/all\n");
}

TEST_F(DeliveryCheckpoint, ADriverInTheFormBeforeIsTaken) {
  move();
  const std::string time = std::to_string(kStart) + " ", saved = state_.save("drivers/d-1").value();
  const std::string before = "1 " + time + saved.substr(2 + 2 * time.size());
  ASSERT_TRUE(again_.load("1.0.0", "drivers/d-1", before).ok());
  EXPECT_EQ(again_.save("drivers/d-1"), saved);
}

TEST_F(DeliveryCheckpoint, AnEndedRunStaysEndedAndIsForgottenWhenItsTimeComes) {
  run(R"({"status":"COMPLETED"})");
  restart({"runs/r-1"});
  EXPECT_EQ(then("RunUpdated", "r-1", R"({"status":"PLANNED"})"),
            "0: rejected: the run has ended with status COMPLETED: nothing of it can change any more\n");
  EXPECT_EQ(again_.refresh(kStart + 86'401 * kSecond).text(),
            "-: removed runs/r-1 on runs/r-1 runs/all\n");
}

TEST_F(DeliveryCheckpoint, WhoSeesWhomIsTheSameWhateverIsLoadedFirst) {
  create("o-1", "c-1");
  order("o-1", "OUT_FOR_DELIVERY");
  run(R"({"status":"IN_PROGRESS","driverId":"d-1","orderIds":["o-0","o-1"]})");
  restart({"orders/o-1", "runs/r-1"});
  EXPECT_TRUE(customer_sees("d-1"));
  testkit::StateKit third(table(), "{}");
  for (const char* key : {"runs/r-1", "orders/o-1"}) third.load("1.0.0", key, again_.save(key).value());
  EXPECT_TRUE(third.admit(claims_of("customer", "c-1"), "drivers/d-1").ok());
  EXPECT_EQ(then("OrderStatusUpdated", "o-1", R"({"status":"DELIVERED"})"),
            "0: touched orders/o-1\n0: updated partings/customer:c-1/drivers/d-1 on drivers/d-1\n");
}

TEST_F(DeliveryCheckpoint, AnOrdersOwnDriverIsKept) {
  send("o-1", "c-1", "d-1");
  restart({"orders/o-1"});
  EXPECT_TRUE(customer_sees("d-1"));
}

TEST_F(DeliveryCheckpoint, WhichRunCarriesAnOrderIsKept) {
  create("o-1", "c-1");
  order("o-1", "OUT_FOR_DELIVERY");
  run(R"({"status":"IN_PROGRESS","driverId":"d-1","orderIds":["o-1"]})", "r-1");
  run(R"({"status":"IN_PROGRESS","driverId":"d-2","orderIds":["o-1"]})", "r-0");
  restart({"runs/r-0", "runs/r-1", "orders/o-1"});
  then("RunUpdated", "r-1", R"({"eta":"15:00"})");
  EXPECT_FALSE(customer_sees("d-1"));
  EXPECT_TRUE(customer_sees("d-2"));
}

TEST_F(DeliveryCheckpoint, TheSavedBytesStayAsTheyAre) {
  create("o-1", "c-1");
  order("o-1", "OUT_FOR_DELIVERY", R"(,"driverId":"d-1")");
  create("o-2", "c-2");
  run(R"({"status":"CANCELLED"})", "r-1");
  run(R"({"status":"PLANNED","orderIds":["o-1"]})", "r-2");
  move();
  EXPECT_EQ(state_.save("orders/o-1"),
            R"({"form":1,"customerId":"c-1","tracked":true,"at":1703082900000000,"driverId":"d-1"})");
  EXPECT_EQ(state_.save("orders/o-2"), R"({"form":1,"customerId":"c-2","tracked":false,"at":1703082900000000})");
  EXPECT_EQ(state_.save("runs/r-1"), R"({"form":1,"at":1703082900000000,"ended":1703082900000000,"data":{"status":"CANCELLED"}})");
  EXPECT_EQ(state_.save("runs/r-2"),
            R"({"form":1,"at":1703082900000000,"carried":["o-1"],"data":{"status":"PLANNED","orderIds":["o-1"]}})");
  EXPECT_EQ(state_.save("drivers/d-1"), "2 1703082900000000 1703082900000000 0 " + std::string(kHere));
}

TEST_F(DeliveryCheckpoint, NothingIsSavedOfWhatIsNot) {
  for (const char* key : {"runs/r-1", "drivers/d-1", "orders/o-1", "partings/driver:d-1/runs/r-1", "x", ""})
    EXPECT_EQ(state_.save(key), std::nullopt) << key;
}

TEST_F(DeliveryCheckpoint, BytesOfAnotherFormAreRefused) {
  const auto other_form = [](const std::string& what) { return refused(what + " was saved in another form"); };
  for (const char* bytes : {"", "7", "{}", "[1", R"({"form":1})", R"({"form":2,"data":{"status":"PLANNED"}})",
                            R"({"form":1,"ended":"x","data":{"status":"PLANNED"}})"})
    EXPECT_EQ(load("runs/r-1", bytes), other_form("a run")) << bytes;
  EXPECT_EQ(load("runs/r-1", R"({"form":1,"data":{}})"), refused("data.status is missing"));
  for (const char* bytes : {"", "7", "{}", R"({"form":2,"customerId":"c-1","tracked":true,"at":1})",
                            R"({"form":1,"customerId":"c-1","tracked":1,"at":1})"})
    EXPECT_EQ(load("orders/o-1", bytes), other_form("an order")) << bytes;
  for (const char* bytes : {"", "1", "1 ", "1 2", "1 2 ", "2 3 0 {}", "1 x 0 {}", "{}", "1 99999999999999999999 0 {}"})
    EXPECT_EQ(load("drivers/d-1", bytes), other_form("a driver")) << bytes;
  EXPECT_EQ(load("drivers/d-1", "1 2 0 {}"), refused("data.latitude is missing"));
  EXPECT_EQ(again_.list("runs/all"), std::vector<std::string>{});
  EXPECT_EQ(again_.list("drivers/all"), std::vector<std::string>{});
}

TEST_F(DeliveryCheckpoint, AKeyThatIsNoneOrCameBeforeIsRefused) {
  for (const std::string key : {"r-1", "runs/", "runs/r 1", "partings/x", "drivers/a/b", ""})
    EXPECT_EQ(load(key, "{}"), refused("what was saved as '" + key + "' is no run, no driver and no order"));
  run(R"({"status":"PLANNED"})");
  move();
  create("o-1", "c-1");
  restart({"runs/r-1", "drivers/d-1", "orders/o-1"});
  EXPECT_EQ(load("runs/r-1", state_.save("runs/r-1").value()), refused("run r-1 was saved twice"));
  EXPECT_EQ(load("drivers/d-1", state_.save("drivers/d-1").value()), refused("driver d-1 was saved twice"));
  EXPECT_EQ(load("orders/o-1", state_.save("orders/o-1").value()), refused("order o-1 was saved twice"));
}

}  // namespace
}  // namespace statecast::delivery

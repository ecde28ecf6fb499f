#include "order_fixture.hpp"

namespace statecast::order {
namespace {

class OrderCheckpoint : public OrderTest {
 protected:
  testkit::Outcome load(std::string_view key, std::string_view bytes) { return again_.load("1.0.0", key, bytes); }

  testkit::StateKit again_{table(), kNoHold};
};

TEST_F(OrderCheckpoint, AnOrderIsTheSameAfterARestart) {
  create("o-1", created_with(R"({"z":1,"a":"ü"})"));
  update(R"({"status":"CONFIRMED","internalNote":"n"})");
  const std::string saved = orders_.save("o-1").value();
  ASSERT_EQ(load("o-1", saved), testkit::Outcome{});
  for (const char* view : {"staff", "customer"}) EXPECT_EQ(again_.render("o-1", view), orders_.render("o-1", view));
  EXPECT_EQ(again_.save("o-1"), saved);
  EXPECT_EQ(again_.list("orders/all"), std::vector<std::string>{"o-1"});
  EXPECT_EQ(again_.list("customers/c-1"), std::vector<std::string>{"o-1"});
  EXPECT_EQ(again_.admit(kCustomerClaims, "orders/o-1"), (testkit::Outcome{SC_OK, "customer"}));
}

TEST_F(OrderCheckpoint, AnOrderGoesOnAfterARestart) {
  create();
  update(R"({"status":"CONFIRMED"})");
  load("o-1", orders_.save("o-1").value());
  const auto reported =
      again_.apply({{.type = "OrderCreated", .subject = "o-1", .data = std::string(kCreated)},
                    {.type = "OrderCreated", .subject = "o-1", .data = created_with(R"({"total":1})")},
                    {.type = "OrderStatusUpdated", .subject = "o-1", .data = R"({"status":"READY"})"},
                    {.type = "OrderStatusUpdated", .subject = "o-1", .data = R"({"status":"PREPARING"})"}});
  EXPECT_EQ(
      reported.text(),
      "1: rejected: order o-1 already exists, created with other data\n"
      "2: rejected: an order cannot go from CONFIRMED to READY: from CONFIRMED it can go to PREPARING, CANCELLED\n"
      "3: updated o-1 on orders/o-1 orders/all customers/c-1\n");
}

TEST_F(OrderCheckpoint, TheSavedBytesStayAsTheyAre) {
  create("o-1", plain());
  EXPECT_EQ(orders_.save("o-1"), R"({"created":1477870888399035417,"at":1700000000000000,"data":)" + shown("PENDING") + "}");
}

TEST_F(OrderCheckpoint, NothingIsSavedOfAnOrderThatIsNot) { EXPECT_EQ(orders_.save("o-1"), std::nullopt); }

TEST_F(OrderCheckpoint, BytesOfAnotherFormAreRefused) {
  const auto refused = [](std::string why) { return testkit::Outcome{SC_REJECTED, std::move(why)}; };
  const std::string data = shown("PENDING");
  for (const std::string& bytes : {std::string(), std::string("7"), std::string("{}"), R"({"data":)" + data + "}",
                                   R"({"created":"1","data":)" + data + "}"})
    EXPECT_EQ(load("o-1", bytes), refused("an order was saved in another form")) << bytes;
  EXPECT_EQ(load("o-1", R"({"created":1,"data":{}})"), refused("data.customerId is missing"));
  EXPECT_EQ(load("o-1", R"({"created":1,"data":)" + plain() + "}"), refused("data.status is missing"));
  EXPECT_EQ(again_.list("orders/all"), std::vector<std::string>{});
}

TEST_F(OrderCheckpoint, AKeyThatIsNoIdOrCameBeforeIsRefused) {
  create();
  const std::string saved = orders_.save("o-1").value();
  EXPECT_EQ(load("o 1", saved),
            (testkit::Outcome{SC_REJECTED, "what was saved as 'o 1' is no order: its key is no id"}));
  ASSERT_TRUE(load("o-1", saved).ok());
  EXPECT_EQ(load("o-1", saved), (testkit::Outcome{SC_REJECTED, "order o-1 was saved twice"}));
}

}  // namespace
}  // namespace statecast::order

#include "order_fixture.hpp"

namespace statecast::order {
namespace {

using Keys = std::vector<std::string>;

constexpr const char* kNoRole = "orders are shown to the roles customer, staff and admin only";
constexpr const char* kNoTopic = "no such topic: there are orders/<id>, orders/all and customers/<id>";

class OrderClients : public OrderTest {
 protected:
  void create_for(const std::string& order, const std::string& customer) {
    create(order, R"({"customerId":")" + customer + R"(","merchantId":"m-1","items":[],"total":0})");
  }
  static testkit::Outcome as(std::string_view view) { return {SC_OK, std::string(view)}; }
  static testkit::Outcome denied(std::string why) { return {SC_DENIED, std::move(why)}; }
};

// ---- views

TEST_F(OrderClients, StaffSeeWhatIsForStaffOnlyAndCustomersDoNot) {
  create_for("o-1", "c-1");
  update(R"({"status":"CONFIRMED","internalNote":"ring twice","eta":"12:10"})");
  EXPECT_EQ(data(OrderState::kStaff), shown("CONFIRMED", R"(,"internalNote":"ring twice","eta":"12:10")"));
  EXPECT_EQ(data(OrderState::kCustomer), shown("CONFIRMED", R"(,"eta":"12:10")"));
}

TEST_F(OrderClients, WhatIsForStaffOnlyIsASettingAndMeansTheTopMembers) {
  testkit::StateKit orders(table(), R"({"staff_only":["margin","rating"]})");
  orders.apply({{.type = "OrderCreated",
                 .subject = "o-1",
                 .data = plain(R"(,"margin":3,"internalNote":"n","more":{"margin":4})")}});
  EXPECT_EQ(orders.render("o-1", "customer"), R"({"type":"order_update","orderId":"o-1","data":)" +
                                                  shown("PENDING", R"(,"internalNote":"n","more":{"margin":4})") + "}");
}

TEST_F(OrderClients, AMemberIsHiddenWhateverCharactersItsNameHas) {
  testkit::StateKit orders(table(), R"({"staff_only":["a \"note\"","größe"]})");
  const std::string hidden = R"(,"a \"note\"":1,"größe":2)";
  orders.apply({{.type = "OrderCreated", .subject = "o-1", .data = plain(hidden + R"(,"note":3)")}});
  EXPECT_EQ(orders.render("o-1", "customer"),
            R"({"type":"order_update","orderId":"o-1","data":)" + shown("PENDING", R"(,"note":3)") + "}");
}

TEST_F(OrderClients, ThereIsNothingToRenderForAnOrderOrAViewThatIsNot) {
  create_for("o-1", "c-1");
  EXPECT_EQ(orders_.render("o-2", "staff"), std::nullopt);
  EXPECT_EQ(orders_.render("o-1", "driver"), std::nullopt);
}

// ---- admission

TEST_F(OrderClients, StaffAndAdminSeeEveryTopicWhetherThereIsSuchAnOrderOrNot) {
  for (const char* claims : {kStaffClaims, R"({"sub":"a-1","roles":["admin"]})", R"({"roles":["customer","staff"]})"})
    for (const char* topic : {"orders/o-1", "orders/all", "customers/c-1", "customers/c-2"})
      EXPECT_EQ(orders_.admit(claims, topic), as(OrderState::kStaff)) << claims << topic;
}

TEST_F(OrderClients, ACustomerSeesItsOwnOrders) {
  create_for("o-1", "c-1");
  EXPECT_EQ(orders_.admit(kCustomerClaims, "orders/o-1"), as(OrderState::kCustomer));
  EXPECT_EQ(orders_.admit(kCustomerClaims, "customers/c-1"), as(OrderState::kCustomer));
}

TEST_F(OrderClients, AnothersOrderAndOneThatDoesNotExistAreDeniedInTheSameWords) {
  create_for("o-8", "c-2");
  EXPECT_EQ(orders_.admit(kCustomerClaims, "orders/o-8"), denied("order o-8 is not yours or does not exist"));
  EXPECT_EQ(orders_.admit(kCustomerClaims, "orders/o-9"), denied("order o-9 is not yours or does not exist"));
}

TEST_F(OrderClients, ACustomerIsDeniedAllOrdersAndThoseOfOthers) {
  EXPECT_EQ(orders_.admit(kCustomerClaims, "orders/all"),
            denied("orders/all is shown to the roles staff and admin only"));
  EXPECT_EQ(orders_.admit(kCustomerClaims, "customers/c-2"), denied("the orders of customer c-2 are not yours"));
}

TEST_F(OrderClients, WithoutARoleThatSeesOrdersEveryTopicIsDenied) {
  create_for("o-1", "c-1");
  for (const char* claims :
       {"{}", R"({"sub":"c-1"})", R"({"sub":"c-1","roles":[]})", R"({"sub":"c-1","roles":["merchant","service"]})",
        R"({"sub":"c-1","roles":"customer"})", R"({"sub":"c-1","roles":[7]})", "[]", ""})
    for (const char* topic : {"orders/o-1", "orders/all", "customers/c-1"})
      EXPECT_EQ(orders_.admit(claims, topic), denied(kNoRole)) << claims << topic;
}

TEST_F(OrderClients, ACustomerWithoutAnIdentityOwnsNothing) {
  create_for("o-1", "c-1");
  for (const char* claims :
       {R"({"roles":["customer"]})", R"({"sub":1,"roles":["customer"]})", R"({"sub":"","roles":["customer"]})"}) {
    EXPECT_EQ(orders_.admit(claims, "orders/o-1"), denied("order o-1 is not yours or does not exist"));
    EXPECT_EQ(orders_.admit(claims, "customers/c-1"), denied("the orders of customer c-1 are not yours"));
  }
}

TEST_F(OrderClients, WhatIsNoTopicOfThisStateIsUnknownToEverybody) {
  for (const char* topic :
       {"", "orders", "orders/", "orders/o 1", "orders/o/1", "customers/", "customers/ä", "runs/r-1", "Orders/o-1"})
    for (const char* claims : {kStaffClaims, kCustomerClaims, "{}"})
      EXPECT_EQ(orders_.admit(claims, topic), (testkit::Outcome{SC_UNKNOWN, kNoTopic})) << topic;
}

// ---- snapshots

TEST_F(OrderClients, AllOrdersAreListedInByteOrderPageByPage) {
  for (const char* order : {"o-2", "o-10", "O-1", "o-1", "a:1"}) create_for(order, "c-1");
  EXPECT_EQ(orders_.list("orders/all"), (Keys{"O-1", "a:1", "o-1", "o-10", "o-2"}));
  EXPECT_EQ(orders_.list("orders/all", "", 2), (Keys{"O-1", "a:1"}));
  EXPECT_EQ(orders_.list("orders/all", "a:1", 2), (Keys{"o-1", "o-10"}));
  EXPECT_EQ(orders_.list("orders/all", "o-10", 2), (Keys{"o-2"}));
  EXPECT_EQ(orders_.list("orders/all", "o-2", 2), (Keys{}));
  EXPECT_EQ(orders_.list("orders/all", "b", 1), (Keys{"o-1"}));
  EXPECT_EQ(orders_.list("orders/all", "", 0), (Keys{}));
}

TEST_F(OrderClients, ACustomersOrdersAreListedInByteOrderPageByPage) {
  create_for("o-3", "c-1");
  create_for("o-1", "c-1");
  create_for("o-2", "c-10");
  create_for("o-4", "c-0");
  create_for("o-5", "c-1");
  EXPECT_EQ(orders_.list("customers/c-1"), (Keys{"o-1", "o-3", "o-5"}));
  EXPECT_EQ(orders_.list("customers/c-1", "", 2), (Keys{"o-1", "o-3"}));
  EXPECT_EQ(orders_.list("customers/c-1", "o-3", 2), (Keys{"o-5"}));
  EXPECT_EQ(orders_.list("customers/c-1", "o-5", 2), (Keys{}));
  EXPECT_EQ(orders_.list("customers/c-10"), (Keys{"o-2"}));
  EXPECT_EQ(orders_.list("customers/c-9"), (Keys{}));
}

TEST_F(OrderClients, AnOrdersTopicListsThatOrder) {
  create_for("o-1", "c-1");
  EXPECT_EQ(orders_.list("orders/o-1"), (Keys{"o-1"}));
  EXPECT_EQ(orders_.list("orders/o-1", "o-0"), (Keys{"o-1"}));
  EXPECT_EQ(orders_.list("orders/o-1", "o-1"), (Keys{}));
  EXPECT_EQ(orders_.list("orders/o-1", "", 0), (Keys{}));
  EXPECT_EQ(orders_.list("orders/o-2"), (Keys{}));
  EXPECT_EQ(orders_.list("runs/o-1"), (Keys{}));
}

}  // namespace
}  // namespace statecast::order

#include <nlohmann/json.hpp>

#include "order_fixture.hpp"

namespace statecast::order {

std::string created_with(std::string_view patch) {
  Json fields = Json::parse(kCreated);
  const Json changes = Json::parse(patch);
  for (const auto& [name, value] : changes.items()) {
    if (value.is_null())
      fields.erase(name);
    else
      fields[name] = value;
  }
  return fields.dump();
}

namespace {

const std::string kPaid = R"({"paymentId":"p-1","status":"SUCCEEDED","amount":9})";

class OrderEvents : public OrderTest {
 protected:
  std::string refused_creation(std::string_view data) {
    const std::string why = refusal(create("o-1", data));
    EXPECT_EQ(orders_.render("o-1", OrderState::kStaff), std::nullopt);
    return why;
  }
  std::string refused_item(const std::string& item) {
    return refused_creation(
        created_with(R"({"items":[{"menuItemId":"i-1","name":"Soup","quantity":1,"price":1},)" + item + "]}"));
  }
  // On o-1, which is there.
  std::string refused_update(std::string fields) {
    return unchanged([&] { return update(std::move(fields)); });
  }
  std::string refused_payment(std::string fields) {
    return unchanged([&] { return pay(std::move(fields)); });
  }

 private:
  template <class Call>
  std::string unchanged(Call&& call) {
    if (!orders_.render("o-1", OrderState::kStaff)) create();
    const std::string before = data();
    const std::string why = refusal(call());
    EXPECT_EQ(data(), before);
    return why;
  }
};

// ---- OrderCreated

TEST_F(OrderEvents, ACreationIsReportedOnTheTopicsOfTheOrderOfAllAndOfItsCustomer) {
  EXPECT_EQ(create().text(), "0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
}

TEST_F(OrderEvents, ANewOrderIsRenderedAsTheSeedsJsonWithItsStatusFirst) {
  create("o-17");
  EXPECT_EQ(
      orders_.render("o-17", OrderState::kStaff),
      R"({"type":"order_update","orderId":"o-17","data":{"status":"PENDING","customerId":"c-1","merchantId":"m-1",)"
      R"("items":[{"menuItemId":"i-1","name":"Soup","quantity":2,"price":4.5}],"total":9}})");
}

TEST_F(OrderEvents, APlatformsOwnFieldsPassThroughAndItsNullsDoNot) {
  create("o-1", plain(R"(,"tip":null,"table":{"no":4,"seat":null},"name":"Zoë \" \n")"));
  EXPECT_EQ(data(), shown("PENDING", R"(,"table":{"no":4},"name":"Zoë \" \n")"));
}

TEST_F(OrderEvents, TheInitialStatusAndTheOrdersOwnIdMayBeGivenAtCreation) {
  create("o-1", R"({"orderId":"o-1","customerId":"c-1","merchantId":"m-1","items":[],"total":0,"status":"PENDING"})");
  EXPECT_EQ(data(),
            R"({"status":"PENDING","orderId":"o-1","customerId":"c-1","merchantId":"m-1","items":[],"total":0})");
}

TEST_F(OrderEvents, ARepeatedCreationIsNoChangeEvenAfterTheOrderMovedOn) {
  create();
  update(R"({"status":"CONFIRMED","note":"call"})");
  const std::string before = data();
  EXPECT_EQ(create().text(), "");
  EXPECT_EQ(data(), before);
}

TEST_F(OrderEvents, ACreationIsTheSameInWhateverOrderItsMembersStand) {
  create("o-1", R"({"customerId":"c-1","merchantId":"m-1","items":[],"total":1})");
  EXPECT_EQ(create("o-1", R"({"total":1,"items":[],"merchantId":"m-1","customerId":"c-1"})").text(), "");
}

TEST_F(OrderEvents, ASecondCreationWithOtherDataIsRejected) {
  create();
  const std::string before = data();
  EXPECT_EQ(refusal(create("o-1", created_with(R"({"tip":1})"))), "order o-1 already exists, created with other data");
  EXPECT_EQ(data(), before);
}

TEST_F(OrderEvents, ACreationWithoutARequiredFieldIsRejected) {
  EXPECT_EQ(refused_creation(created_with(R"({"customerId":null})")), "data.customerId is missing");
  EXPECT_EQ(refused_creation(created_with(R"({"merchantId":null})")), "data.merchantId is missing");
  EXPECT_EQ(refused_creation(created_with(R"({"items":null})")), "data.items is missing");
  EXPECT_EQ(refused_creation(created_with(R"({"total":null})")), "data.total is missing");
}

TEST_F(OrderEvents, ANullForARequiredFieldIsRejected) {
  EXPECT_EQ(refused_creation(R"({"customerId":null})"), "data.customerId must not be null");
  EXPECT_EQ(refused_creation(R"({"customerId":"c-1","merchantId":null})"), "data.merchantId must not be null");
  EXPECT_EQ(refused_creation(R"({"customerId":"c-1","merchantId":"m-1","items":null})"), "data.items must not be null");
  EXPECT_EQ(refused_creation(R"({"customerId":"c-1","merchantId":"m-1","items":[],"total":null})"),
            "data.total must not be null");
}

TEST_F(OrderEvents, ACreationWithAFieldOfAnotherTypeIsRejected) {
  const std::string rule = " must be an id: 1 to 128 characters of A-Z a-z 0-9 . _ - :";
  EXPECT_EQ(refused_creation(created_with(R"({"customerId":"c 1"})")), "data.customerId" + rule);
  EXPECT_EQ(refused_creation(created_with(R"({"customerId":""})")), "data.customerId" + rule);
  EXPECT_EQ(refused_creation(created_with(R"({"customerId":"c/1"})")), "data.customerId" + rule);
  EXPECT_EQ(refused_creation(created_with(R"({"merchantId":7})")), "data.merchantId" + rule);
  EXPECT_EQ(refused_creation(created_with(R"({"items":{}})")), "data.items must be a list");
  EXPECT_EQ(refused_creation(created_with(R"({"total":"9"})")), "data.total must be a number of at least 0");
  EXPECT_EQ(refused_creation(created_with(R"({"total":-0.01})")), "data.total must be a number of at least 0");
}

TEST_F(OrderEvents, AnItemThatIsWrongIsRejectedByItsPlace) {
  EXPECT_EQ(refused_item(R"("soup")"), "data.items[1] must be an object");
  EXPECT_EQ(refused_item("{}"), "data.items[1].menuItemId is missing");
  EXPECT_EQ(refused_item(R"({"menuItemId":null})"), "data.items[1].menuItemId must not be null");
  EXPECT_EQ(refused_item(R"({"menuItemId":"ä"})"),
            "data.items[1].menuItemId must be an id: 1 to 128 characters of A-Z a-z 0-9 . _ - :");
  EXPECT_EQ(refused_item(R"({"menuItemId":"i","name":5})"), "data.items[1].name must be text");
  const std::string rule = "data.items[1].quantity must be a whole number of at least 1";
  EXPECT_EQ(refused_item(R"({"menuItemId":"i","name":"","quantity":0})"), rule);
  EXPECT_EQ(refused_item(R"({"menuItemId":"i","name":"","quantity":-3})"), rule);
  EXPECT_EQ(refused_item(R"({"menuItemId":"i","name":"","quantity":1.5})"), rule);
  EXPECT_EQ(refused_item(R"({"menuItemId":"i","name":"","quantity":true})"), rule);
  EXPECT_EQ(refused_item(R"({"menuItemId":"i","name":"","quantity":1,"price":-1})"),
            "data.items[1].price must be a number of at least 0");
}

TEST_F(OrderEvents, ACreationInAnotherStatusThanTheInitialOneIsRejected) {
  const std::string rule = "data.status must be PENDING in OrderCreated, or absent";
  EXPECT_EQ(refused_creation(plain(R"(,"status":"READY")")), rule);
  EXPECT_EQ(refused_creation(plain(R"(,"status":null)")), rule);
}

TEST_F(OrderEvents, ACreationThatIsRejectedLeavesTheOrderToBeCreated) {
  refused_creation("{}");
  EXPECT_EQ(create().text(), "0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
}

// ---- every event

TEST_F(OrderEvents, ASubjectThatIsNoOrderIdIsRejected) {
  const std::string rule = "the subject must be the order's id: 1 to 128 characters of A-Z a-z 0-9 . _ - :";
  for (const std::string& subject :
       {std::string(), std::string("o 1"), std::string("o/1"), std::string(129, 'o'), std::string("ö")})
    EXPECT_EQ(refusal(create(subject)), rule) << subject;
  EXPECT_EQ(refusal(create("all")), "no order can have the id 'all': orders/all is the topic of all orders");
}

TEST_F(OrderEvents, AnIdMayHave128CharactersAndAllMarks) {
  const std::string longest = "A.z_0-9:" + std::string(120, 'o');
  EXPECT_EQ(create(longest).changes.at(0).what, "updated");
}

TEST_F(OrderEvents, DataThatIsNoReadableObjectIsRejected) {
  EXPECT_EQ(refused_creation("null"), "data must be an object");
  EXPECT_EQ(refused_creation("[1]"), "data must be an object");
  EXPECT_EQ(refused_creation(R"({"total":1e999})"), "data is no JSON that can be read");
}

TEST_F(OrderEvents, DataThatIsTooLargeOrTooDeepIsRejected) {
  EXPECT_EQ(refused_creation(created_with(R"({"note":")" + std::string(64 * 1024, 'x') + R"("})")),
            "data is larger than 64 KiB");
  const std::string deep = std::string(20'000, '[') + std::string(20'000, ']');
  EXPECT_EQ(refused_creation(R"({"note":)" + deep + "}"), "data is nested more than 64 deep");
}

TEST_F(OrderEvents, AnOrderThatWouldBecomeTooLargeIsLeftAsItIs) {
  const std::string half(40 * 1024, 'x');
  create("o-1", created_with(R"({"note":")" + half + R"("})"));
  EXPECT_EQ(refused_update(R"({"status":"PENDING","more":")" + half + R"("})"),
            "the order would become larger than 64 KiB");
}

TEST_F(OrderEvents, AnOrderIdInTheDataMustBeTheSubject) {
  const std::string rule = "data.orderId must be the event's subject, or absent";
  EXPECT_EQ(refused_creation(created_with(R"({"orderId":"o-2"})")), rule);
  EXPECT_EQ(refused_update(R"({"status":"CONFIRMED","orderId":"o-2"})"), rule);
  EXPECT_EQ(refused_update(R"({"status":"CONFIRMED","orderId":null})"), rule);
  EXPECT_EQ(refused_payment(R"({"paymentId":"p-1","status":"FAILED","amount":1,"orderId":"o-2"})"), rule);
}

TEST_F(OrderEvents, AnEventForAnOrderThatDoesNotExistIsRejected) {
  EXPECT_EQ(refusal(update(R"({"status":"CONFIRMED"})")), "order o-1 does not exist");
  EXPECT_EQ(refusal(pay(kPaid)), "order o-1 does not exist");
}

TEST_F(OrderEvents, AnEventOfAnotherTypeIsRejected) {
  create();
  EXPECT_EQ(refusal(apply("RunUpdated", "o-1", "{}")), "orders are not changed by events of this type");
}

TEST_F(OrderEvents, ARejectedEventDoesNotStopItsBatch) {
  const auto reported =
      orders_.apply({{.type = "OrderCreated", .subject = "o-1", .data = std::string(kCreated)},
                     {.type = "OrderStatusUpdated", .subject = "o-2", .data = R"({"status":"CONFIRMED"})"},
                     {.type = "OrderStatusUpdated", .subject = "o-1", .data = R"({"status":"CONFIRMED"})"}});
  EXPECT_TRUE(reported.outcome.ok());
  EXPECT_EQ(reported.text(),
            "0: updated o-1 on orders/o-1 orders/all customers/c-1\n"
            "1: rejected: order o-2 does not exist\n"
            "2: updated o-1 on orders/o-1 orders/all customers/c-1\n");
}

// ---- OrderStatusUpdated

TEST_F(OrderEvents, AnUpdateChangesTheStatusInPlaceAndAddsItsFields) {
  create();
  EXPECT_EQ(update(R"({"status":"CONFIRMED","eta":"12:10"})").text(),
            "0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
  EXPECT_EQ(data(),
            R"({"status":"CONFIRMED","customerId":"c-1","merchantId":"m-1",)"
            R"("items":[{"menuItemId":"i-1","name":"Soup","quantity":2,"price":4.5}],"total":9,"eta":"12:10"})");
}

TEST_F(OrderEvents, FieldsAreMergedAsAMergePatch) {
  create("o-1", plain(R"(,"a":{"b":1,"c":2},"l":[1,2],"gone":1)"));
  update(R"({"status":"PENDING","a":{"b":null,"d":{"e":3}},"l":[3],"gone":null,"never":null})");
  EXPECT_EQ(data(), shown("PENDING", R"(,"a":{"c":2,"d":{"e":3}},"l":[3])"));
}

TEST_F(OrderEvents, ARepeatedStatusIsNoChange) {
  create();
  EXPECT_EQ(update(R"({"status":"PENDING"})").text(), "");
  EXPECT_EQ(update(R"({"status":"PENDING","total":9,"customerId":"c-1"})").text(), "");
}

TEST_F(OrderEvents, FieldsThatComeWithARepeatedStatusAreStillMerged) {
  create();
  EXPECT_EQ(update(R"({"status":"PENDING","eta":"12:30"})").text(),
            "0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
  EXPECT_EQ(update(R"({"status":"PENDING","eta":"12:30"})").text(), "");
}

TEST_F(OrderEvents, AnUpdateWithoutATextAsStatusIsRejected) {
  EXPECT_EQ(refused_update("{}"), "data.status is missing");
  EXPECT_EQ(refused_update(R"({"status":null})"), "data.status must not be null");
  EXPECT_EQ(refused_update(R"({"status":1})"), "data.status must be text");
}

TEST_F(OrderEvents, WhatTheCreationFixedStaysAsItWas) {
  const auto rule = [](const std::string& field) {
    return "data." + field + " must stay as it was in OrderCreated, or be absent";
  };
  EXPECT_EQ(refused_update(R"({"status":"CONFIRMED","customerId":"c-2"})"), rule("customerId"));
  EXPECT_EQ(refused_update(R"({"status":"CONFIRMED","merchantId":null})"), rule("merchantId"));
  EXPECT_EQ(refused_update(R"({"status":"CONFIRMED","items":[]})"), rule("items"));
  EXPECT_EQ(refused_update(R"({"status":"CONFIRMED","total":10})"), rule("total"));
}

TEST_F(OrderEvents, ItemsRepeatedWithTheirMembersInAnotherOrderAreTheSameItems) {
  create();
  const std::string items = R"([{"price":4.5,"quantity":2,"name":"Soup","menuItemId":"i-1"}])";
  EXPECT_EQ(update(R"({"status":"CONFIRMED","items":)" + items + "}").rejections(), std::vector<std::string>{});
}

// ---- PaymentProcessed

TEST_F(OrderEvents, APaymentIsRecordedAndLeavesTheStatusAlone) {
  create("o-1", plain());
  EXPECT_EQ(pay(kPaid).text(), "0: updated o-1 on orders/o-1 orders/all customers/c-1\n");
  EXPECT_EQ(data(), shown("PENDING", R"(,"payment":{"paymentId":"p-1","status":"SUCCEEDED","amount":9})"));
}

TEST_F(OrderEvents, ALaterPaymentIsMergedIntoTheOneBefore) {
  create("o-1", plain());
  pay(R"({"paymentId":"p-1","status":"FAILED","amount":9,"reason":"declined","card":"1234"})");
  pay(R"({"paymentId":"p-2","status":"SUCCEEDED","amount":9.5,"reason":null})");
  EXPECT_EQ(data(),
            shown("PENDING", R"(,"payment":{"paymentId":"p-2","status":"SUCCEEDED","amount":9.5,"card":"1234"})"));
}

TEST_F(OrderEvents, ARepeatedPaymentIsNoChange) {
  create();
  pay(kPaid);
  EXPECT_EQ(pay(kPaid).text(), "");
}

TEST_F(OrderEvents, APaymentThatIsWrongIsRejected) {
  EXPECT_EQ(refused_payment("{}"), "data.paymentId is missing");
  EXPECT_EQ(refused_payment(R"({"paymentId":null})"), "data.paymentId must not be null");
  EXPECT_EQ(refused_payment(R"({"paymentId":"p 1"})"),
            "data.paymentId must be an id: 1 to 128 characters of A-Z a-z 0-9 . _ - :");
  EXPECT_EQ(refused_payment(R"({"paymentId":"p-1"})"), "data.status is missing");
  EXPECT_EQ(refused_payment(R"({"paymentId":"p-1","status":"PENDING"})"), "data.status must be SUCCEEDED or FAILED");
  EXPECT_EQ(refused_payment(R"({"paymentId":"p-1","status":"FAILED"})"), "data.amount is missing");
  EXPECT_EQ(refused_payment(R"({"paymentId":"p-1","status":"FAILED","amount":"9"})"), "data.amount must be a number");
}

// Most updates are read in a quick way, the others in a careful one.
TEST_F(OrderEvents, AnUpdateDoesTheSameHoweverItIsSpelt) {
  for (const char* data : {R"({"status":"CONFIRMED"})", R"({"status":"CONFIRMED","eta":"soon","tip":1.50,"flag":true,"gone":null})",
                           R"({"status":"PENDING"})", R"({"status":"CONFIRMED","orderId":"o-1"})", R"({"status":"CONFIRMED","orderId":"o-2"})",
                           R"({"status":"READY"})", R"({"status":"SHIPPED"})", R"({"status":""})", R"({"status":1})", R"({"status":null})",
                           R"({"eta":"soon"})", R"({"status":"CONFIRMED","total":9})", R"({"status":"CONFIRMED","total":8})",
                           R"({"status":"CONFIRMED","customerId":null})", R"({"status":"CANCELLED","reason":"closed"})"}) {
    testkit::StateKit plain(table(), "{}"), escaped(table(), "{}");
    const testkit::OwnedEvent created{.type = "OrderCreated", .subject = "o-1", .data = std::string(kCreated)};
    plain.apply({created});
    escaped.apply({created});
    const auto updated = [&](testkit::StateKit& orders, std::string text) {
      return orders.apply({{.type = "OrderStatusUpdated", .subject = "o-1", .data = std::move(text)}}).text();
    };
    EXPECT_EQ(updated(plain, data), updated(escaped, spelt_with_an_escape(data))) << data;
    EXPECT_EQ(plain.render("o-1", OrderState::kStaff), escaped.render("o-1", OrderState::kStaff)) << data;
    EXPECT_EQ(plain.save("o-1"), escaped.save("o-1")) << data;
  }
}

}  // namespace
}  // namespace statecast::order

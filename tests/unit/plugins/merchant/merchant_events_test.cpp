#include "merchant_fixture.hpp"

namespace statecast::merchant {
namespace {

const std::string kIdRule = "1 to 128 characters of A-Z a-z 0-9 . _ - :";
const std::string kTimeRule = "a time as in RFC 3339, like 2023-12-20T14:35:00.000Z";

class MerchantEvents : public MerchantTest {
 protected:
  // Of an event about m-1; checks that it changed nothing.
  std::string refused(testkit::OwnedEvent event) { return refused_by(merchants_, std::move(event)); }
  std::string refused_by(testkit::StateKit& merchants, testkit::OwnedEvent event) {
    const auto before = merchants.save("m-1");
    const std::string why = refusal(merchants.apply({std::move(event)}));
    EXPECT_EQ(merchants.save("m-1"), before);
    return why;
  }
};

// ---- every event

TEST_F(MerchantEvents, AMerchantAppearsWithItsFirstEventOfAnyKind) {
  EXPECT_EQ(update_item("i-1", item()).text(), kUpdated);
  EXPECT_EQ(merchants_.render("m-1", MerchantState::kPublic),
            R"({"type":"merchant_update","merchantId":"m-1","data":{"open":null,"until":null,)"
            R"("items":[{"menuItemId":"i-1","name":"Soup","price":4.5,"available":true}],"promotions":[]}})");
  testkit::StateKit second(table(), "{}"), third(table(), "{}");
  EXPECT_EQ(second.apply({status_event(R"({"open":true})")}).text(), kUpdated);
  EXPECT_EQ(data_of(second), shown(kOpen));
  EXPECT_EQ(third.apply({promotion_event("p-1", promotion("18:00"))}).text(), kUpdated);
  EXPECT_EQ(data_of(third), shown(kUnknown, "", shown_promotion("p-1", "18:00")));
}

TEST_F(MerchantEvents, ItemsAndPromotionsAreShownInTheOrderOfTheirIds) {
  for (const char* id : {"i-2", "i-10", "I-1"}) update_item(id, item(R"("name":"","price":0,"available":false)"));
  for (const char* id : {"p-2", "p-1"}) publish(id, promotion("18:00"));
  const auto shown_item = [](const std::string& id) {
    return R"({"menuItemId":")" + id + R"(","name":"","price":0,"available":false})";
  };
  EXPECT_EQ(data(), shown(kUnknown, shown_item("I-1") + "," + shown_item("i-10") + "," + shown_item("i-2"),
                          shown_promotion("p-1", "18:00") + "," + shown_promotion("p-2", "18:00")));
}

TEST_F(MerchantEvents, ARepeatedEventIsNoChange) {
  for (int time = 0; time < 2; ++time) {
    const std::string expected = time == 0 ? kUpdated : "";
    EXPECT_EQ(change_status(R"({"open":true,"until":"2023-12-20T22:00:00Z","reason":"x"})").text(), expected);
    EXPECT_EQ(update_item("i-1", item()).text(), expected);
    EXPECT_EQ(publish("p-1", promotion("18:00")).text(), expected);
  }
}

TEST_F(MerchantEvents, FieldsOfThePlatformPassThroughAndAreMergedAsMergePatches) {
  change_status(R"({"open":true,"kitchen":{"wait":10,"note":"x"},"reason":"lunch"})");
  change_status(R"({"open":true,"kitchen":{"wait":null,"busy":true},"reason":null,"never":null})");
  update_item("i-1", item(R"("name":"Soup","price":4.5,"available":true,"tags":["v"],"sizes":{"s":1})"));
  update_item("i-1", item(R"("sizes":{"s":null,"l":{"n":null}},"tags":["v","gf"])"));
  publish("p-1", promotion("18:00", R"(,"code":"AB","url":"/ab")"));
  publish("p-1", item(R"("code":null)"));
  EXPECT_EQ(data(), shown(kOpen + R"(,"kitchen":{"note":"x","busy":true})",
                          R"({"menuItemId":"i-1","name":"Soup","price":4.5,"available":true,)"
                          R"("tags":["v","gf"],"sizes":{"l":{}}})",
                          R"({"promotionId":"p-1","title":"Two for one","endsAt":"2023-12-20T18:00:00Z","url":"/ab"})"));
}

TEST_F(MerchantEvents, ASubjectThatIsNoIdIsRejected) {
  for (const std::string& subject : {std::string(), std::string("x 1"), std::string("x/1"), std::string(129, 'x')}) {
    EXPECT_EQ(refused(event("RestaurantStatusChanged", subject, R"({"open":true})")),
              "the subject must be the merchant's id: " + kIdRule);
    EXPECT_EQ(refused(event("MenuItemUpdated", subject, item())),
              "the subject must be the menu item's id: " + kIdRule);
    EXPECT_EQ(refused(event("PromotionPublished", subject, promotion("18:00"))),
              "the subject must be the promotion's id: " + kIdRule);
  }
}

TEST_F(MerchantEvents, TheMerchantOfAnItemOrAPromotionIsNamedInTheData) {
  for (const char* type : {"MenuItemUpdated", "PromotionPublished"}) {
    EXPECT_EQ(refused(event(type, "x-1", "{}")), "data.merchantId is missing");
    EXPECT_EQ(refused(event(type, "x-1", R"({"merchantId":null})")), "data.merchantId must not be null");
    for (const char* id : {"7", "\"\"", "\"m 1\""})
      EXPECT_EQ(refused(event(type, "x-1", R"({"merchantId":)" + std::string(id) + "}")),
                "data.merchantId must be an id: " + kIdRule);
  }
}

TEST_F(MerchantEvents, NoMerchantIsCalledAll) {
  const std::string rule = "no merchant can have the id 'all': merchants/all is the topic of all merchants";
  EXPECT_EQ(refused(event("RestaurantStatusChanged", "all", R"({"open":true})")), rule);
  EXPECT_EQ(refused(event("MenuItemUpdated", "i-1", R"({"merchantId":"all"})")), rule);
}

TEST_F(MerchantEvents, AnIdThatTheDataRepeatsMustBeTheSubject) {
  const std::string rule = " must be the event's subject, or absent";
  EXPECT_EQ(refused(status_event(R"({"merchantId":"m-2","open":true})")), "data.merchantId" + rule);
  EXPECT_EQ(refused(item_event("i-1", item(R"("menuItemId":"i-2")"))), "data.menuItemId" + rule);
  EXPECT_EQ(refused(promotion_event("p-1", item(R"("promotionId":"p-2")"))), "data.promotionId" + rule);
  change_status(R"({"merchantId":"m-1","open":true})");
  update_item("i-1", item(R"("menuItemId":"i-1","name":"","price":0,"available":true)"));
  EXPECT_EQ(data(), shown(kOpen, R"({"menuItemId":"i-1","name":"","price":0,"available":true})"));
}

TEST_F(MerchantEvents, DataThatIsNoReadableObjectIsRejected) {
  EXPECT_EQ(refused(status_event("null")), "data must be an object");
  EXPECT_EQ(refused(status_event(R"({"x":1e999})")), "data is no JSON that can be read");
  EXPECT_EQ(refused(status_event(R"({"x":)" + std::string(64, '[') + std::string(64, ']') + "}")),
            "data is nested more than 64 deep");
  EXPECT_EQ(refused(status_event(R"({"x":")" + std::string(64 * 1024, 'x') + "\"}")), "data is larger than 64 KiB");
}

TEST_F(MerchantEvents, AnEventOfAnotherTypeIsRejected) {
  EXPECT_EQ(refused(event("OrderCreated", "m-1", "{}")), "merchants are not changed by events of this type");
}

TEST_F(MerchantEvents, ARejectedEventDoesNotStopItsBatch) {
  const auto reported = merchants_.apply({status_event("{}"), status_event(R"({"open":true})")});
  EXPECT_EQ(reported.text(), "0: rejected: data.open is missing\n1: updated m-1 on merchants/m-1 merchants/all\n");
}

// ---- RestaurantStatusChanged

TEST_F(MerchantEvents, AStatusIsShownWithTheTimeUntilWhichItHolds) {
  change_status(R"({"open":false,"until":"2023-12-20T18:00:00+02:00"})");
  EXPECT_EQ(data(), shown(R"("open":false,"until":"2023-12-20T18:00:00+02:00")"));
}

TEST_F(MerchantEvents, AStatusWithoutUntilHoldsUntilFurtherNotice) {
  for (const char* next : {R"({"open":false})", R"({"open":false,"until":null})"}) {
    change_status(R"({"open":true,"until":"2023-12-20T18:00:00Z"})");
    change_status(next);
    EXPECT_EQ(data(), shown(kClosed)) << next;
  }
}

TEST_F(MerchantEvents, AStatusThatIsWrongIsRejected) {
  change_status(R"({"open":true})");
  EXPECT_EQ(refused(status_event("{}")), "data.open is missing");
  EXPECT_EQ(refused(status_event(R"({"open":null})")), "data.open must not be null");
  EXPECT_EQ(refused(status_event(R"({"open":"yes"})")), "data.open must be true or false");
  for (const char* until : {"7", "\"noon\"", "\"2023-12-20T18:00:00\"", "{}"})
    EXPECT_EQ(refused(status_event(R"({"open":true,"until":)" + std::string(until) + "}")),
              "data.until must be " + kTimeRule + ", or null");
  EXPECT_EQ(refused(status_event(R"({"open":true,"items":[]})")),
            "data.items must be absent: each item comes by a MenuItemUpdated");
  EXPECT_EQ(refused(status_event(R"({"open":true,"promotions":null})")),
            "data.promotions must be absent: each promotion comes by a PromotionPublished");
}

// ---- MenuItemUpdated

TEST_F(MerchantEvents, OfAnItemThatIsThereWhatChangedIsEnough) {
  update_item("i-1", item());
  EXPECT_EQ(update_item("i-1", item(R"("available":false)")).text(), kUpdated);
  EXPECT_EQ(data(), shown(kUnknown, R"({"menuItemId":"i-1","name":"Soup","price":4.5,"available":false})"));
}

TEST_F(MerchantEvents, ANewItemMustBeWhole) {
  EXPECT_EQ(refused(item_event("i-1", item(R"("price":1,"available":true)"))), "data.name is missing");
  EXPECT_EQ(refused(item_event("i-1", item(R"("name":"x","available":true)"))), "data.price is missing");
  EXPECT_EQ(refused(item_event("i-1", item(R"("name":"x","price":1)"))), "data.available is missing");
  EXPECT_EQ(merchants_.list("merchants/all"), std::vector<std::string>{});
}

TEST_F(MerchantEvents, AFieldOfAnItemThatIsWrongIsRejected) {
  update_item("i-1", item());
  EXPECT_EQ(refused(item_event("i-1", item(R"("name":null)"))), "data.name must not be null");
  EXPECT_EQ(refused(item_event("i-1", item(R"("name":7)"))), "data.name must be text");
  EXPECT_EQ(refused(item_event("i-1", item(R"("price":null)"))), "data.price must not be null");
  EXPECT_EQ(refused(item_event("i-1", item(R"("price":"1")"))), "data.price must be a number of at least 0");
  EXPECT_EQ(refused(item_event("i-1", item(R"("price":-0.01)"))), "data.price must be a number of at least 0");
  EXPECT_EQ(refused(item_event("i-1", item(R"("available":1)"))), "data.available must be true or false");
}

TEST_F(MerchantEvents, AnItemIsOneMerchantsOwn) {
  update_item("i-1", item());
  const auto other = merchants_.apply(
      {event("MenuItemUpdated", "i-1", R"({"merchantId":"m-2","name":"Tea","price":2,"available":true})")});
  EXPECT_EQ(other.text(), "0: updated m-2 on merchants/m-2 merchants/all\n");
  EXPECT_EQ(data(), shown(kUnknown, R"({"menuItemId":"i-1","name":"Soup","price":4.5,"available":true})"));
}

// ---- removal

TEST_F(MerchantEvents, ARemovedItemOrPromotionIsGone) {
  update_item("i-1", item());
  publish("p-1", promotion("18:00"));
  EXPECT_EQ(update_item("i-1", item(R"("removed":true,"price":"whatever")")).text(), kUpdated);
  EXPECT_EQ(publish("p-1", item(R"("removed":true)")).text(), kUpdated);
  EXPECT_EQ(data(), shown(kUnknown));
  EXPECT_EQ(refused(item_event("i-1", item(R"("price":1)"))), "data.name is missing");
}

TEST_F(MerchantEvents, RemovingWhatIsNotThereIsNoChange) {
  EXPECT_EQ(update_item("i-1", item(R"("removed":true)")).text(), "");
  EXPECT_EQ(publish("p-1", item(R"("removed":true)")).text(), "");
  EXPECT_EQ(merchants_.list("merchants/all"), std::vector<std::string>{});
}

TEST_F(MerchantEvents, RemovedCanOnlyBeTrue) {
  update_item("i-1", item());
  EXPECT_EQ(refused(item_event("i-1", item(R"("removed":false)"))), "data.removed must be true, or absent");
  EXPECT_EQ(refused(promotion_event("p-1", item(R"("removed":null)"))), "data.removed must not be null");
}

// ---- PromotionPublished

TEST_F(MerchantEvents, APromotionThatIsWrongIsRejected) {
  EXPECT_EQ(refused(promotion_event("p-1", item(R"("endsAt":"2023-12-20T18:00:00Z")"))), "data.title is missing");
  EXPECT_EQ(refused(promotion_event("p-1", item(R"("title":"x")"))), "data.endsAt is missing");
  publish("p-1", promotion("18:00"));
  EXPECT_EQ(refused(promotion_event("p-1", item(R"("title":"")"))), "data.title must be text that is not empty");
  EXPECT_EQ(refused(promotion_event("p-1", item(R"("title":null)"))), "data.title must not be null");
  EXPECT_EQ(refused(promotion_event("p-1", item(R"("endsAt":null)"))), "data.endsAt must not be null");
  EXPECT_EQ(refused(promotion_event("p-1", item(R"("endsAt":"tomorrow")"))), "data.endsAt must be " + kTimeRule);
}

// ---- bounds

TEST_F(MerchantEvents, AnItemTooManyIsRejected) {
  testkit::StateKit merchants(table(), R"({"max_items":2})");
  merchants.apply({item_event("i-1", item()), item_event("i-2", item())});
  EXPECT_EQ(refused_by(merchants, item_event("i-3", item())), "the merchant has 2 menu items already: max_items is 2");
  EXPECT_EQ(merchants.apply({item_event("i-2", item(R"("price":5)"))}).text(), kUpdated);
  merchants.apply({item_event("i-1", item(R"("removed":true)"))});
  EXPECT_EQ(merchants.apply({item_event("i-3", item())}).text(), kUpdated);
}

TEST_F(MerchantEvents, APromotionTooManyIsRejectedUnlessOneHasEndedByItsTime) {
  testkit::StateKit merchants(table(), R"({"max_promotions":2})");
  merchants.apply({promotion_event("p-1", promotion("18:00")), promotion_event("p-2", promotion("17:00"))});
  EXPECT_EQ(refused_by(merchants, promotion_event("p-3", promotion("19:00"), "16:59")),
            "the merchant has 2 promotions already: max_promotions is 2");
  EXPECT_EQ(merchants.apply({promotion_event("p-3", promotion("19:00"), "17:00")}).text(), kUpdated);
  EXPECT_EQ(data_of(merchants),
            shown(kUnknown, "", shown_promotion("p-1", "18:00") + "," + shown_promotion("p-3", "19:00")));
}

TEST_F(MerchantEvents, AMerchantThatWouldBecomeTooLargeIsLeftAsItIs) {
  testkit::StateKit merchants(table(), R"({"max_size":1024})");
  const auto long_item = [](std::size_t n) {
    return item(R"("name":")" + std::string(n, 'x') + R"(","price":1,"available":true)");
  };
  const std::string rule = "the merchant would become larger than 1024 bytes (max_size)";
  EXPECT_EQ(merchants.apply({item_event("i-1", long_item(900))}).text(), kUpdated);
  EXPECT_EQ(refused_by(merchants, item_event("i-2", long_item(100))), rule);
  EXPECT_EQ(refused_by(merchants, status_event(R"({"open":true,"note":")" + std::string(100, 'x') + "\"}")), rule);
  EXPECT_EQ(refused_by(merchants, promotion_event("p-1", promotion("18:00"))), rule);
  EXPECT_EQ(merchants.apply({item_event("i-1", long_item(500)), item_event("i-2", long_item(100))}).rejections(),
            std::vector<std::string>{});
}

// Most changes of an item are read in a quick way, the others in a careful one.
TEST_F(MerchantEvents, AChangeOfAnItemDoesTheSameHoweverItIsSpelt) {
  for (const char* data : {R"({"merchantId":"m-1","price":5})", R"({"merchantId":"m-1","price":5.50,"available":false,"name":"Stew"})",
                           R"({"merchantId":"m-1","price":4.5})", R"({"merchantId":"m-1","price":-1})", R"({"merchantId":"m-1","price":"5"})",
                           R"({"merchantId":"m-1","price":null})", R"({"merchantId":"m-1","name":null})", R"({"merchantId":"m-1","name":7})",
                           R"({"merchantId":"m-1","available":1})", R"({"merchantId":"m-1","menuItemId":"i-1","spice":3})",
                           R"({"merchantId":"m-1","menuItemId":"i-2"})", R"({"merchantId":"m-1","removed":true})",
                           R"({"merchantId":"m-1","removed":false})", R"({"merchantId":"m-2","price":5})", R"({"merchantId":"m 1"})",
                           R"({"price":5})", R"({"merchantId":7,"price":5})"}) {
    testkit::StateKit plain(table(), "{}"), escaped(table(), "{}");
    plain.apply({item_event("i-1", item())});
    escaped.apply({item_event("i-1", item())});
    EXPECT_EQ(plain.apply({item_event("i-1", data)}).text(), escaped.apply({item_event("i-1", spelt_with_an_escape(data))}).text()) << data;
    EXPECT_EQ(data_of(plain), data_of(escaped)) << data;
    EXPECT_EQ(plain.save("m-1"), escaped.save("m-1")) << data;
  }
}

}  // namespace
}  // namespace statecast::merchant

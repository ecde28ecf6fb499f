#include "merchant_fixture.hpp"

namespace statecast::merchant {
namespace {

using Keys = std::vector<std::string>;

class MerchantClients : public MerchantTest {
 protected:
  void open(const std::string& merchant) {
    merchants_.apply({event("RestaurantStatusChanged", merchant, R"({"open":true})")});
  }
  static testkit::Outcome as(std::string_view view) { return {SC_OK, std::string(view)}; }
};

TEST_F(MerchantClients, EveryClientSeesEveryMerchant) {
  open("m-1");
  for (const char* claims : {kStaffClaims, kCustomerClaims, R"({"sub":"d-1","roles":["driver"]})", "{}"})
    for (const char* topic : {"merchants/m-1", "merchants/all"})
      EXPECT_EQ(merchants_.admit(claims, topic), as(MerchantState::kPublic)) << claims << topic;
}

TEST_F(MerchantClients, AMerchantThatDoesNotExistIsOpenToStaffAlone) {
  EXPECT_EQ(merchants_.admit(kStaffClaims, "merchants/m-9"), as(MerchantState::kPublic));
  EXPECT_EQ(merchants_.admit(R"({"roles":["admin"]})", "merchants/m-9"), as(MerchantState::kPublic));
  EXPECT_EQ(merchants_.admit(kCustomerClaims, "merchants/m-9"),
            (testkit::Outcome{SC_DENIED, "merchant m-9 does not exist"}));
}

TEST_F(MerchantClients, WhatIsNoTopicOfThisStateIsUnknownToEverybody) {
  for (const char* topic : {"", "merchants", "merchants/", "merchants/m 1", "merchants/m/1", "orders/o-1"})
    for (const char* claims : {kStaffClaims, kCustomerClaims})
      EXPECT_EQ(merchants_.admit(claims, topic),
                (testkit::Outcome{SC_UNKNOWN, "no such topic: there are merchants/<id> and merchants/all"}))
          << topic;
}

TEST_F(MerchantClients, WhatIsForStaffOnlyIsHiddenFromOthersAtEveryPlace) {
  testkit::StateKit merchants(table(), R"({"staff_only":["margin"]})");
  merchants.apply({status_event(R"({"open":true,"margin":1,"more":{"margin":2}})"),
                   item_event("i-1", item(R"("name":"Soup","price":4.5,"available":true,"margin":3)")),
                   promotion_event("p-1", promotion("18:00", R"(,"margin":4)"))});
  EXPECT_EQ(merchants.admit(kStaffClaims, "merchants/m-1"), as(MerchantState::kStaff));
  EXPECT_EQ(merchants.admit(kCustomerClaims, "merchants/m-1"), as(MerchantState::kPublic));
  const std::string soup = R"({"menuItemId":"i-1","name":"Soup","price":4.5,"available":true)";
  const std::string offer = R"({"promotionId":"p-1","title":"Two for one","endsAt":"2023-12-20T18:00:00Z")";
  EXPECT_EQ(data_of(merchants, MerchantState::kPublic),
            shown(kOpen + R"(,"more":{"margin":2})", soup + "}", offer + "}"));
  EXPECT_EQ(data_of(merchants, MerchantState::kStaff),
            shown(kOpen + R"(,"margin":1,"more":{"margin":2})", soup + R"(,"margin":3})", offer + R"(,"margin":4})"));
}

TEST_F(MerchantClients, ThereIsNothingToRenderForAMerchantOrAViewThatIsNot) {
  open("m-1");
  EXPECT_EQ(merchants_.render("m-2", MerchantState::kPublic), std::nullopt);
  EXPECT_EQ(merchants_.render("m-1", "driver"), std::nullopt);
}

TEST_F(MerchantClients, AllMerchantsAreListedInByteOrderPageByPage) {
  for (const char* merchant : {"m-2", "m-10", "M-1", "m-1"}) open(merchant);
  EXPECT_EQ(merchants_.list("merchants/all"), (Keys{"M-1", "m-1", "m-10", "m-2"}));
  EXPECT_EQ(merchants_.list("merchants/all", "", 2), (Keys{"M-1", "m-1"}));
  EXPECT_EQ(merchants_.list("merchants/all", "m-1", 2), (Keys{"m-10", "m-2"}));
  EXPECT_EQ(merchants_.list("merchants/all", "m-2", 2), (Keys{}));
  EXPECT_EQ(merchants_.list("merchants/all", "", 0), (Keys{}));
}

TEST_F(MerchantClients, AMerchantsTopicListsThatMerchant) {
  open("m-1");
  EXPECT_EQ(merchants_.list("merchants/m-1"), (Keys{"m-1"}));
  EXPECT_EQ(merchants_.list("merchants/m-1", "m-1"), (Keys{}));
  EXPECT_EQ(merchants_.list("merchants/m-1", "", 0), (Keys{}));
  EXPECT_EQ(merchants_.list("merchants/m-2"), (Keys{}));
  EXPECT_EQ(merchants_.list("orders/m-1"), (Keys{}));
}

}  // namespace
}  // namespace statecast::merchant

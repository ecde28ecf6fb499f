#include "merchant_fixture.hpp"

namespace statecast::merchant {
namespace {

const std::string kRefreshed = "-: updated m-1 on merchants/m-1 merchants/all\n";

class MerchantTime : public MerchantTest {
 protected:
  std::string refresh(std::string_view time) { return merchants_.refresh(at(time)).text(); }
};

TEST_F(MerchantTime, AStatusWhoseUntilHasPassedTurnsOverOnce) {
  change_status(R"({"open":false,"until":"2023-12-20T18:00:00Z"})");
  EXPECT_EQ(refresh("17:59"), "");
  EXPECT_EQ(data(), shown(R"("open":false,"until":"2023-12-20T18:00:00Z")"));
  EXPECT_EQ(refresh("18:00"), kRefreshed);
  EXPECT_EQ(data(), shown(kOpen));
  EXPECT_EQ(refresh("23:00"), "");
}

TEST_F(MerchantTime, AStatusWithoutUntilNeverTurnsOver) {
  change_status(R"({"open":true})");
  EXPECT_EQ(refresh("23:00"), "");
}

TEST_F(MerchantTime, ANewStatusCountsAfterOneThatTurnedOver) {
  change_status(R"({"open":false,"until":"2023-12-20T18:00:00Z"})");
  refresh("18:00");
  EXPECT_EQ(change_status(R"({"open":true,"until":"2023-12-20T22:00:00Z"})", "18:01").text(), kUpdated);
  EXPECT_EQ(data(), shown(R"("open":true,"until":"2023-12-20T22:00:00Z")"));
  EXPECT_EQ(refresh("22:00"), kRefreshed);
  EXPECT_EQ(data(), shown(kClosed));
}

TEST_F(MerchantTime, AStatusThatTurnedOverStaysSoWhenItIsRepeated) {
  change_status(R"({"open":false,"until":"2023-12-20T18:00:00Z"})");
  refresh("18:00");
  EXPECT_EQ(change_status(R"({"open":false,"until":"2023-12-20T18:00:00Z"})").text(), "");
  EXPECT_EQ(change_status(R"({"open":false,"until":"2023-12-20T18:00:00Z","note":"x"})").text(), kUpdated);
  EXPECT_EQ(data(), shown(kOpen + R"(,"note":"x")"));
}

TEST_F(MerchantTime, AStatusThatHadRunOutWhenItWasToldIsShownTurnedOver) {
  change_status(R"({"open":true,"until":"2023-12-20T12:00:00Z"})", "12:00");
  EXPECT_EQ(data(), shown(kClosed));
}

TEST_F(MerchantTime, WhatHadRunOutWhenItWasRepeatedIsShownSoAtOnce) {
  for (const char* time : {"12:00", "18:00"}) {
    EXPECT_EQ(change_status(R"({"open":true,"until":"2023-12-20T18:00:00Z"})", time).text(), kUpdated) << time;
    EXPECT_EQ(publish("p-1", promotion("18:00"), time).text(), kUpdated) << time;
  }
  EXPECT_EQ(data(), shown(kClosed));
}

TEST_F(MerchantTime, APromotionVanishesWhenItEnds) {
  publish("p-1", promotion("18:00"));
  publish("p-2", promotion("19:00"));
  EXPECT_EQ(refresh("17:59"), "");
  EXPECT_EQ(refresh("18:00"), kRefreshed);
  EXPECT_EQ(data(), shown(kUnknown, "", shown_promotion("p-2", "19:00")));
  EXPECT_EQ(refresh("18:30"), "");
}

TEST_F(MerchantTime, APromotionThatHadEndedWhenItWasPublishedIsNeverShown) {
  publish("p-1", promotion("11:00"), "12:00");
  EXPECT_EQ(data(), shown(kUnknown));
}

TEST_F(MerchantTime, APromotionThatIsProlongedIsShownAgain) {
  publish("p-1", promotion("18:00", R"(,"code":"AB")"));
  refresh("18:00");
  publish("p-1", item(R"("code":"CD")"), "17:00");
  EXPECT_EQ(data(), shown(kUnknown)) << "its end stayed as it was";
  publish("p-1", promotion("20:00"), "18:01");
  EXPECT_EQ(data(), shown(kUnknown, "", R"({"promotionId":"p-1","title":"Two for one",)"
                                        R"("endsAt":"2023-12-20T20:00:00Z","code":"CD"})"));
}

TEST_F(MerchantTime, ARefreshTouchesOnlyTheMerchantsThatAreDue) {
  merchants_.apply({event("RestaurantStatusChanged", "m-1", R"({"open":true,"until":"2023-12-20T20:00:00Z"})"),
                    event("RestaurantStatusChanged", "m-2", R"({"open":true,"until":"2023-12-20T18:00:00Z"})"),
                    event("RestaurantStatusChanged", "m-3", R"({"open":true,"until":"2023-12-20T19:00:00Z"})")});
  EXPECT_EQ(refresh("19:00"),
            "-: updated m-2 on merchants/m-2 merchants/all\n-: updated m-3 on merchants/m-3 merchants/all\n");
}

TEST_F(MerchantTime, AReplayComesToTheSameMerchantWheneverItWasRefreshed) {
  const std::vector<testkit::OwnedEvent> events = {
      status_event(R"({"open":true,"until":"2023-12-20T14:00:00Z"})"),
      promotion_event("p-1", promotion("13:00", R"(,"code":"AB")")),
      promotion_event("p-2", promotion("15:00"), "14:00"),
      promotion_event("p-1", promotion("16:00"), "14:30"),
      promotion_event("p-3", promotion("17:00"), "15:30"),
      status_event(R"({"open":true,"until":"2023-12-20T14:00:00Z"})", "15:45"),
  };
  constexpr const char* kTwoPromotions = R"({"max_promotions":2})";
  testkit::StateKit refreshed(table(), kTwoPromotions), replayed(table(), kTwoPromotions);
  for (const auto& event : events) {
    refreshed.apply({event});
    refreshed.refresh(event.time_us);
  }
  replayed.apply(events);
  for (testkit::StateKit* merchants : {&refreshed, &replayed}) merchants->refresh(at("16:30"));
  EXPECT_EQ(data_of(refreshed), shown(kClosed, "", shown_promotion("p-3", "17:00")));
  EXPECT_EQ(data_of(replayed), data_of(refreshed));
  EXPECT_EQ(replayed.save("m-1"), refreshed.save("m-1"));
}

TEST_F(MerchantTime, WhatRanOutByAWrongClockComesAgainWhenTheClockIsPutBack) {
  change_status(R"({"open":true,"until":"2023-12-20T18:00:00Z"})");
  publish("p-1", promotion("19:00"));
  const std::string before = data();
  EXPECT_EQ(refresh("20:00"), kRefreshed);
  EXPECT_EQ(data(), shown(kClosed));
  EXPECT_EQ(refresh("12:00"), kRefreshed);
  EXPECT_EQ(data(), before);
  EXPECT_EQ(refresh("17:59"), "");
  EXPECT_EQ(refresh("18:00"), kRefreshed);
}

TEST_F(MerchantTime, WhatRanOutByAWrongClockComesAgainAfterARestart) {
  change_status(R"({"open":true,"until":"2023-12-20T18:00:00Z"})");
  publish("p-1", promotion("19:00"));
  const std::string before = data();
  refresh("20:00");
  testkit::StateKit again(table(), "{}");
  ASSERT_TRUE(again.load("1.0.0", "m-1", merchants_.save("m-1").value()).ok());
  EXPECT_EQ(again.refresh(at("12:00")).text(), kRefreshed);
  EXPECT_EQ(data_of(again), before);
}

TEST_F(MerchantTime, AReplayAsksForARefreshSoThatNobodySeesWhatRanOutMeanwhile) {
  auto told = status_event(R"({"open":true,"until":"2023-12-20T14:00:00Z"})");
  merchants_.apply({told});
  EXPECT_EQ(merchants_.host().wakes(), 0);
  testkit::StateKit replayed(table(), "{}");
  told.replay = true;
  replayed.apply({told});
  EXPECT_EQ(replayed.host().wakes(), 1);
}

}  // namespace
}  // namespace statecast::merchant

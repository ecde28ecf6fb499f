// A MerchantState, and the events and claims that its tests write in one line. Owned by a test.
#pragma once

#include <gtest/gtest.h>

#include <statecast/rfc3339.hpp>
#include <statecast/testkit.hpp>
#include <string>

#include "plugins/states/merchant/merchant_state.hpp"
#include "tests/unit/plugins/states/spelling.hpp"

namespace statecast::merchant {

inline constexpr const char* kStaffClaims = R"({"sub":"s-1","roles":["staff"]})";
inline constexpr const char* kCustomerClaims = R"({"sub":"c-1","roles":["customer"]})";
inline const std::string kUpdated = "0: updated m-1 on merchants/m-1 merchants/all\n";

// A time of the day on which all tests play: at("12:00").
inline std::string day_time(std::string_view clock) { return "2023-12-20T" + std::string(clock) + ":00Z"; }
inline std::int64_t at(std::string_view clock) { return parse_rfc3339(day_time(clock)).value(); }

inline std::string item(std::string_view more = R"("name":"Soup","price":4.5,"available":true)") {
  return R"({"merchantId":"m-1",)" + std::string(more) + "}";
}
inline std::string promotion(std::string_view ends, std::string_view more = "") {
  return R"({"merchantId":"m-1","title":"Two for one","endsAt":")" + day_time(ends) + "\"" + std::string(more) + "}";
}
inline std::string shown_promotion(const std::string& id, std::string_view ends) {
  return R"({"promotionId":")" + id + R"(","title":"Two for one","endsAt":")" + day_time(ends) + "\"}";
}

class MerchantTest : public ::testing::Test {
 protected:
  static const sc_state& table() { return testkit::state_table<MerchantState>(); }

  // At noon, but for another `time`.
  static testkit::OwnedEvent event(std::string type, std::string subject, std::string data,
                                   std::string_view time = "12:00") {
    return {.type = std::move(type), .subject = std::move(subject), .data = std::move(data), .time_us = at(time)};
  }
  static testkit::OwnedEvent status_event(std::string data, std::string_view time = "12:00") {
    return event("RestaurantStatusChanged", "m-1", std::move(data), time);
  }
  static testkit::OwnedEvent promotion_event(std::string id, std::string data, std::string_view time = "12:00") {
    return event("PromotionPublished", std::move(id), std::move(data), time);
  }
  static testkit::OwnedEvent item_event(std::string id, std::string data) {
    return event("MenuItemUpdated", std::move(id), std::move(data));
  }

  testkit::Reported change_status(std::string data, std::string_view time = "12:00") {
    return merchants_.apply({status_event(std::move(data), time)});
  }
  testkit::Reported update_item(std::string id, std::string data) {
    return merchants_.apply({item_event(std::move(id), std::move(data))});
  }
  testkit::Reported publish(std::string id, std::string data, std::string_view time = "12:00") {
    return merchants_.apply({promotion_event(std::move(id), std::move(data), time)});
  }

  // The reason why the only event was refused.
  static std::string refusal(const testkit::Reported& reported) {
    EXPECT_EQ(reported.changes.size(), 1u) << reported.text();
    return reported.changes.empty() ? "" : reported.changes.front().reason;
  }

  // The `data` of m-1 that a view sees.
  static std::string data_of(testkit::StateKit& merchants, std::string_view view = MerchantState::kPublic) {
    constexpr std::string_view kBefore = R"({"type":"merchant_update","merchantId":"m-1","data":)";
    const std::string message = merchants.render("m-1", view).value_or("");
    if (!message.starts_with(kBefore)) return "no such merchant: " + message;
    return message.substr(kBefore.size(), message.size() - kBefore.size() - 1);
  }
  std::string data() { return data_of(merchants_); }

  testkit::StateKit merchants_{table(), "{}"};
};

// What is shown of a merchant whose status is `status`: R"("open":true,"until":null)".
inline std::string shown(const std::string& status, const std::string& items = "", const std::string& promotions = "") {
  return "{" + status + R"(,"items":[)" + items + R"(],"promotions":[)" + promotions + "]}";
}
inline const std::string kUnknown = R"("open":null,"until":null)";
inline const std::string kOpen = R"("open":true,"until":null)";
inline const std::string kClosed = R"("open":false,"until":null)";

}  // namespace statecast::merchant

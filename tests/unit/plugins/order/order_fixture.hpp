// An OrderState, and the events and claims that its tests write in one line. Owned by a test.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <statecast/testkit.hpp>
#include <string>

#include "plugins/states/order/order_state.hpp"
#include "tests/unit/plugins/states/spelling.hpp"

namespace statecast::order {

inline constexpr std::string_view kCreated =
    R"({"customerId":"c-1","merchantId":"m-1",)"
    R"("items":[{"menuItemId":"i-1","name":"Soup","quantity":2,"price":4.5}],"total":9})";

inline constexpr const char* kStaffClaims = R"({"sub":"s-1","roles":["staff"]})";
inline constexpr const char* kCustomerClaims = R"({"sub":"c-1","roles":["customer"]})";

// The default creation, but with these members merged in; a null takes one away.
std::string created_with(std::string_view patch);

// The shortest creation, and what is shown of it; `more` is what follows in the object: R"(,"tip":1)".
inline constexpr std::string_view kPlain = R"("customerId":"c-1","merchantId":"m-1","items":[],"total":0)";
inline std::string plain(std::string_view more = "") { return "{" + std::string(kPlain).append(more) + "}"; }
inline std::string shown(const std::string& status, std::string_view more = "") {
  return R"({"status":")" + status + R"(",)" + std::string(kPlain).append(more) + "}";
}

class OrderTest : public ::testing::Test {
 protected:
  static const sc_state& table() { return testkit::state_table<OrderState>(); }

  testkit::Reported apply(std::string type, std::string order, std::string data) {
    return orders_.apply({{.type = std::move(type), .subject = std::move(order), .data = std::move(data)}});
  }
  testkit::Reported create(std::string order = "o-1", std::string_view data = kCreated) {
    return apply("OrderCreated", std::move(order), std::string(data));
  }
  testkit::Reported update(std::string data) { return apply("OrderStatusUpdated", "o-1", std::move(data)); }
  testkit::Reported pay(std::string data) { return apply("PaymentProcessed", "o-1", std::move(data)); }

  // The reason why the only event was refused; checks that it was, and that it changed nothing.
  std::string refusal(const testkit::Reported& reported) {
    EXPECT_EQ(reported.changes.size(), 1u) << reported.text();
    return reported.changes.empty() ? "" : reported.changes.front().reason;
  }

  // The `data` of o-1 that a view sees.
  std::string data(std::string_view view = OrderState::kStaff) {
    constexpr std::string_view kBefore = R"({"type":"order_update","orderId":"o-1","data":)";
    const std::string message = orders_.render("o-1", view).value_or("");
    if (!message.starts_with(kBefore)) return "no such order: " + message;
    return message.substr(kBefore.size(), message.size() - kBefore.size() - 1);
  }

  // Nothing is held: what comes before its order is order_early_test.cpp's.
  static constexpr std::string_view kNoHold = R"({"hold_early":0})";
  testkit::StateKit orders_{table(), kNoHold};
};

}  // namespace statecast::order

// A DeliveryState, and the events and claims that its tests write in one line. Owned by a test.
#pragma once

#include <gtest/gtest.h>

#include <statecast/testkit.hpp>
#include <string>
#include <string_view>

#include "plugins/states/delivery/delivery_state.hpp"
#include "tests/unit/plugins/states/spelling.hpp"

namespace statecast::delivery {

inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kStart = 1'703'082'900 * kSecond;  // 2023-12-20T14:35:00Z
inline constexpr std::string_view kHere = R"({"latitude":43.6532,"longitude":-79.3832,"heading":180,"speed":45.5})";

inline constexpr const char* kDispatcher = R"({"sub":"s-1","roles":["dispatcher"]})";
inline std::string claims_of(const std::string& role, const std::string& sub) {
  return R"({"sub":")" + sub + R"(","roles":[")" + role + R"("]})";
}

class DeliveryTest : public ::testing::Test {
 protected:
  static const sc_state& table() { return testkit::state_table<DeliveryState>(); }

  testkit::Reported apply(std::string type, std::string subject, std::string data, std::int64_t time_us = kStart) {
    return state_.apply({{.type = std::move(type),
                          .subject = std::move(subject),
                          .data = std::move(data),
                          .time_us = time_us}});
  }
  testkit::Reported run(std::string data, std::string id = "r-1", std::int64_t time_us = kStart) {
    return apply("RunUpdated", std::move(id), std::move(data), time_us);
  }
  testkit::Reported move(std::string_view data = kHere, std::string driver = "d-1", std::int64_t time_us = kStart) {
    return apply("DriverLocationUpdated", std::move(driver), std::string(data), time_us);
  }
  testkit::Reported create(std::string order, const std::string& customer, std::int64_t time_us = kStart) {
    return apply("OrderCreated", std::move(order),
                 R"({"customerId":")" + customer + R"(","merchantId":"m-1","items":[],"total":0})", time_us);
  }
  testkit::Reported order(std::string id, const std::string& status, const std::string& more = "",
                          std::int64_t time_us = kStart) {
    return apply("OrderStatusUpdated", std::move(id), R"({"status":")" + status + "\"" + more + "}", time_us);
  }
  // An order of the customer is on its way with the driver.
  void send(const std::string& id, const std::string& customer, const std::string& driver) {
    create(id, customer);
    order(id, "OUT_FOR_DELIVERY", R"(,"driverId":")" + driver + "\"");
  }

  // The reason why the only event was refused; checks that nothing else was reported.
  static std::string refusal(const testkit::Reported& reported) {
    EXPECT_EQ(reported.changes.size(), 1u) << reported.text();
    return reported.changes.empty() ? "" : reported.changes.front().reason;
  }

  std::string shown(std::string_view key, std::string_view view = DeliveryState::kEverything) {
    return state_.render(key, view).value_or("nothing");
  }
  // The `data` of a run.
  std::string data(const std::string& id = "r-1") {
    const std::string before = R"({"type":"run_update","runId":")" + id + R"(","data":)";
    const std::string message = shown("runs/" + id);
    if (!message.starts_with(before)) return message;
    return message.substr(before.size(), message.size() - before.size() - 1);
  }
  // The `location` of a driver.
  std::string location(const std::string& driver = "d-1") {
    constexpr std::string_view kBefore = R"("location":)", kAfter = R"(,"timestamp":)";
    const std::string message = shown("drivers/" + driver);
    const auto begin = message.find(kBefore), end = message.rfind(kAfter);
    if (begin == message.npos || end == message.npos) return message;
    return message.substr(begin + kBefore.size(), end - begin - kBefore.size());
  }

  testkit::StateKit state_{table(), "{}"};
};

}  // namespace statecast::delivery

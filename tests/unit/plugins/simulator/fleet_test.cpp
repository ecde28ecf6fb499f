#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "tests/unit/plugins/simulator/story.hpp"

namespace statecast::simulator {
namespace {

using nlohmann::json;
using testkit::OwnedEvent;

double metres_between(const json& a, const json& b) {
  constexpr double kMetresADegree = 111'320, kRadians = std::numbers::pi / 180;
  const double north = (b["latitude"].get<double>() - a["latitude"].get<double>()) * kMetresADegree;
  const double east = (b["longitude"].get<double>() - a["longitude"].get<double>()) * kMetresADegree *
                      std::cos(a["latitude"].get<double>() * kRadians);
  return std::hypot(north, east);
}

struct Seen {
  json data;
  std::int64_t time_us = 0;
};

TEST(SimulatedDrivers, NeverJump) {
  std::map<std::string, Seen> last;
  double farthest = 0;
  follow(settings_for(1'500, {{"location_interval", 5'000}, {"drivers", 100}, {"rate", 30}}),
         [&](const OwnedEvent& event, const json& data) {
           if (event.type != "DriverLocationUpdated") return;
           auto& before = last[event.subject];
           if (before.time_us != 0) {
             EXPECT_EQ(event.time_us - before.time_us, 5'000'000);
             const double moved = metres_between(before.data, data);
             EXPECT_LE(moved, kFastestKmh / 3.6 * 5 + 0.3) << event.subject;
             farthest = std::max(farthest, moved);
           }
           before = {data, event.time_us};
         });
  EXPECT_EQ(last.size(), 100u);
  EXPECT_GT(farthest, 50);  // and they do move
}

TEST(SimulatedDrivers, NeverJumpAtAFasterPaceEither) {
  const auto source =
      simulator(settings_for(0, {{"pace", 20}, {"location_interval", 1'000}, {"drivers", 10}, {"rate", 3}}));
  auto reader = source->open_reader();
  source->host().clock.advance(std::chrono::minutes(10));
  std::map<std::string, Seen> last;
  for (const OwnedEvent& event : reader.poll(1'000'000, std::chrono::milliseconds(0)).events) {
    if (event.type != "DriverLocationUpdated") continue;
    auto& before = last[event.subject];
    const json data = json::parse(event.data);
    if (before.time_us != 0) {
      EXPECT_EQ(event.time_us - before.time_us, 1'000'000);
      EXPECT_LE(metres_between(before.data, data), kFastestKmh / 3.6 * 20 + 0.3);
    }
    before = {data, event.time_us};
  }
  EXPECT_EQ(last.size(), 10u);
}

TEST(SimulatedDrivers, DriveAtSpeedsThatAreTrueAndStandStillAtStops) {
  std::set<double> speeds;
  follow(settings_for(100), [&](const OwnedEvent& event, const json& data) {
    if (event.type != "DriverLocationUpdated") return;
    speeds.insert(data["speed"].get<double>());
    EXPECT_EQ(data["heading"].get<int>() % 90, 0);
  });
  EXPECT_EQ(*speeds.begin(), 0);
  EXPECT_GE(*std::next(speeds.begin()), 15);
  EXPECT_LE(*speeds.rbegin(), 50);
}

class SimulatedRuns : public ::testing::Test {
 protected:
  // Every telling of each run, in order.
  void SetUp() override {
    follow(settings_for(1'000), [this](const OwnedEvent& event, const json& data) {
      if (event.type == "RunUpdated") runs_[event.subject].push_back(data);
      if (event.type == "OrderStatusUpdated" && data["status"] == "OUT_FOR_DELIVERY") {
        driver_of_[event.subject] = data.value("driverId", driver_of_[event.subject]);
      } else if (event.type == "OrderStatusUpdated") {
        status_of_[event.subject] = data["status"].get<std::string>();
      }
    });
  }

  std::map<std::string, std::vector<json>> runs_;
  std::map<std::string, std::string> driver_of_, status_of_;  // of orders
};

TEST_F(SimulatedRuns, GoFromAssignedToCompletedStopByStop) {
  for (const auto& [id, told] : runs_) {
    EXPECT_EQ(told.front()["status"], "ASSIGNED") << id;
    EXPECT_EQ(told.back()["status"], "COMPLETED") << id;
    EXPECT_EQ(told.back()["completedStops"], told.back()["totalStops"]) << id;
    for (std::size_t i = 1; i < told.size(); ++i) {
      const int step = told[i]["completedStops"].get<int>() - told[i - 1]["completedStops"].get<int>();
      EXPECT_EQ(step, i == 1 ? 0 : 1) << id;  // the second telling is that the driver has picked up
      EXPECT_EQ(told[i]["driverId"], told.front()["driverId"]);
      EXPECT_EQ(told[i]["orderIds"], told.front()["orderIds"]);
    }
  }
}

TEST_F(SimulatedRuns, TakeSeveralOrdersRound) {
  std::map<std::size_t, int> by_stops;
  std::set<std::string> delivered;
  for (const auto& [id, told] : runs_) {
    ++by_stops[told.back()["stops"].size()];
    for (const json& order : told.back()["orderIds"])
      EXPECT_TRUE(delivered.insert(order.get<std::string>()).second) << order;
  }
  EXPECT_LE(by_stops.rbegin()->first, 4u);
  EXPECT_GT(by_stops[3], 0);
}

TEST_F(SimulatedRuns, AgreeWithTheirOrders) {
  for (const auto& [id, told] : runs_) {
    for (const json& stop : told.back()["stops"]) {
      const auto order = stop["orderId"].get<std::string>();
      EXPECT_EQ(driver_of_[order], told.back()["driverId"]) << order;
      EXPECT_EQ(status_of_[order], stop["status"] == "COMPLETED" ? "DELIVERED" : "FAILED") << order;
    }
  }
}

}  // namespace
}  // namespace statecast::simulator

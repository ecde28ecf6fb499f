#include "plugins/sources/simulator/city.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace statecast::simulator {
namespace {

bool is_on_a_street(Place place) { return std::fmod(place.y, 120) == 0 || std::fmod(place.x, 120) == 0; }

TEST(City, HasEveryAddressOnAStreet) {
  Dice dice(1);
  for (int i = 0; i < 1'000; ++i) {
    const Place place = random_address(dice);
    EXPECT_EQ(std::fmod(place.y, 120), 0);
    EXPECT_FALSE(address(place).empty());
  }
  EXPECT_EQ(address({120, 240}), "21 Cedar Street");
}

TEST(City, LiesAroundItsCentre) {
  const Coordinates centre = coordinates({720, 600});
  EXPECT_DOUBLE_EQ(centre.latitude, 43.6532);
  EXPECT_DOUBLE_EQ(centre.longitude, -79.3832);
  const Coordinates north_east = coordinates({840, 711.32});
  EXPECT_DOUBLE_EQ(north_east.latitude, 43.6542);
  EXPECT_GT(north_east.longitude, centre.longitude);
}

TEST(City, LeadsFromAnAddressToAnyOtherAlongStreets) {
  Dice dice(2);
  for (int i = 0; i < 1'000; ++i) {
    const Place from = random_address(dice), to = random_address(dice);
    const auto corners = route(from, to, dice);
    EXPECT_EQ(corners.front(), from);
    EXPECT_EQ(corners.back(), to);
    for (std::size_t k = 1; k < corners.size(); ++k) {
      EXPECT_TRUE(is_on_a_street(corners[k]));
      EXPECT_TRUE(corners[k].x == corners[k - 1].x || corners[k].y == corners[k - 1].y) << "across a block";
    }
  }
}

TEST(Trip, IsSteadyAndNeverFasterThanItTells) {
  Dice dice(3);
  for (int i = 0; i < 200; ++i) {
    const Sight halted{random_address(dice), 0, 0};
    const Place to = random_address(dice);
    const Trip trip(route(halted.place, to, dice), 1'000, dice);
    EXPECT_EQ(trip.at(0, halted).place, halted.place);
    EXPECT_EQ(trip.at(trip.arrival(), halted).place, to);
    EXPECT_EQ(trip.at(trip.arrival(), halted).kmh, 0);
    for (Moment moment = 1'000; moment < trip.arrival(); moment += 500) {
      const Sight now = trip.at(moment, halted), then = trip.at(moment + 500, halted);
      EXPECT_GE(now.kmh, 15);
      EXPECT_LE(now.kmh, kFastestKmh);
      EXPECT_TRUE(is_on_a_street(now.place));
      EXPECT_LE(distance(now.place, then.place), kFastestKmh / 3.6 * 0.5 + 1e-6);
    }
  }
}

TEST(Trip, LooksWhereItGoes) {
  Dice dice(4);
  const Sight halted{{0, 0}, 123, 0};
  EXPECT_EQ(Trip({{0, 0}, {100, 0}}, 0, dice).at(1, halted).heading, 90);
  EXPECT_EQ(Trip({{100, 0}, {0, 0}}, 0, dice).at(1, halted).heading, 270);
  EXPECT_EQ(Trip({{0, 0}, {0, 100}}, 0, dice).at(1, halted).heading, 0);
  EXPECT_EQ(Trip({{0, 100}, {0, 0}}, 0, dice).at(1, halted).heading, 180);
}

TEST(Trip, ToWhereOneIsTakesNoTime) {
  Dice dice(5);
  const Sight halted{{60, 120}, 90, 0};
  const Trip trip(route(halted.place, halted.place, dice), 700, dice);
  EXPECT_EQ(trip.arrival(), 700);
  EXPECT_EQ(trip.at(700, halted).place, halted.place);
  EXPECT_EQ(trip.at(700, halted).heading, 90);
}

}  // namespace
}  // namespace statecast::simulator

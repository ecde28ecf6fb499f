// The city: streets that run from west to east, avenues that run from south to north, and how one drives there.
//
// Pure: what chance has to decide comes from the dice that are handed in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plugins/sources/simulator/agenda.hpp"
#include "plugins/sources/simulator/dice.hpp"

namespace statecast::simulator {

// Metres east and north of the city's south-west corner.
struct Place {
  double x = 0, y = 0;
  bool operator==(const Place&) const = default;
};

struct Coordinates {
  double latitude = 0, longitude = 0;  // degrees, to six decimals (0.1 m)
};

inline constexpr double kFastestKmh = 48;

Coordinates coordinates(Place place);

// "118 Cedar Street"
std::string address(Place place);

// A place with an address: on a street.
Place random_address(Dice& dice);

// The length in metres of the way along streets and avenues.
double distance(Place from, Place to);

// The corners of a way between two addresses, both ends included.
std::vector<Place> route(Place from, Place to, Dice& dice);

// How a driver is seen at one moment.
struct Sight {
  Place place;
  int heading = 0;  // degrees clockwise from north
  double kmh = 0;
};

// One drive along a route: slow away from a halt and around corners, faster in between.
class Trip {
 public:
  Trip(const std::vector<Place>& corners, Moment start, Dice& dice);

  Moment arrival() const { return arrival_; }

  // Before the start at its beginning, after the arrival standing at its end. `halted` is how the driver stood before.
  Sight at(Moment moment, const Sight& halted) const;

 private:
  // Part of a trip along one street, at one speed.
  struct Stretch {
    Place from, to;
    int heading;
    double kmh;
    Moment begin, end;
  };

  void add_leg(Place from, Place to, Dice& dice);
  void add(Place from, Place to, double kmh);

  std::vector<Stretch> stretches_;
  Moment arrival_;
};

}  // namespace statecast::simulator

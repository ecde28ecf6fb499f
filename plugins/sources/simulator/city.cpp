#include "plugins/sources/simulator/city.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace statecast::simulator {
namespace {

constexpr int kBlock = 120;  // metres between two streets, and between two avenues
constexpr int kAvenues = 13, kStreets = 11;
constexpr double kLatitude = 43.6532, kLongitude = -79.3832;  // the city's centre
constexpr double kMetresADegree = 111'320;                    // of latitude
constexpr double kSlowPart = 30;                              // metres of slow driving at either end of a leg

constexpr std::array<const char*, kStreets> kStreetNames{
    "Harbour Street", "Mill Street",    "Cedar Street",  "King Street", "Orchard Street", "Queen Street",
    "Maple Street",   "Station Street", "Garden Street", "Elm Street",  "Hill Street"};

double to_six_decimals(double degrees) { return std::round(degrees * 1e6) / 1e6; }

int heading_of(Place from, Place to) {
  if (from.y == to.y) return to.x > from.x ? 90 : 270;
  return to.y > from.y ? 0 : 180;
}

// The point so many metres on the way along one street.
Place along(Place from, Place to, double metres) {
  const double share = metres / distance(from, to);
  return {from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share};
}

// An avenue between the two places; where there is none, the nearer of the two around them.
double avenue_between(Place from, Place to, Dice& dice) {
  const double west = std::min(from.x, to.x), east = std::max(from.x, to.x);
  const auto first = static_cast<std::int64_t>(std::ceil(west / kBlock));
  const auto last = static_cast<std::int64_t>(std::floor(east / kBlock));
  if (first <= last) return static_cast<double>(dice.between(first, last)) * kBlock;
  const double left = static_cast<double>(last) * kBlock, right = static_cast<double>(first) * kBlock;
  return west - left < right - east ? left : right;
}

}  // namespace

Coordinates coordinates(Place place) {
  static const double kMetresADegreeEast = kMetresADegree * std::cos(kLatitude * std::numbers::pi / 180);
  const double north = place.y - kBlock * (kStreets - 1) / 2.0, east = place.x - kBlock * (kAvenues - 1) / 2.0;
  return {to_six_decimals(kLatitude + north / kMetresADegree), to_six_decimals(kLongitude + east / kMetresADegreeEast)};
}

std::string address(Place place) {
  const auto street = static_cast<std::size_t>(std::lround(place.y / kBlock));
  return std::to_string(1 + std::lround(place.x / 6)) + " " + kStreetNames.at(street);
}

Place random_address(Dice& dice) {
  const auto x = static_cast<double>(dice.between(0, kBlock * (kAvenues - 1)));
  return {x, static_cast<double>(dice.between(0, kStreets - 1)) * kBlock};
}

double distance(Place from, Place to) { return std::abs(to.x - from.x) + std::abs(to.y - from.y); }

std::vector<Place> route(Place from, Place to, Dice& dice) {
  if (from.y == to.y) return {from, to};
  const double avenue = avenue_between(from, to, dice);
  return {from, {avenue, from.y}, {avenue, to.y}, to};
}

Trip::Trip(const std::vector<Place>& corners, Moment start, Dice& dice) : arrival_(start) {
  for (std::size_t i = 1; i < corners.size(); ++i)
    if (corners[i - 1] != corners[i]) add_leg(corners[i - 1], corners[i], dice);
}

void Trip::add_leg(Place from, Place to, Dice& dice) {
  const auto slow = static_cast<double>(dice.between(15, 20));
  const auto fast = static_cast<double>(dice.between(25, static_cast<int>(kFastestKmh)));
  const double length = distance(from, to);
  if (length < 3 * kSlowPart) return add(from, to, slow);
  const Place begin = along(from, to, kSlowPart), end = along(from, to, length - kSlowPart);
  add(from, begin, slow);
  add(begin, end, fast);
  add(end, to, slow);
}

void Trip::add(Place from, Place to, double kmh) {
  const double ms = distance(from, to) / (kmh / 3.6) * 1000;
  const Moment end = arrival_ + static_cast<Moment>(std::ceil(ms));  // never faster than told
  stretches_.push_back({from, to, heading_of(from, to), kmh, arrival_, end});
  arrival_ = end;
}

Sight Trip::at(Moment moment, const Sight& halted) const {
  if (stretches_.empty()) return halted;
  for (const Stretch& stretch : stretches_) {
    if (moment >= stretch.end) continue;
    const double share = static_cast<double>(std::max<Moment>(moment - stretch.begin, 0)) /
                         static_cast<double>(stretch.end - stretch.begin);
    return {along(stretch.from, stretch.to, share * distance(stretch.from, stretch.to)), stretch.heading, stretch.kmh};
  }
  return {stretches_.back().to, stretches_.back().heading, 0};
}

}  // namespace statecast::simulator

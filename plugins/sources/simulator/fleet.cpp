#include "plugins/sources/simulator/fleet.hpp"

#include <algorithm>
#include <cmath>

namespace statecast::simulator {
namespace {

constexpr std::size_t kMostStops = 4;
constexpr std::size_t kWorthARun = 3;      // so many orders need not wait for more
constexpr Moment kPatience = 3 * kMinute;  // nor one that has waited for so long
constexpr double kExpectedKmh = 24;        // for an ETA
constexpr Moment kExpectedHalt = 40 * kSecond;
constexpr Moment kNewsworthy = 45 * kSecond;  // a change of an ETA that its order is told

Moment expected_drive(Place from, Place to) {
  return static_cast<Moment>(distance(from, to) / (kExpectedKmh / 3.6) * static_cast<double>(kSecond));
}

double to_one_decimal(double value) { return std::round(value * 10) / 10; }

}  // namespace

Fleet::Fleet(World& world, const Merchants& merchants, Deliveries& deliveries)
    : world_(world), merchants_(merchants), deliveries_(deliveries), waiting_(merchants.size()) {
  for (std::int64_t i = 1; i <= world_.settings.drivers; ++i) {
    const Sight halted{random_address(world_.dice), 0, 0};
    drivers_.push_back({"d-" + std::to_string(i), halted, Trip({}, 0, world_.dice)});
  }
}

// Spread over the interval, so that they do not all come at once.
void Fleet::begin() {
  const double interval = static_cast<double>(world_.settings.location_interval_ms) * world_.settings.speed();
  for (std::size_t i = 0; i < drivers_.size(); ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(drivers_.size());
    world_.agenda.in(static_cast<Moment>(interval * share), [this, i] { locate(drivers_[i]); });
  }
}

void Fleet::locate(Driver& driver) {
  if (world_.over) return;
  const Sight seen = sight(driver);
  const auto [latitude, longitude] = coordinates(seen.place);
  world_.tell("DriverLocationUpdated", driver.id,
              {{"latitude", latitude},
               {"longitude", longitude},
               {"heading", seen.heading},
               {"speed", to_one_decimal(seen.kmh)}});
  const double interval = static_cast<double>(world_.settings.location_interval_ms) * world_.settings.speed();
  world_.agenda.in(std::max<Moment>(static_cast<Moment>(interval), 1), [this, &driver] { locate(driver); });
}

Sight Fleet::sight(const Driver& driver) const { return driver.trip.at(world_.agenda.now(), driver.halted); }

Moment Fleet::drive(Driver& driver, Place to) {
  driver.halted = sight(driver);
  driver.trip = Trip(route(driver.halted.place, to, world_.dice), world_.agenda.now(), world_.dice);
  return driver.trip.arrival();
}

void Fleet::take(std::size_t merchant, Parcel parcel) {
  waiting_[merchant].push_back(std::move(parcel));
  ++waiting_orders_;
  dispatch(merchant);
  world_.agenda.in(kPatience, [this, merchant] { dispatch(merchant); });
}

void Fleet::dispatch(std::size_t merchant) {
  while (due(merchant)) {
    Driver* driver = nearest_idle(merchants_.at(merchant).place);
    if (driver == nullptr) return;
    start_run(merchant, *driver);
  }
}

// A driver has become idle: the merchant whose order has waited for longest comes first.
void Fleet::dispatch_any() {
  std::size_t best = waiting_.size();
  for (std::size_t i = 0; i < waiting_.size(); ++i)
    if (due(i) && (best == waiting_.size() || waiting_[i].front().ready < waiting_[best].front().ready)) best = i;
  if (best < waiting_.size()) dispatch(best);
}

bool Fleet::due(std::size_t merchant) const {
  const auto& parcels = waiting_[merchant];
  if (parcels.empty()) return false;
  return parcels.size() >= kWorthARun || world_.agenda.now() - parcels.front().ready >= kPatience;
}

Fleet::Driver* Fleet::nearest_idle(Place place) {
  Driver* nearest = nullptr;
  for (Driver& driver : drivers_) {
    if (driver.on_a_run) continue;
    if (nearest == nullptr || distance(sight(driver).place, place) < distance(sight(*nearest).place, place))
      nearest = &driver;
  }
  return nearest;
}

void Fleet::start_run(std::size_t merchant, Driver& driver) {
  const std::uint64_t number = ++started_;
  const auto index = static_cast<std::size_t>(&driver - drivers_.data());
  Run& run = runs_[number] = {number, world_.id("r", number), index, merchant};
  run.stops = load(merchant);
  driver.on_a_run = true;
  const Moment arrival = drive(driver, merchants_.at(merchant).place);
  const Moment leaves = arrival + world_.dice.between(20, 60) * kSecond;
  estimate(run, leaves, merchants_.at(merchant).place);
  tell(run);
  world_.agenda.at(leaves, [this, &run] { pick_up(run); });
}

// Takes the orders that have waited for longest, in the order of the way round: from each stop to the nearest.
std::vector<Fleet::Stop> Fleet::load(std::size_t merchant) {
  auto& parcels = waiting_[merchant];
  std::vector<Stop> stops;
  while (!parcels.empty() && stops.size() < kMostStops) {
    stops.push_back({std::move(parcels.front())});
    parcels.pop_front();
    --waiting_orders_;
  }
  Place at = merchants_.at(merchant).place;
  for (auto next = stops.begin(); next != stops.end(); ++next) {
    std::iter_swap(next, std::min_element(next, stops.end(), [&](const Stop& a, const Stop& b) {
                     return distance(at, a.parcel.to) < distance(at, b.parcel.to);
                   }));
    at = next->parcel.to;
  }
  return stops;
}

void Fleet::pick_up(Run& run) {
  run.status = "IN_PROGRESS";
  estimate(run, world_.agenda.now(), merchants_.at(run.merchant).place);
  for (Stop& stop : run.stops) {
    deliveries_.on_picked_up(stop.parcel.order, drivers_[run.driver].id, run.id, stop.eta);
    stop.told_eta = stop.eta;
  }
  tell(run);
  next_stop(run);
}

void Fleet::next_stop(Run& run) {
  const Moment arrival = drive(drivers_[run.driver], run.stops[run.completed].parcel.to);
  world_.agenda.at(arrival + world_.dice.between(15, 60) * kSecond, [this, &run] { hand_over(run); });
}

void Fleet::hand_over(Run& run) {
  Stop& stop = run.stops[run.completed++];
  const bool delivered = !world_.dice.chance(2);
  stop.status = delivered ? StopStatus::kCompleted : StopStatus::kFailed;
  stop.eta = world_.agenda.now();
  deliveries_.on_arrived(stop.parcel.order, delivered);
  if (run.completed == run.stops.size()) return end_run(run);
  estimate(run, world_.agenda.now(), stop.parcel.to);
  tell(run);
  tell_new_etas(run);
  next_stop(run);
}

void Fleet::end_run(Run& run) {
  run.status = "COMPLETED";
  tell(run);
  drivers_[run.driver].on_a_run = false;
  runs_.erase(run.number);
  dispatch_any();
}

// When the stops that are left will be reached, leaving `at` at the moment `from`.
void Fleet::estimate(Run& run, Moment from, Place at) {
  for (std::size_t i = run.completed; i < run.stops.size(); ++i) {
    Stop& stop = run.stops[i];
    from += expected_drive(at, stop.parcel.to) + kExpectedHalt;
    stop.eta = from;
    at = stop.parcel.to;
  }
}

void Fleet::tell(const Run& run) {
  constexpr const char* kStatus[] = {"PENDING", "COMPLETED", "FAILED"};
  Json orders = Json::array(), stops = Json::array();
  for (const Stop& stop : run.stops) {
    const auto [latitude, longitude] = coordinates(stop.parcel.to);
    orders.push_back(stop.parcel.id);
    stops.push_back({{"orderId", stop.parcel.id},
                     {"address", address(stop.parcel.to)},
                     {"latitude", latitude},
                     {"longitude", longitude},
                     {"status", kStatus[static_cast<int>(stop.status)]},
                     {"eta", world_.calendar.text(stop.eta)}});
  }
  world_.tell("RunUpdated", run.id,
              {{"status", run.status},
               {"completedStops", run.completed},
               {"totalStops", run.stops.size()},
               {"driverId", drivers_[run.driver].id},
               {"merchantId", merchants_.at(run.merchant).id},
               {"orderIds", std::move(orders)},
               {"stops", std::move(stops)},
               {"eta", world_.calendar.text(run.stops.back().eta)}});
}

void Fleet::tell_new_etas(Run& run) {
  for (std::size_t i = run.completed; i < run.stops.size(); ++i) {
    Stop& stop = run.stops[i];
    if (std::abs(stop.eta - stop.told_eta) < kNewsworthy) continue;
    deliveries_.on_new_eta(stop.parcel.order, stop.eta);
    stop.told_eta = stop.eta;
  }
}

}  // namespace statecast::simulator

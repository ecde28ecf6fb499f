// Where the drivers are: the latest location of each, as the text that clients are sent.
//
// Owned by a DeliveryState, on its lane. "Latest" is the order of the events, not that of their times.
#pragma once

#include <cstdint>
#include <map>
#include <statecast/state.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

#include "plugins/states/delivery/location_reader.hpp"
#include "plugins/states/delivery/settings.hpp"
#include "plugins/states/evictions.hpp"
#include "plugins/states/idle_queue.hpp"

namespace statecast::delivery {

class Drivers {
 public:
  Drivers(const Settings& settings, const Host& host) : settings_(settings), bound_(host, "drivers", settings.drivers), evictions_(host, "drivers") {}

  // Evicts those without a location for longest when there are too many, some at once.
  void make_room(const Changes& changes);
  bool exceeded() const { return bound_.exceeded(); }

  // DriverLocationUpdated.
  void move(std::string_view driver, std::string_view data, std::int64_t time_us, const Changes& changes);

  // Marks those without a location for `stale_after`. A location of a time ahead of this one counts from this one.
  void refresh(std::int64_t now_us, const Changes& changes);
  void forget_before(std::int64_t time_us, const Changes& changes);

  bool knows(std::string_view driver) const { return by_id_.contains(driver); }
  void list(std::string_view after_key, std::size_t max, const Keys& keys) const;
  bool render(std::string_view driver, const Sink& json) const;

  bool save(std::string_view driver, const Sink& bytes) const;
  void load(std::string_view driver, std::string_view bytes);  // throws Rejection

 private:
  struct Driver {
    std::string location{};  // JSON object
    std::int64_t time_us = 0;   // as clients are told
    std::int64_t since_us = 0;  // from when its age counts: time_us, or when refresh first saw a time ahead of the clock
    bool stale = false;
    Activity activity{};
    std::size_t counted_bytes = 0;
  };
  using ByKey = std::map<std::string, Driver, std::less<>>;

  ByKey::value_type& find_or_add(std::string_view driver, std::int64_t time_us);
  void count_bytes(ByKey::value_type& entry);
  void forget(ByKey::iterator place, const Changes& changes);

  const Settings& settings_;
  LocationReader reader_;
  ByKey drivers_;  // in the order of snapshots
  std::unordered_map<std::string_view, ByKey::value_type*> by_id_;  // views into drivers_
  Bound bound_;
  Evictions evictions_;
  IdleQueue idle_;
};

}  // namespace statecast::delivery

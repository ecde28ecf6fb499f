// The orders that may be on their way: whose each is, and which driver brings it.
//
// An order's driver is the one that its own status updates name; where they name none, that of the run which was the
// last to list the order: this run carries it, until it drops the order or ends. Orders and runs may become known in
// any sequence. An order that has ended is forgotten.
//
// Owned by a DeliveryState, on its lane. Holds the orders that have not ended, and what runs carry.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "plugins/states/delivery/settings.hpp"
#include "plugins/states/evictions.hpp"
#include "plugins/states/idle_queue.hpp"

namespace statecast::delivery {

class Orders {
 public:
  using Ids = std::vector<std::string>;

  Orders(const Settings& settings, const Host& host) : settings_(settings), bound_(host, "orders", settings.orders), evictions_(host, "orders") {}

  // OrderCreated: false when the order is known already; its first creation counts.
  bool create(std::string_view order, std::string_view customer, std::int64_t time_us);

  // OrderStatusUpdated; `driver` is nothing where the event does not speak of it, and empty for none. False when the
  // order is not known: it has ended, or was created before this history begins.
  bool update(std::string_view order, std::string_view status, std::optional<std::string_view> driver,
              std::int64_t time_us);

  // A run that listed the orders `before` lists those `now`, and carries those that are new. Returns the runs from
  // which it took some.
  Ids carry(std::string_view run, std::string_view driver, const Ids& before, const Ids& now);

  // Those of the orders that the run carries.
  Ids carried_by(std::string_view run, const Ids& orders) const;

  // Whether the driver is on the way with an order of the customer.
  bool on_the_way(std::string_view driver, std::string_view customer) const;

  // A driver who is no longer on the way with any order of a customer.
  struct Parted {
    std::string driver, customer;
    auto operator<=>(const Parted&) const = default;
  };
  std::set<Parted> take_parted();  // since the last call

  // Orders whose last event lies ahead of this time count from it; returns them.
  Ids bring_back_to(std::int64_t time_us);

  // Forgets the orders without an event since this time; returns them.
  Ids forget_before(std::int64_t time_us);

  // Forgets those without an event for longest when there are too many, some at once; returns them.
  Ids make_room();
  bool exceeded() const { return bound_.exceeded(); }

  // One order as bytes; false = it is not known. What a run carries is saved with the run.
  bool save(std::string_view order, std::string& bytes) const;
  void load(std::string_view order, std::string_view bytes);  // throws Rejection

 private:
  struct Order {
    std::string customer;
    std::string driver;           // named by the order itself; empty = none
    std::string with;             // the driver who is on the way with it; empty = nobody
    bool tracked = false;         // its status is one in which customers see their driver
    std::int64_t last_event = 0;  // microseconds
    Activity activity{};
    std::size_t counted_bytes = 0;
  };
  struct Carrier {
    std::string run, driver;
  };
  using ById = std::map<std::string, Order, std::less<>>;

  void enter(ById::iterator order);
  void forget(ById::iterator order);
  void settle(std::string_view order);
  void settle(ById::iterator order);
  void move(ById::iterator order, std::string_view driver);
  std::string_view driver_of(const ById::value_type& order) const;

  const Settings& settings_;
  ById orders_;
  std::map<std::string, Carrier, std::less<>> carriers_;  // by order
  std::set<std::tuple<std::string, std::string, std::string>, std::less<>> on_the_way_;  // driver, customer, order
  std::set<Parted> maybe_parted_;
  Bound bound_;
  Evictions evictions_;
  IdleQueue idle_;
};

}  // namespace statecast::delivery

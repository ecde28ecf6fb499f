// The orders, from the customer's click to the door. One that has ended is forgotten.
#pragma once

#include <map>

#include "plugins/sources/simulator/fleet.hpp"

namespace statecast::simulator {

class Orders final : public Deliveries {
 public:
  explicit Orders(World& world);

  // Enters into the agenda what merchants, drivers and customers do of themselves.
  void begin();

  void on_picked_up(std::uint64_t order, const std::string& driver, const std::string& run, Moment eta) override;
  void on_new_eta(std::uint64_t order, Moment eta) override;
  void on_arrived(std::uint64_t order, bool delivered) override;

  std::size_t under_way() const { return orders_.size(); }
  bool is_empty() const { return orders_.empty() && fleet_.is_empty(); }

 private:
  struct Order {
    std::string id, payment;
    std::size_t merchant = 0;
    Place to;
    std::int64_t cents = 0;
  };

  void on_tick();
  void create(std::uint64_t number);
  Json choose_items(const Merchant& merchant, Order& order);
  void pay(std::uint64_t number);
  void confirm(std::uint64_t number);
  void prepare(std::uint64_t number);
  void make_ready(std::uint64_t number);
  void cancel(std::uint64_t number, const char* reason, bool was_paid);
  void tell_status(std::uint64_t number, const char* status, Json more = Json::object());
  void end(std::uint64_t number);

  // Does one of its steps after a number of seconds between the two.
  using Step = void (Orders::*)(std::uint64_t);
  void soon(int least, int most, Step step, std::uint64_t number);

  World& world_;
  Merchants merchants_;
  Fleet fleet_;
  std::vector<Place> homes_;               // of the customers
  std::map<std::uint64_t, Order> orders_;  // those under way, by number
  std::uint64_t created_ = 0;
  bool held_back_ = false;  // the next order comes when one has ended
};

}  // namespace statecast::simulator

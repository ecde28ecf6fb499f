// The merchants: they open and close, change what they sell, and make offers.
#pragma once

#include <optional>
#include <vector>

#include "plugins/sources/simulator/city.hpp"
#include "plugins/sources/simulator/world.hpp"

namespace statecast::simulator {

struct MenuItem {
  std::string id, name;
  std::int64_t list_cents = 0;  // prices stay near this one
  std::int64_t cents = 0;
  bool available = true;
};

struct Merchant {
  std::string id, name;
  Place place;
  bool open = true;
  Moment until = 0;
  std::vector<MenuItem> menu;  // at least two are always available
  int offers = 0;
};

class Merchants {
 public:
  explicit Merchants(World& world);

  // Enters into the agenda what merchants do of themselves.
  void begin();

  const Merchant& at(std::size_t i) const { return merchants_.at(i); }
  std::size_t size() const { return merchants_.size(); }

  // One that is open: there is always one.
  std::size_t any_open();

 private:
  void tell_status(const Merchant& merchant);
  void tell_item(const Merchant& merchant, const MenuItem& item);
  void on_until(Merchant& merchant);
  void change_menu();
  void change_item(Merchant& merchant, MenuItem& item);
  void make_offer();

  World& world_;
  std::vector<Merchant> merchants_;
  std::size_t open_ = 0;  // how many are
};

}  // namespace statecast::simulator

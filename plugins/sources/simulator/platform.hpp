// An ordering platform that lives by itself: a discrete event simulation, the same for the same seed.
//
// Owned by one reader of the source and lived through by its thread, as far as that reader has come and no further.
#pragma once

#include "plugins/sources/simulator/orders.hpp"

namespace statecast::simulator {

// What makes one platform differ from the next.
struct Identity {
  std::uint64_t seed = 0;
  std::string tag;  // in the ids of its events and orders

  // With a seed in the settings the same each time, else another each time.
  static Identity of(const Settings& settings);
};

class Platform {
 public:
  Platform(const Settings& settings, const Identity& identity, std::int64_t start_us);
  Platform(const Platform&) = delete;  // its parts know one another
  Platform& operator=(const Platform&) = delete;

  // What happens next; null when nothing ever will. Stays until it is taken.
  const Happening* next();
  void take() { world_.journal.pop_front(); }

  const Calendar& calendar() const { return world_.calendar; }

  // Nothing is under way, and nothing is left to be done.
  bool is_empty() const { return orders_.is_empty() && world_.agenda.empty(); }
  std::size_t orders_under_way() const { return orders_.under_way(); }

 private:
  World world_;
  Orders orders_;
};

}  // namespace statecast::simulator

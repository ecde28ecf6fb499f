// Events that came before the OrderCreated of their order: they are held until it comes, and given up when it has not come
// in time, by the times that events carry. Bounded for each order and, in number and bytes, for all: there the oldest goes.
//
// Each is saved under a key of its own, which is no order's id. Owned by an OrderState, on its lane.
#pragma once

#include <map>
#include <set>
#include <statecast/state.hpp>
#include <string>
#include <vector>

#include "plugins/states/order/event_clock.hpp"

namespace statecast::order {

class EarlyEvents {
 public:
  static constexpr std::size_t kOfOneOrder = 20;
  static constexpr std::size_t kMaxBytes = 8 * 1024 * 1024;

  struct Bounds {
    std::int64_t hold_us;  // 0 = none is held
    std::size_t at_most;
  };
  struct Held {
    std::string place;  // under which the host knows the event
    std::string id, source, type, subject, data, extensions;
    std::int64_t time_us = 0;
    std::int64_t until_us = 0;  // by the event clock

    Event event() const;
    std::size_t bytes() const;
  };

  EarlyEvents(const Bounds& bounds, const Host& host);
  ~EarlyEvents();
  EarlyEvents(const EarlyEvents&) = delete;
  EarlyEvents& operator=(const EarlyEvents&) = delete;

  bool may_hold(const Changes& changes) const { return bounds_.hold_us > 0 && changes.may_hold(); }

  // Holds the event; throws Rejection when too many wait for its order.
  void hold(const Event& event, const Changes& changes);

  // Takes out what waits for this order, in the order in which it came. Who takes it says what becomes of it.
  std::vector<Held> take(std::string_view order, const Changes& changes);

  // Time goes on to that of an event which was folded: gives up what has waited too long.
  void pass(std::int64_t time_us, const Changes& changes);

  static bool is_key(std::string_view key) { return key.starts_with('/'); }
  void load(std::string_view key, std::string_view bytes);  // throws Rejection
  bool save(std::string_view key, const Sink& bytes);

 private:
  using ByArrival = std::map<std::uint64_t, Held>;

  void insert(std::uint64_t number, Held held);
  Held remove(ByArrival::iterator place, const Changes& changes);
  void give_up_oldest(const std::string& why, const Changes& changes);

  const Bounds bounds_;
  const Host host_;
  const std::uint32_t held_gauge_;
  EventClock clock_;
  bool clock_touched_ = false;  // since it was saved
  ByArrival held_;
  std::map<std::string, std::set<std::uint64_t>, std::less<>> by_order_;
  std::size_t bytes_ = 0;
};

}  // namespace statecast::order

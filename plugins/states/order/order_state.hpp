// The orders of a platform: folds their events, and shows each to its customer and to staff.
//
// Owned by the host; every call comes on its lane. With partitions, each instance holds the orders of its own ids.
#pragma once

#include <map>
#include <set>
#include <statecast/state.hpp>
#include <utility>

#include "plugins/states/bound.hpp"
#include "plugins/states/evictions.hpp"
#include "plugins/states/idle_queue.hpp"
#include "plugins/states/order/early_events.hpp"
#include "plugins/states/order/order.hpp"
#include "plugins/states/order/settings.hpp"
#include "plugins/states/viewer.hpp"

namespace statecast::order {

class OrderState final : public State {
 public:
  // The views.
  static constexpr const char* kStaff = "staff";        // everything
  static constexpr const char* kCustomer = "customer";  // everything but the staff-only members

  explicit OrderState(const Instance& instance)
      : settings_(Settings::read(instance.settings)), early_(settings_.early, instance.host), host_(instance.host),
        bound_(instance.host, "orders", settings_.bound), evictions_(instance.host, "orders") {}

  void apply(const Event& event, const Changes& changes) override;
  Admission admit(const Client& client, std::string_view topic) override;
  void list(std::string_view topic, std::string_view after_key, std::size_t max, const Keys& keys) override;
  // Lets go of orders that ended long ago, and of those that nothing happened to for long.
  void refresh(std::int64_t now_us, const Changes& changes) override;
  bool render(std::string_view key, std::string_view view, const Sink& json) override;
  void load(std::string_view version, std::string_view key, std::string_view bytes) override;
  bool save(std::string_view key, const Sink& bytes) override;

 private:
  using Orders = std::map<std::string, Order, std::less<>>;  // by id

  Orders::value_type& insert(std::string_view id, Order order);
  void tell(const Event& event, const Changes& changes);
  void note_end(Orders::value_type& entry);
  void bring_ends_back_to(std::int64_t now_us, const Changes& changes);
  void evict(Orders::iterator order, const Changes& changes);
  void evict_early(std::string_view id, std::string_view why, const Changes& changes);
  void make_room(const Changes& changes);
  void count_bytes(Orders::value_type& entry);
  auto activity_of() {
    return [this](std::string_view id) -> Activity& { return orders_.find(id)->second.activity; };
  }
  std::optional<bool> fold_plainly(const Event& event);
  bool fold(const Event& event, const Json& fields, const Changes& changes);
  bool fold_into(Order& order, const Event& event, const Json& fields);
  bool on_created(const Event& event, const Json& fields, const Changes& changes);
  bool is_early(const Event& event, const Changes& changes) const;
  void hold(const Event& event, const Changes& changes);
  void fold_early(Orders::value_type& entry, const Changes& changes);
  Admission admit_to_order(const Viewer& viewer, std::string_view id) const;
  void list_all(std::string_view after, std::size_t max, const Keys& keys) const;
  void list_customer(std::string_view customer, std::string_view after, std::size_t max, const Keys& keys) const;

  const Settings settings_;
  EarlyEvents early_;
  const Host host_;
  Bound bound_;
  Evictions evictions_;
  PlainPatch patch_;  // of the event under way
  Orders orders_;
  std::set<std::pair<std::string_view, std::string_view>> by_customer_;  // (customer, order): views into orders_
  std::set<std::pair<std::int64_t, std::string_view>> by_end_;             // (ended_us, order): views into orders_
  IdleQueue idle_;                                                         // those that have not ended
};

}  // namespace statecast::order

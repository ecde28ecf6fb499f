// The delivery runs and drivers of a platform: folds their events, and shows each run to its driver, each driver's
// location to the customers whose orders are on the way, and all to staff.
//
// Owned by the host; every call comes on its lane. It cannot be split: who may see a driver depends on orders and runs,
// which have keys of their own.
#pragma once

#include <map>
#include <set>
#include <statecast/state.hpp>
#include <string>

#include "plugins/states/delivery/drivers.hpp"
#include "plugins/states/delivery/orders.hpp"
#include "plugins/states/delivery/run.hpp"
#include "plugins/states/delivery/settings.hpp"
#include "plugins/states/delivery/topic.hpp"
#include "plugins/states/delivery/viewer.hpp"
#include "plugins/states/evictions.hpp"
#include "plugins/states/idle_queue.hpp"
#include "plugins/states/plain_patch.hpp"

namespace statecast::delivery {

class DeliveryState final : public State {
 public:
  // The views. All show the same bytes: they differ in what they show at all.
  static constexpr const char* kEverything = "everything";
  static constexpr const char* kDriver = "driver:";      // and its id: the runs that are its own
  static constexpr const char* kCustomer = "customer:";  // and its id: the drivers on the way with its orders

  explicit DeliveryState(const Instance& instance);

  void apply(const Event& event, const Changes& changes) override;
  void refresh(std::int64_t now_us, const Changes& changes) override;
  Admission admit(const Client& client, std::string_view topic) override;
  void list(std::string_view topic, std::string_view after_key, std::size_t max, const Keys& keys) override;
  bool render(std::string_view key, std::string_view view, const Sink& json) override;
  void load(std::string_view version, std::string_view key, std::string_view bytes) override;
  bool save(std::string_view key, const Sink& bytes) override;

 private:
  using Runs = std::map<std::string, Run, std::less<>>;  // by key

  void on_run_updated(const Event& event, const Changes& changes);
  void on_order_created(const Event& event, const Changes& changes);
  void on_order_status_updated(const Event& event, const Changes& changes);
  std::optional<bool> update_plainly(const Event& event);
  bool update_order(const Event& event);
  void tell_customers(const Changes& changes);
  void tell_parting(std::string_view view, std::string_view topic, const Changes& changes);
  void bring_back_to(std::int64_t now_us, const Changes& changes);
  void on_run_changed(Runs::value_type& entry, std::int64_t time_us, const Changes& changes);
  void enter_run(Runs::value_type& entry);
  void count_bytes(Runs::value_type& entry);
  void make_room_for_runs(const Changes& changes);
  void make_room_for_orders(const Changes& changes);
  void evict_run(std::string_view key, std::string_view why, const Changes& changes);
  auto activity_of_run() {
    return [this](std::string_view key) -> Activity& { return runs_.find(key)->second.activity; };
  }
  void forget_run(Runs::iterator run, const Changes& changes);
  void forget_ended_runs(std::int64_t before_us, const Changes& changes);
  Admission admit_to_run(const Viewer& viewer, const Topic& topic, std::string_view name) const;
  Admission admit_to_driver(const Viewer& viewer, const Topic& topic) const;
  bool sees(std::string_view view, std::string_view topic) const;
  void list_runs(std::string_view after_key, std::size_t max, const Keys& keys) const;
  void load_run(std::string_view key, std::string_view bytes);

  const Settings settings_;
  const Host host_;
  PlainPatch patch_;  // of the event under way
  Runs runs_;
  Drivers drivers_;
  Orders orders_;
  Bound runs_bound_;
  Evictions run_evictions_;
  IdleQueue idle_runs_, ended_runs_;
  std::set<std::string> told_;  // partings since the last refresh: by the next one they are sent
};

}  // namespace statecast::delivery

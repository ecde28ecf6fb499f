#include "plugins/states/delivery/orders.hpp"

#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "plugins/states/delivery/event_fields.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast::delivery {
namespace {

constexpr int kOrderForm = 1;  // of what is saved

// A run may list thousands.
std::unordered_set<std::string_view> set_of(const Orders::Ids& ids) { return {ids.begin(), ids.end()}; }

}  // namespace

bool Orders::create(std::string_view order, std::string_view customer, std::int64_t time_us) {
  const auto [place, added] = orders_.try_emplace(std::string(order), Order{std::string(customer), {}, {}, false, time_us});
  if (added) enter(place);
  return added;
}

// What an order takes does not change much: its customer stays, and a driver is an id.
void Orders::enter(ById::iterator place) {
  auto& [id, order] = *place;
  idle_.note(order.activity, order.last_event);
  idle_.enter(id, order.activity);
  order.counted_bytes = Bound::kRecordBytes + id.size() + order.customer.size();
  bound_.enter(order.counted_bytes);
}

Orders::Ids Orders::make_room() {
  const auto activity_of = [this](std::string_view id) -> Activity& { return orders_.find(id)->second.activity; };
  Ids forgotten;
  evictions_.make_room(
      bound_, [&] { return idle_.longest(activity_of); },
      [&](std::string_view id, std::string_view why) {
        evictions_.note(id, why);
        forgotten.emplace_back(id);
        forget(orders_.find(id));
      });
  return forgotten;
}

bool Orders::update(std::string_view id, std::string_view status, std::optional<std::string_view> driver,
                    std::int64_t time_us) {
  const auto order = orders_.find(id);
  if (order == orders_.end()) return false;
  if (settings_.ended_order_statuses.contains(status)) {
    forget(order);
    return true;
  }
  order->second.tracked = settings_.tracked_statuses.contains(status);
  order->second.last_event = time_us;
  idle_.note(order->second.activity, time_us);
  if (driver) order->second.driver = *driver;
  settle(order);
  return true;
}

Orders::Ids Orders::carry(std::string_view run, std::string_view driver, const Ids& before, const Ids& now) {
  const auto listed_before = set_of(before), listed_now = set_of(now);
  for (const std::string& order : before) {
    const auto carrier = carriers_.find(order);
    if (carrier == carriers_.end() || carrier->second.run != run || listed_now.contains(order)) continue;
    carriers_.erase(carrier);
    settle(order);
  }
  Ids robbed;
  for (const std::string& order : now) {
    const auto carrier = carriers_.find(order);
    const bool carried = carrier != carriers_.end() && carrier->second.run == run;
    if (!carried && listed_before.contains(order)) continue;  // another run took it
    if (!carried && carrier != carriers_.end()) robbed.push_back(carrier->second.run);
    carriers_.insert_or_assign(order, Carrier{std::string(run), std::string(driver)});
    settle(order);
  }
  return robbed;
}

Orders::Ids Orders::carried_by(std::string_view run, const Ids& orders) const {
  Ids carried;
  for (const std::string& order : orders) {
    const auto carrier = carriers_.find(order);
    if (carrier != carriers_.end() && carrier->second.run == run) carried.push_back(order);
  }
  return carried;
}

bool Orders::on_the_way(std::string_view driver, std::string_view customer) const {
  const auto first = on_the_way_.lower_bound(std::tuple(driver, customer, std::string_view()));
  return first != on_the_way_.end() && std::get<0>(*first) == driver && std::get<1>(*first) == customer;
}

std::set<Orders::Parted> Orders::take_parted() {
  std::set<Parted> parted = std::exchange(maybe_parted_, {});
  std::erase_if(parted, [&](const Parted& two) { return on_the_way(two.driver, two.customer); });
  return parted;
}

Orders::Ids Orders::bring_back_to(std::int64_t time_us) {
  Ids brought;
  for (auto& [id, order] : orders_) {
    if (order.last_event <= time_us) continue;
    order.last_event = time_us;
    idle_.bring_back(id, order.activity, time_us);
    brought.push_back(id);
  }
  return brought;
}

Orders::Ids Orders::forget_before(std::int64_t time_us) {
  Ids forgotten;
  for (auto order = orders_.begin(); order != orders_.end();) {
    const auto next = std::next(order);
    if (order->second.last_event < time_us) {
      forgotten.push_back(order->first);
      forget(order);
    }
    order = next;
  }
  return forgotten;
}

// ---- who is on the way with what

void Orders::forget(ById::iterator order) {
  move(order, {});
  idle_.leave(order->first, order->second.activity);
  bound_.leave(order->second.counted_bytes);
  orders_.erase(order);
}

void Orders::settle(std::string_view id) {
  if (const auto order = orders_.find(id); order != orders_.end()) settle(order);
}

void Orders::settle(ById::iterator order) {
  move(order, order->second.tracked ? driver_of(*order) : std::string_view());
}

void Orders::move(ById::iterator place, std::string_view driver) {
  auto& [id, order] = *place;
  if (order.with == driver) return;
  if (!order.with.empty()) {
    on_the_way_.erase({order.with, order.customer, id});
    maybe_parted_.insert({order.with, order.customer});
  }
  order.with = driver;
  if (!driver.empty()) on_the_way_.emplace(driver, order.customer, id);
}

std::string_view Orders::driver_of(const ById::value_type& order) const {
  if (!order.second.driver.empty()) return order.second.driver;
  const auto carrier = carriers_.find(order.first);
  return carrier == carriers_.end() ? std::string_view() : carrier->second.driver;
}

// ---- checkpoints

bool Orders::save(std::string_view id, std::string& bytes) const {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return false;
  const Order& order = found->second;
  Json saved{{"form", kOrderForm}, {"customerId", order.customer}, {"tracked", order.tracked}, {"at", order.last_event}};
  if (!order.driver.empty()) saved["driverId"] = order.driver;
  bytes = saved.dump();
  return true;
}

void Orders::load(std::string_view id, std::string_view bytes) {
  const Json saved = Json::parse(bytes, nullptr, false);
  try {
    if (saved.at("form") != kOrderForm) throw Rejection("an order was saved in another form");
    Order order{read_customer(saved), id_or_empty(saved, "driverId"), {}, saved.at("tracked").get<bool>(),
                saved.at("at").get<std::int64_t>()};
    const auto [place, added] = orders_.try_emplace(std::string(id), std::move(order));
    if (!added) throw Rejection("order " + std::string(id) + " was saved twice");
    enter(place);
    settle(place);
  } catch (const Json::exception&) {
    throw Rejection("an order was saved in another form");
  }
}

}  // namespace statecast::delivery

#include "plugins/states/order/order_state.hpp"

#include <iterator>
#include <nlohmann/json.hpp>

#include "plugins/states/hidden_fields.hpp"
#include "plugins/states/id.hpp"
#include "plugins/states/order/topic.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast::order {
namespace {

constexpr std::string_view kCreated = "OrderCreated", kStatusUpdated = "OrderStatusUpdated", kPaid = "PaymentProcessed";

void check_subject(std::string_view subject) {
  if (!is_id(subject)) throw Rejection("the subject must be the order's id: " + std::string(kIdRule));
  if (subject == kAllName) throw Rejection("no order can have the id 'all': orders/all is the topic of all orders");
}

std::string order_named(std::string_view id) { return "order " + std::string(id); }

}  // namespace

void OrderState::apply(const Event& event, const Changes& changes) {
  check_subject(event.subject);
  const auto known = fold_plainly(event);
  if (!known && is_early(event, changes)) return hold(event, changes);
  const bool changed = known ? *known : fold(event, read_fields(event.subject, event.data), changes);
  if (changed) tell(event, changes);
  early_.pass(event.time_us, changes);
  if (bound_.exceeded()) make_room(changes);
}

void OrderState::tell(const Event& event, const Changes& changes) {
  auto& entry = *orders_.find(event.subject);
  idle_.note(entry.second.activity, event.time_us);
  count_bytes(entry);
  changes.updated(event.subject, {order_topic(event.subject), kAllOrders, customer_topic(entry.second.customer())});
  if (!entry.second.ended_us()) return;
  note_end(entry);
  changes.ended(order_topic(event.subject));
}

// The most frequent event, as it mostly is; nothing = it is for fold to judge.
std::optional<bool> OrderState::fold_plainly(const Event& event) {
  if (event.type != kStatusUpdated || !patch_.read(event.data) || !patch_.repeats("orderId", event.subject)) return std::nullopt;
  const auto found = orders_.find(event.subject);
  return found == orders_.end() ? std::nullopt : found->second.update(patch_, settings_.lifecycle, event.time_us);
}

bool OrderState::fold(const Event& event, const Json& fields, const Changes& changes) {
  if (event.type == kCreated) return on_created(event, fields, changes);
  const auto found = orders_.find(event.subject);
  if (found == orders_.end()) throw Rejection(order_named(event.subject) + " does not exist");
  return fold_into(found->second, event, fields);
}

bool OrderState::fold_into(Order& order, const Event& event, const Json& fields) {
  if (event.type == kStatusUpdated) return order.update(fields, event.data, settings_.lifecycle, event.time_us);
  if (event.type == kPaid) return order.pay(fields, event.data);
  throw Rejection("orders are not changed by events of this type");
}

bool OrderState::on_created(const Event& event, const Json& fields, const Changes& changes) {
  const auto found = orders_.find(event.subject);
  if (found == orders_.end()) {
    fold_early(insert(event.subject, Order::create(fields, event.data, settings_.lifecycle, event.time_us)), changes);
    return true;
  }
  if (!found->second.was_created_with(fields))
    throw Rejection(order_named(event.subject) + " already exists, created with other data");
  return false;
}

OrderState::Orders::value_type& OrderState::insert(std::string_view id, Order order) {
  const auto [place, _] = orders_.emplace(id, std::move(order));
  by_customer_.emplace(place->second.customer(), place->first);
  bound_.enter(0);
  count_bytes(*place);
  idle_.enter(place->first, place->second.activity);
  note_end(*place);
  return *place;
}

// ---- events that come before their order

bool OrderState::is_early(const Event& event, const Changes& changes) const {
  return early_.may_hold(changes) && (event.type == kStatusUpdated || event.type == kPaid) && !orders_.contains(event.subject);
}

// What no order would take is refused at once.
void OrderState::hold(const Event& event, const Changes& changes) {
  const Json fields = read_fields(event.subject, event.data);
  if (event.type == kPaid) {
    check_payment(fields);
  } else {
    check_status_update(fields);
    settings_.lifecycle.check_status(fields.at("status").get_ref<const std::string&>());
  }
  early_.hold(event, changes);
}

// In the order in which they came. What is wrong with one of them is no fault of the event that created the order.
void OrderState::fold_early(Orders::value_type& entry, const Changes& changes) {
  for (const EarlyEvents::Held& held : early_.take(entry.first, changes)) try {
      const Event event = held.event();
      fold_into(entry.second, event, read_fields(event.subject, event.data));
      changes.settled(held.place);
    } catch (const std::exception& error) {
      changes.refused(held.place, held.event(), error.what());
    }
}

// ---- bounds

void OrderState::count_bytes(Orders::value_type& entry) {
  auto& [id, order] = entry;
  bound_.recount(order.counted_bytes, Bound::kRecordBytes + id.size() + order.bytes());
}

// Those that ended go before any that has not.
void OrderState::make_room(const Changes& changes) {
  evictions_.make_room(
      bound_, [&] { return by_end_.empty() ? idle_.longest(activity_of()) : by_end_.begin()->second; },
      [&](std::string_view id, std::string_view why) { evict_early(id, why, changes); });
}

void OrderState::evict_early(std::string_view id, std::string_view why, const Changes& changes) {
  evictions_.note(id, why);
  changes.ended(order_topic(id));
  evict(orders_.find(id), changes);
}

// ---- the end of orders

void OrderState::note_end(Orders::value_type& entry) {
  const auto ended_us = entry.second.ended_us();
  if (!ended_us) return;
  by_end_.emplace(*ended_us, entry.first);
  idle_.leave(entry.first, entry.second.activity);
}

void OrderState::refresh(std::int64_t now_us, const Changes& changes) {
  bring_ends_back_to(now_us, changes);
  const std::int64_t aged_us = host_.aged_us(settings_.keep_us);
  std::size_t left = Evictions::kAtOnce;
  for (; left > 0 && !by_end_.empty() && by_end_.begin()->first <= aged_us; --left)
    evict(orders_.find(by_end_.begin()->second), changes);
  idle_.evict_idle(now_us, host_.aged_us(settings_.keep_idle_us), settings_.keep_idle_us, left, activity_of(),
                   [&](std::string_view id) { evict_early(id, "keep_idle", changes); });
  make_room(changes);
  if (left == 0 || bound_.exceeded()) host_.wake();
}

// An event whose time lies ahead of the clock must not keep its order for ever.
void OrderState::bring_ends_back_to(std::int64_t now_us, const Changes& changes) {
  while (!by_end_.empty() && by_end_.rbegin()->first > now_us) {
    const auto order = orders_.find(by_end_.rbegin()->second);
    by_end_.erase(std::prev(by_end_.end()));
    order->second.set_ended_us(now_us);
    note_end(*order);
    changes.touched(order->first);
  }
}

void OrderState::evict(Orders::iterator order, const Changes& changes) {
  const std::string id = order->first, customer = order->second.customer();
  by_customer_.erase({customer, id});
  if (const auto ended_us = order->second.ended_us()) by_end_.erase({*ended_us, id});
  idle_.leave(id, order->second.activity);
  bound_.leave(order->second.counted_bytes);
  orders_.erase(order);
  changes.removed(id, {order_topic(id), kAllOrders, customer_topic(customer)});
}

Admission OrderState::admit(const Client& client, std::string_view name) {
  const auto topic = Topic::parse(name);
  if (!topic) return Admission::unknown("no such topic: there are orders/<id>, orders/all and customers/<id>");
  const Viewer viewer = Viewer::of(client.claims());
  if (viewer.staff) return Admission::as(kStaff);
  if (!viewer.customer) return Admission::denied("orders are shown to the roles customer, staff and admin only");
  if (topic->kind == Topic::Kind::order) return admit_to_order(viewer, topic->id);
  if (topic->kind == Topic::Kind::all_orders)
    return Admission::denied("orders/all is shown to the roles staff and admin only");
  if (topic->id != viewer.sub)
    return Admission::denied("the orders of customer " + std::string(topic->id) + " are not yours");
  return Admission::as(kCustomer);
}

// One answer for an order that is another's and for one that is not there, so that ids cannot be probed.
Admission OrderState::admit_to_order(const Viewer& viewer, std::string_view id) const {
  const auto found = orders_.find(id);
  if (found != orders_.end() && found->second.customer() == viewer.sub) return Admission::as(kCustomer);
  return Admission::denied(order_named(id) + " is not yours or does not exist");
}

void OrderState::list(std::string_view name, std::string_view after_key, std::size_t max, const Keys& keys) {
  const auto topic = Topic::parse(name);
  if (!topic) return;
  if (topic->kind == Topic::Kind::all_orders) return list_all(after_key, max, keys);
  if (topic->kind == Topic::Kind::customer) return list_customer(topic->id, after_key, max, keys);
  if (max > 0 && topic->id > after_key && orders_.contains(topic->id)) keys.add(topic->id);
}

void OrderState::list_all(std::string_view after, std::size_t max, const Keys& keys) const {
  for (auto order = orders_.upper_bound(after); order != orders_.end() && max > 0; ++order, --max)
    keys.add(order->first);
}

void OrderState::list_customer(std::string_view customer, std::string_view after, std::size_t max,
                               const Keys& keys) const {
  auto entry = by_customer_.upper_bound({customer, after});
  for (; entry != by_customer_.end() && entry->first == customer && max > 0; ++entry, --max) keys.add(entry->second);
}

bool OrderState::render(std::string_view key, std::string_view view, const Sink& json) {
  const auto found = orders_.find(key);
  if (found == orders_.end() || (view != kStaff && view != kCustomer)) return false;
  const Order& order = found->second;
  json.write(R"({"type":"order_update","orderId":")");
  json.write(key);
  json.write(R"(","data":)");
  if (view == kStaff)
    json.write(order.data());
  else
    json.write(without_fields(order.data(), settings_.staff_only));
  json.write("}");
  return true;
}

void OrderState::load(std::string_view /*version*/, std::string_view key, std::string_view bytes) {
  if (EarlyEvents::is_key(key)) return early_.load(key, bytes);
  if (!is_id(key)) throw Rejection("what was saved as '" + std::string(key) + "' is no order: its key is no id");
  if (orders_.contains(key)) throw Rejection(order_named(key) + " was saved twice");
  insert(key, Order::load(bytes));
}

bool OrderState::save(std::string_view key, const Sink& bytes) {
  if (EarlyEvents::is_key(key)) return early_.save(key, bytes);
  const auto found = orders_.find(key);
  if (found == orders_.end()) return false;
  bytes.write(found->second.save());
  return true;
}

}  // namespace statecast::order

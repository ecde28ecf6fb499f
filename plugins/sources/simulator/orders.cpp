#include "plugins/sources/simulator/orders.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace statecast::simulator {
namespace {

// Above this no new order is taken until others have ended: what is under way stays bounded however few drivers there
// are.
constexpr std::int64_t kMostPerDriver = 16;

constexpr int kPaymentFails = 4, kCustomerCancels = 3, kKitchenCancels = 1, kHasANote = 5;  // percent
constexpr int kFirstCustomer = 20;  // percent of all orders are c-1's, so that whoever follows it sees something

constexpr std::array kNotes{"customer called about an allergy", "ring twice", "new packaging", "regular customer"};

}  // namespace

Orders::Orders(World& world) : world_(world), merchants_(world), fleet_(world, merchants_, *this) {
  for (std::int64_t i = 0; i < world_.settings.customers; ++i) homes_.push_back(random_address(world_.dice));
}

void Orders::begin() {
  merchants_.begin();  // first, so that nobody orders what has not been told of
  fleet_.begin();
  world_.agenda.in(0, [this] { on_tick(); });
}

void Orders::on_tick() {
  held_back_ = std::ssize(orders_) >= kMostPerDriver * world_.settings.drivers;
  if (held_back_) return;
  create(++created_);
  if (static_cast<std::int64_t>(created_) == world_.settings.orders) return;
  const double mean = static_cast<double>(kMinute) / world_.settings.rate;
  const double share = static_cast<double>(world_.dice.between(50, 150)) / 100;
  world_.agenda.in(std::max<Moment>(static_cast<Moment>(mean * share), 1), [this] { on_tick(); });
}

void Orders::soon(int least, int most, Step step, std::uint64_t number) {
  const Moment delay = world_.dice.between(least * kSecond, most * kSecond);
  world_.agenda.in(delay, [this, step, number] { (this->*step)(number); });
}

void Orders::create(std::uint64_t number) {
  Dice& dice = world_.dice;
  const bool first = number == 1 || dice.chance(kFirstCustomer);
  const std::int64_t customer = first ? 1 : dice.between(1, world_.settings.customers);
  Order& order = orders_[number];
  order.id = world_.id("o", number);
  order.payment = world_.id("p", number);
  order.merchant = merchants_.any_open();
  order.to = homes_[static_cast<std::size_t>(customer - 1)];
  const Merchant& merchant = merchants_.at(order.merchant);
  const auto [latitude, longitude] = coordinates(order.to);
  Json items = choose_items(merchant, order);
  world_.tell("OrderCreated", order.id,
              {{"customerId", "c-" + std::to_string(customer)},
               {"merchantId", merchant.id},
               {"merchantName", merchant.name},
               {"items", std::move(items)},
               {"total", money(order.cents)},
               {"deliverTo", {{"address", address(order.to)}, {"latitude", latitude}, {"longitude", longitude}}}});
  soon(1, 4, &Orders::pay, number);
}

Json Orders::choose_items(const Merchant& merchant, Order& order) {
  std::vector<const MenuItem*> available;
  for (const MenuItem& item : merchant.menu)
    if (item.available) available.push_back(&item);
  Json items = Json::array();
  for (auto lines = world_.dice.between(1, 3); lines > 0 && !available.empty(); --lines) {
    const auto chosen = available.begin() + world_.dice.between(0, std::ssize(available) - 1);
    const auto quantity = world_.dice.chance(75) ? 1 : world_.dice.between(2, 3);
    const MenuItem& item = **chosen;
    items.push_back({{"menuItemId", item.id},
                     {"name", item.name},
                     {"quantity", quantity},
                     {"price", money(item.cents)}});
    order.cents += quantity * item.cents;
    available.erase(chosen);
  }
  return items;
}

void Orders::pay(std::uint64_t number) {
  const Order& order = orders_.at(number);
  const bool fails = world_.dice.chance(kPaymentFails);
  world_.tell("PaymentProcessed", order.id,
              {{"paymentId", order.payment},
               {"status", fails ? "FAILED" : "SUCCEEDED"},
               {"amount", money(order.cents)}});
  if (!fails) return soon(1, 5, &Orders::confirm, number);
  world_.agenda.in(kSecond, [this, number] { cancel(number, "payment failed", false); });
}

void Orders::confirm(std::uint64_t number) {
  const Moment eta = world_.agenda.now() + world_.dice.between(12, 20) * kMinute;
  tell_status(number, "CONFIRMED", {{"eta", world_.calendar.text(eta)}});
  if (!world_.dice.chance(kCustomerCancels)) return soon(5, 40, &Orders::prepare, number);
  world_.agenda.in(world_.dice.between(4, 30) * kSecond,
                   [this, number] { cancel(number, "cancelled by the customer", true); });
}

void Orders::prepare(std::uint64_t number) {
  Json more = Json::object();
  if (world_.dice.chance(kHasANote)) more["internalNote"] = world_.dice.pick(kNotes);
  tell_status(number, "PREPARING", std::move(more));
  if (!world_.dice.chance(kKitchenCancels)) return soon(90, 300, &Orders::make_ready, number);
  world_.agenda.in(world_.dice.between(10, 60) * kSecond,
                   [this, number] { cancel(number, "the kitchen ran out of an ingredient", true); });
}

void Orders::make_ready(std::uint64_t number) {
  tell_status(number, "READY");
  const Order& order = orders_.at(number);
  fleet_.take(order.merchant, {number, order.id, order.to, world_.agenda.now()});
}

void Orders::on_picked_up(std::uint64_t order, const std::string& driver, const std::string& run, Moment eta) {
  tell_status(order, "OUT_FOR_DELIVERY", {{"driverId", driver}, {"runId", run}, {"eta", world_.calendar.text(eta)}});
}

void Orders::on_new_eta(std::uint64_t order, Moment eta) {
  tell_status(order, "OUT_FOR_DELIVERY", {{"eta", world_.calendar.text(eta)}});
}

void Orders::on_arrived(std::uint64_t order, bool delivered) {
  const std::string now = world_.calendar.text(world_.agenda.now());
  if (delivered) {
    tell_status(order, "DELIVERED", {{"actualArrival", now}});
  } else {
    tell_status(order, "FAILED", {{"reason", "nobody opened the door"}});
  }
  end(order);
}

// What was paid goes back.
void Orders::cancel(std::uint64_t number, const char* reason, bool was_paid) {
  Json more = {{"reason", reason}};
  if (was_paid) more["refund"] = money(orders_.at(number).cents);
  tell_status(number, "CANCELLED", std::move(more));
  end(number);
}

void Orders::tell_status(std::uint64_t number, const char* status, Json more) {
  Json data = {{"status", status}};
  data.update(more);
  world_.tell("OrderStatusUpdated", orders_.at(number).id, data);
}

void Orders::end(std::uint64_t number) {
  orders_.erase(number);
  if (std::exchange(held_back_, false)) world_.agenda.in(0, [this] { on_tick(); });
  world_.over = orders_.empty() && static_cast<std::int64_t>(created_) == world_.settings.orders;
}

}  // namespace statecast::simulator

// One order, and how each event changes it. Owned by an OrderState, on its lane.
//
// What clients see of it is kept as the JSON text that they are sent: a quarter of the memory of a tree, and ready to
// render and to save. A function that throws Rejection has changed nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "plugins/states/idle_queue.hpp"
#include "plugins/states/order/event_fields.hpp"
#include "plugins/states/order/lifecycle.hpp"
#include "plugins/states/plain_patch.hpp"

namespace statecast::order {

class Order {
 public:
  // OrderCreated, with the time of the event. `data` is what the fields were read from, here and below.
  static Order create(const Json& fields, std::string_view data, const Lifecycle& lifecycle, std::int64_t time_us);

  // Whether OrderCreated with these fields is the one that made this order.
  bool was_created_with(const Json& fields) const { return fingerprint(fields) == created_; }

  // OrderStatusUpdated and PaymentProcessed: true when the order's data is another than before.
  bool update(const Json& fields, std::string_view data, const Lifecycle& lifecycle, std::int64_t time_us);
  bool pay(const Json& fields, std::string_view data);

  // OrderStatusUpdated as most are; nothing = it is for update to judge.
  std::optional<bool> update(const PlainPatch& patch, const Lifecycle& lifecycle, std::int64_t time_us);

  const std::string& customer() const { return customer_; }  // never changes
  const std::string& data() const { return data_; }          // JSON object

  // The time of the event that ended it, in microseconds; nothing while it is under way.
  std::optional<std::int64_t> ended_us() const { return ended_us_; }
  void set_ended_us(std::int64_t time_us) { ended_us_ = time_us; }

  // For the books of its OrderState; only the time of the last event is saved.
  Activity activity;
  std::size_t counted_bytes = 0;
  std::size_t bytes() const { return customer_.size() + data_.size(); }

  // The bytes of one saved order. Throws Rejection when they are none.
  static Order load(std::string_view bytes);
  std::string save() const;

 private:
  Order(std::string customer, std::uint64_t created) : customer_(std::move(customer)), created_(created) {}

  static std::uint64_t fingerprint(const Json& fields);
  bool replace_text(std::string text);

  std::string customer_;
  std::string data_;
  std::uint64_t created_;  // fingerprint of OrderCreated's fields
  std::optional<std::int64_t> ended_us_;
};

}  // namespace statecast::order

#include "plugins/states/order/topic.hpp"

#include "plugins/states/id.hpp"

namespace statecast::order {
namespace {

constexpr std::string_view kOrders = "orders/";
constexpr std::string_view kCustomers = "customers/";

std::string joined(std::string_view prefix, std::string_view id) { return std::string(prefix).append(id); }

std::optional<Topic> with_id(Topic::Kind kind, std::string_view id) {
  if (!is_id(id)) return std::nullopt;
  return Topic{kind, id};
}

}  // namespace

std::optional<Topic> Topic::parse(std::string_view topic) {
  if (topic == kAllOrders) return Topic{Kind::all_orders, {}};
  if (topic.starts_with(kOrders)) return with_id(Kind::order, topic.substr(kOrders.size()));
  if (topic.starts_with(kCustomers)) return with_id(Kind::customer, topic.substr(kCustomers.size()));
  return std::nullopt;
}

std::string order_topic(std::string_view order) { return joined(kOrders, order); }
std::string customer_topic(std::string_view customer) { return joined(kCustomers, customer); }

}  // namespace statecast::order

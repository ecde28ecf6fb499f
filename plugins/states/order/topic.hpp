// The topics of an OrderState: orders/<id>, orders/all and customers/<id>.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace statecast::order {

inline constexpr std::string_view kAllName = "all";
inline constexpr std::string_view kAllOrders = "orders/all";

struct Topic {
  enum class Kind { order, all_orders, customer };
  Kind kind;
  std::string_view id;  // of the order or customer; a view of the topic

  // Nothing = no topic of this state.
  static std::optional<Topic> parse(std::string_view topic);
};

std::string order_topic(std::string_view order);
std::string customer_topic(std::string_view customer);

}  // namespace statecast::order

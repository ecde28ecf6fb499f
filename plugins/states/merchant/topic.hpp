// The topics of a MerchantState: merchants/<id> and merchants/all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace statecast::merchant {

inline constexpr std::string_view kAllName = "all";
inline constexpr std::string_view kAllMerchants = "merchants/all";

struct Topic {
  bool all;
  std::string_view id;  // of the merchant, unless it is of all; a view of the topic

  // Nothing = no topic of this state.
  static std::optional<Topic> parse(std::string_view topic);
};

std::string merchant_topic(std::string_view merchant);

}  // namespace statecast::merchant

#include "plugins/states/merchant/topic.hpp"

#include "plugins/states/id.hpp"

namespace statecast::merchant {
namespace {

constexpr std::string_view kMerchants = "merchants/";

}  // namespace

std::optional<Topic> Topic::parse(std::string_view topic) {
  if (topic == kAllMerchants) return Topic{true, {}};
  if (!topic.starts_with(kMerchants) || !is_id(topic.substr(kMerchants.size()))) return std::nullopt;
  return Topic{false, topic.substr(kMerchants.size())};
}

std::string merchant_topic(std::string_view merchant) { return std::string(kMerchants).append(merchant); }

}  // namespace statecast::merchant

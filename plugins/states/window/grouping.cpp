#include "plugins/states/window/grouping.hpp"

#include "plugins/states/id.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast::window {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kData = "/data";

std::optional<std::string> if_id(std::string_view text) {
  return is_id(text) ? std::optional<std::string>(text) : std::nullopt;
}

}  // namespace

Grouping::Grouping(std::string_view pointer) {
  const std::string text(pointer);
  if (text == "/subject") return;
  if (!text.starts_with("/data/"))
    throw Rejection("group_by: must be '/subject' or begin with '/data/', is '" + text + "'");
  try {
    in_data_.emplace(text.substr(kData.size()));
  } catch (const Json::exception&) {
    throw Rejection("group_by: '" + text + "' is no JSON pointer: '~' stands before 0 or 1 only (RFC 6901 3)");
  }
}

std::optional<std::string> Grouping::group_of(const Event& event) const {
  if (!in_data_) return if_id(event.subject);
  const Json data = Json::parse(event.data, nullptr, false);
  if (data.is_discarded() || !data.contains(*in_data_)) return std::nullopt;
  const Json& value = data.at(*in_data_);
  if (value.is_number_integer()) return value.dump();
  return value.is_string() ? if_id(value.get_ref<const std::string&>()) : std::nullopt;
}

}  // namespace statecast::window

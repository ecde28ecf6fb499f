#include "plugins/states/window/grouping.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>

#include "plugins/states/id.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast::window {
namespace {

constexpr std::string_view kData = "/data";

std::optional<std::string> if_id(std::string_view text) {
  return is_id(text) ? std::optional<std::string>(text) : std::nullopt;
}

bool is_whole_number(std::string_view value) {
  const auto digits = value.substr(value.starts_with('-') ? 1 : 0);
  return !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string_view> element(std::string_view array, const std::string& place) {
  std::size_t index = 0;
  const char* const end = place.data() + place.size();
  const auto elements = written_elements(array);
  if (std::from_chars(place.data(), end, index).ptr != end || index >= elements.size()) return std::nullopt;
  return elements[index];
}

}  // namespace

Grouping::Grouping(std::string_view pointer) {
  const std::string text(pointer);
  if (text == "/subject") return;
  if (!text.starts_with("/data/"))
    throw Rejection("group_by: must be '/subject' or begin with '/data/', is '" + text + "'");
  try {
    for (nlohmann::json::json_pointer at(text.substr(kData.size())); !at.empty(); at.pop_back()) in_data_.insert(in_data_.begin(), at.back());
  } catch (const nlohmann::json::exception&) {
    throw Rejection("group_by: '" + text + "' is no JSON pointer: '~' stands before 0 or 1 only (RFC 6901 3)");
  }
}

std::optional<std::string> Grouping::group_of(const Event& event) const {
  if (in_data_.empty()) return if_id(event.subject);
  std::optional<std::string_view> value = event.data.substr(detail::skip_space(event.data, 0));
  for (const std::string& name : in_data_) {
    value = value->starts_with('{') ? written_member(*value, name) : value->starts_with('[') ? element(*value, name) : std::nullopt;
    if (!value) return std::nullopt;
  }
  if (is_whole_number(*value)) return if_id(*value);
  return value->starts_with('"') ? if_id(unescaped(value->substr(1, value->size() - 2))) : std::nullopt;
}

}  // namespace statecast::window

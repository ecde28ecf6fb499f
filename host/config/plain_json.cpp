#include "host/config/plain_json.hpp"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace statecast::host {
namespace {

using Json = nlohmann::json;

template <class Number, class... Base>
std::optional<Number> whole_text_as(std::string_view text, Base... base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base...);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Json> number(std::string_view text) {
  if (text.starts_with("0o")) {
    const auto octal = whole_text_as<std::int64_t>(text.substr(2), 8);
    return octal ? std::optional<Json>(*octal) : std::nullopt;
  }
  if (text.starts_with("0x")) {
    const auto hex = whole_text_as<std::int64_t>(text.substr(2), 16);
    return hex ? std::optional<Json>(*hex) : std::nullopt;
  }
  if (text.starts_with('+')) text.remove_prefix(1);
  if (const auto whole = whole_text_as<std::int64_t>(text)) return Json(*whole);
  // from_chars also reads "inf" and "nan", which YAML spells otherwise and JSON lacks.
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  const auto real = whole_text_as<double>(text);
  return real && std::isfinite(*real) ? std::optional<Json>(*real) : std::nullopt;
}

}  // namespace

Json plain_scalar(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return number(text).value_or(Json(text));
}

Json plain_scalar(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::text) return nullptr;
  return node.quoted || !node.from.empty() ? Json(node.text) : plain_scalar(node.text);
}

Json plain_json(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::list) {
    Json list = Json::array();
    for (const YamlNode& item : node.items) list.push_back(plain_json(item));
    return list;
  }
  if (node.kind == YamlNode::Kind::map) {
    Json map = Json::object();
    for (const YamlEntry& entry : node.entries) map[entry.key] = plain_json(entry.value);
    return map;
  }
  return plain_scalar(node);
}

}  // namespace statecast::host

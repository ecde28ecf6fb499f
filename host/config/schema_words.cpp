#include "host/config/schema_words.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/config/plain_json.hpp"

namespace statecast::host {
namespace {

using Schema = nlohmann::ordered_json;

std::string words_of_type(const Schema& schema, const std::string& type) {
  if (type == "string") return "text";
  if (type == "boolean") return "true or false";
  if (type == "number") return "a number";
  if (type == "array") return "a list";
  if (type == "object") return "a map";
  if (type == "null") return "nothing";
  const auto quantity = quantity_of(schema);
  if (!quantity) return "a whole number";
  return (*quantity == Quantity::duration ? "a duration such as " : "a size such as ") +
         std::string(example_of(*quantity));
}

}  // namespace

std::vector<std::string> types_of(const Schema& schema) {
  if (!schema.is_object()) return {};
  const auto type = schema.find("type");
  if (type != schema.end() && type->is_string()) return {type->get<std::string>()};
  if (type != schema.end() && type->is_array()) return type->get<std::vector<std::string>>();
  if (schema.contains("properties")) return {"object"};
  if (schema.contains("items")) return {"array"};
  return {};
}

bool allows(const Schema& schema, std::string_view type) {
  const auto types = types_of(schema);
  return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

std::optional<Quantity> quantity_of(const Schema& schema) {
  const auto types = types_of(schema);
  if (std::find(types.begin(), types.end(), "integer") == types.end()) return std::nullopt;
  return quantity_of_format(schema.value("format", ""));
}

std::string expected(const Schema& schema) {
  std::string text;
  for (const std::string& type : types_of(schema)) text += (text.empty() ? "" : " or ") + words_of_type(schema, type);
  return text;
}

std::string found(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::list) return "a list";
  if (node.kind == YamlNode::Kind::map) return "a map";
  if (!node.from.empty()) return "the value of " + node.from;
  const auto value = plain_scalar(node);
  if (value.is_null()) return "nothing";
  if (value.is_string()) return "the text '" + node.text + "'";
  return (value.is_number() ? "the number " : "") + node.text;
}

}  // namespace statecast::host

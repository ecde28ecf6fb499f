#include "host/config/written_schema.hpp"

#include <nlohmann/json.hpp>

#include "host/config/schema_walk.hpp"
#include "host/config/schema_words.hpp"
#include "host/config/units.hpp"

namespace statecast::host {
namespace {

using Schema = nlohmann::ordered_json;

class Rewriter {
 public:
  explicit Rewriter(const std::string& place) : place_(place) {}

  Schema rewritten(const Schema& schema) const {
    if (!schema.is_object()) return schema;
    Schema out = schema;
    move_references(out);
    if (const auto quantity = quantity_of(schema)) write_quantity(out, *quantity);
    if (out.value("format", "") == "path") out.erase("format");
    if (schema.contains("properties") && !is_open(schema)) out["additionalProperties"] = false;
    if (schema.contains("properties") && (!schema.contains("type") || schema["type"] == "object"))
      out["type"] = Schema::array({"object", "null"});
    for (const char* keyword : {"properties", "patternProperties", "definitions"})
      if (const auto map = schema.find(keyword); map != schema.end() && map->is_object())
        for (const auto& [key, beneath] : map->items()) out[keyword][key] = rewritten(beneath);
    for (const char* keyword : {"additionalProperties", "items"})
      if (const auto beneath = schema.find(keyword); beneath != schema.end() && beneath->is_object())
        out[keyword] = rewritten(*beneath);
    return out;
  }

 private:
  // In keywords that are not walked, such as allOf, as well.
  void move_references(Schema& schema) const {
    if (!schema.is_structured()) return;
    for (auto& [key, beneath] : schema.items()) {
      const bool is_reference = schema.is_object() && key == "$ref" && beneath.is_string();
      if (is_reference && beneath.get_ref<const std::string&>().starts_with('#'))
        beneath = place_ + beneath.get_ref<const std::string&>().substr(1);
      else
        move_references(beneath);
    }
  }

  static std::string pattern_of(Quantity quantity) {
    std::string units(unit_names(quantity));
    for (std::size_t comma = units.find(", "); comma != std::string::npos; comma = units.find(", "))
      units.replace(comma, 2, "|");
    return "^[0-9]+(" + units + ")$";
  }

  static void write_value(Schema& value, Quantity quantity) {
    if (value.is_number_integer()) value = format_quantity(quantity, value.get<std::int64_t>());
  }

  // A range of text can't be checked, but it can be told.
  static void write_range(Schema& schema, Quantity quantity) {
    std::string text = schema.value("description", "");
    const auto add = [&](const char* keyword, const std::string& words) {
      if (!schema.contains(keyword) || !schema[keyword].is_number_integer()) return;
      text += (text.empty() ? "" : " ") + words + format_quantity(quantity, schema[keyword].get<std::int64_t>()) + ".";
    };
    add("minimum", "At least ");
    add("maximum", "At most ");
    if (!text.empty()) schema["description"] = text;
    for (const char* keyword : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"})
      schema.erase(keyword);
  }

  static void write_quantity(Schema& schema, Quantity quantity) {
    Schema types = Schema::array();
    for (const std::string& type : types_of(schema)) types.push_back(type == "integer" ? "string" : type);
    schema["type"] = types.size() == 1 ? types[0] : types;
    schema["pattern"] = pattern_of(quantity);
    write_range(schema, quantity);
    if (schema.contains("default")) write_value(schema["default"], quantity);
    if (schema.contains("enum"))
      for (Schema& value : schema["enum"]) write_value(value, quantity);
  }

  const std::string& place_;
};

}  // namespace

Schema written_schema(const Schema& schema, const std::string& place) { return Rewriter(place).rewritten(schema); }

}  // namespace statecast::host

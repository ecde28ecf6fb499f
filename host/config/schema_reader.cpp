#include "host/config/schema_reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/config/plain_json.hpp"
#include "host/config/schema_walk.hpp"
#include "host/config/schema_words.hpp"
#include "host/config/words.hpp"

namespace statecast::host {
namespace {

using Json = nlohmann::json;
using Schema = nlohmann::ordered_json;

constexpr std::size_t kDeepestDefault = 16;  // a schema may refer to itself

// Stands for a value that was reported and must be left out.
Json nothing_usable() { return Json(Json::value_t::discarded); }

bool type_fits(const Schema& schema, const Json& value) {
  if (value.is_null()) return allows(schema, "null");
  if (value.is_boolean()) return allows(schema, "boolean");
  if (value.is_number_integer()) return allows(schema, "integer") || allows(schema, "number");
  if (value.is_number()) return allows(schema, "number");
  return allows(schema, "string");
}

std::string shown(const Json& value, const Schema& schema) {
  if (const auto quantity = quantity_of(schema)) return format_quantity(*quantity, value.get<std::int64_t>());
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<std::string> keys_of(const Schema& schema) {
  std::vector<std::string> keys;
  if (const auto properties = schema.find("properties"); properties != schema.end())
    for (const auto& [key, _] : properties->items()) keys.push_back(key);
  return keys;
}

}  // namespace

SchemaReader::SchemaReader(Report& report, const Schema& schema, Names names)
    : report_(report), root_(schema), names_(std::move(names)) {}

Json SchemaReader::read(const YamlNode& node, const Path& path) {
  top_ = path;
  return read_value(node, root_, path);
}

Json SchemaReader::read_value(const YamlNode& node, const Schema& declared, const Path& path) {
  const Schema& schema = resolved(declared, root_);
  using Kind = YamlNode::Kind;
  if (node.kind == Kind::refused) return nothing_usable();
  const bool is_map = node.kind == Kind::map || (node.kind == Kind::nothing && !allows(schema, "null"));
  if (is_map && allows(schema, "object")) return read_map(node, schema, path);
  if (node.kind == Kind::list && allows(schema, "array")) return read_list(node, schema, path);
  if (node.kind == Kind::text || node.kind == Kind::nothing) return read_scalar(node, schema, path);
  report_type(node, schema, path);
  return nothing_usable();
}

Json SchemaReader::read_map(const YamlNode& node, const Schema& schema, const Path& path) {
  Json object = Json::object();
  for (const YamlEntry& entry : node.entries) {
    const Schema* key_schema = schema_of_key(schema, entry.key);
    if (!key_schema) {
      if (entry.value.kind != YamlNode::Kind::refused) report_unknown_key(schema, path, entry);
      continue;
    }
    Json value = read_value(entry.value, *key_schema, path / entry.key);
    if (!value.is_discarded()) object[entry.key] = std::move(value);
  }
  for (const Json& key : schema.value("required", Json::array()))
    if (!node.find(key.get<std::string>()))
      report_.at_key(path, "missing-key", "the key '" + key.get<std::string>() + "' is missing");
  fill_defaults(object, schema, node.place, 0);
  return object;
}

Json SchemaReader::read_list(const YamlNode& node, const Schema& schema, const Path& path) {
  const Schema& item_schema = schema_of_items(schema);
  Json list = Json::array();
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    Json value = read_value(node.items[i], item_schema, path[i]);
    if (!value.is_discarded()) list.push_back(std::move(value));
  }
  return list;
}

Json SchemaReader::read_scalar(const YamlNode& node, const Schema& schema, const Path& path) {
  Json value = read_plain(node, schema, path);
  if (value.is_discarded()) return value;
  if (!type_fits(schema, value)) {
    report_type(node, schema, path);
    return nothing_usable();
  }
  if (!in_range(value, node, schema, path)) return nothing_usable();
  return schema.value("format", "") == "path" ? absolute(value, node.place) : value;
}

// What a tag stands for is text where text is allowed, and read by the key's type elsewhere.
Json SchemaReader::read_plain(const YamlNode& node, const Schema& schema, const Path& path) {
  if (quantity_of(schema) && node.kind == YamlNode::Kind::text) return read_quantity(node, schema, path);
  return node.from.empty() || allows(schema, "string") ? plain_scalar(node) : plain_scalar(node.text);
}

Json SchemaReader::read_quantity(const YamlNode& node, const Schema& schema, const Path& path) {
  using Fault = ParsedQuantity::Fault;
  const Quantity quantity = *quantity_of(schema);
  const std::string noun = (quantity == Quantity::duration ? "the duration " : "the size ") +
                           (node.from.empty() ? "'" + node.text + "'" : "from " + node.from);
  const ParsedQuantity parsed = parse_quantity(quantity, node.text);
  if (parsed.fault == Fault::none) return parsed.value;
  if (parsed.fault == Fault::no_unit) {
    Diagnostic& d = report_.at_value(path, "missing-unit", noun + " has no unit");
    d.hint = "write " + node.text + (quantity == Quantity::duration ? "s" : "MiB") + ", for instance";
    d.notes.push_back("= units: " + std::string(unit_names(quantity)));
  } else if (parsed.fault == Fault::unknown_unit) {
    Diagnostic& d = report_.at_value(path, "unknown-unit", noun + " has an unknown unit");
    d.notes.push_back("= units: " + std::string(unit_names(quantity)));
  } else if (parsed.fault == Fault::too_large) {
    report_.at_value(path, "out-of-range", noun + " is too large");
  } else {
    report_type(node, schema, path);
  }
  return nothing_usable();
}

bool SchemaReader::in_range(const Json& value, const YamlNode& node, const Schema& schema, const Path& path) {
  const auto subject = [&] { return node.from.empty() ? shown(value, schema) : found(node); };
  if (const auto choices = schema.find("enum"); choices != schema.end()) {
    std::vector<std::string> words;
    for (const auto& choice : *choices) {
      if (Json(choice) == value) return true;
      words.push_back(shown(choice, schema));
    }
    Diagnostic& d = report_.at_value(path, "not-allowed", subject() + " is none of: " + joined(words));
    if (value.is_string()) d.hint = did_you_mean(shown(value, schema), words);
    return false;
  }
  if (!value.is_number()) return true;
  const auto limit = [&](const char* keyword) { return schema.value(keyword, Json()); };
  const Json least = limit("minimum"), most = limit("maximum");
  if (least.is_number() && value < least)
    report_.at_value(path, "out-of-range", subject() + " is too little: at least " + shown(least, schema));
  else if (most.is_number() && value > most)
    report_.at_value(path, "out-of-range", subject() + " is too much: at most " + shown(most, schema));
  else
    return true;
  return false;
}

void SchemaReader::report_type(const YamlNode& node, const Schema& schema, const Path& path) {
  Diagnostic& d = report_.at_value(path, "wrong-type", "expected " + expected(schema) + ", found " + found(node));
  if (node.kind != YamlNode::Kind::text || !node.from.empty()) return;
  static const std::vector<std::string> kOldBooleans{"yes", "Yes", "YES", "no",  "No",  "NO",
                                                     "on",  "On",  "ON",  "off", "Off", "OFF"};
  const bool old_boolean = std::find(kOldBooleans.begin(), kOldBooleans.end(), node.text) != kOldBooleans.end();
  if (allows(schema, "boolean") && old_boolean)
    d.hint = "write true or false";
  else if (allows(schema, "string"))
    d.hint = "write \"" + node.text + "\", in quotes";
  else if (allows(schema, "array"))
    d.hint = "write [" + node.text + "]";
}

void SchemaReader::report_unknown_key(const Schema& schema, const Path& map, const YamlEntry& entry) {
  const auto keys = keys_of(schema);
  const bool at_top = map.parts() == top_.parts();
  Diagnostic& d = report_.at_place(map, entry.key_place, "unknown-key", "unknown key '" + entry.key + "'");
  d.hint = did_you_mean(entry.key, keys);
  std::string note =
      "= keys of " + (at_top ? names_.owner : map.text()) + ": " + (keys.empty() ? "none" : joined(keys));
  if (at_top && !names_.explain.empty()) note += "   (" + names_.explain + ")";
  d.notes.push_back(std::move(note));
}

void SchemaReader::fill_defaults(Json& object, const Schema& schema, const Place& place, std::size_t depth) const {
  const auto properties = schema.find("properties");
  if (properties == schema.end() || depth > kDeepestDefault) return;
  for (const auto& [key, declared] : properties->items()) {
    if (object.contains(key)) continue;
    Json value = default_of(resolved(declared, root_), place, depth);
    if (!value.is_discarded()) object[key] = std::move(value);
  }
}

// A map that is absent and requires no key is as good as an empty one: its keys' defaults count.
Json SchemaReader::default_of(const Schema& schema, const Place& place, std::size_t depth) const {
  if (!schema.is_object()) return nothing_usable();
  const auto declared = schema.find("default");
  const bool implied = schema.contains("properties") && !schema.contains("required");
  if (declared == schema.end() && !implied) return nothing_usable();

  Json value = declared == schema.end() ? Json::object() : Json(*declared);
  if (value.is_object()) fill_defaults(value, schema, place, depth + 1);
  if (declared == schema.end() && value.empty()) return nothing_usable();
  if (value.is_string()) {
    if (const auto quantity = quantity_of(schema)) return parse_quantity(*quantity, value.get<std::string>()).value;
    if (schema.value("format", "") == "path") return absolute(value, place);
  }
  return value;
}

Json SchemaReader::absolute(const Json& text, const Place& place) const {
  if (!text.is_string() || text.get<std::string>().empty()) return text;
  return (report_.document().file(place).folder() / text.get<std::string>()).lexically_normal().string();
}

}  // namespace statecast::host

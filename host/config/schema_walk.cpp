#include "host/config/schema_walk.hpp"

#include <nlohmann/json.hpp>

namespace statecast::host {
namespace {

using Schema = nlohmann::ordered_json;

constexpr std::size_t kDeepestReference = 16;  // a schema may refer to itself

}  // namespace

const Schema& any_schema() {
  static const Schema schema = Schema::object();
  return schema;
}

const Schema& resolved(const Schema& schema, const Schema& root) {
  const Schema* target = &schema;
  for (std::size_t depth = 0; depth < kDeepestReference && target->is_object(); ++depth) {
    const auto reference = target->find("$ref");
    if (reference == target->end() || !reference->is_string()) return *target;
    const std::string place = reference->get<std::string>();
    if (!place.starts_with("#/")) break;
    const Schema::json_pointer pointer(place.substr(1));
    if (!root.contains(pointer)) break;
    target = &root[pointer];
  }
  return any_schema();  // what it may be is left to check_settings
}

bool is_open(const Schema& schema) {
  if (schema.contains("additionalProperties")) return schema["additionalProperties"] != false;
  return !schema.contains("properties") || schema.contains("patternProperties");
}

const Schema* schema_of_key(const Schema& schema, const std::string& key) {
  if (const auto properties = schema.find("properties"); properties != schema.end())
    if (const auto property = properties->find(key); property != properties->end()) return &*property;
  if (!is_open(schema)) return nullptr;
  const auto additional = schema.find("additionalProperties");
  return additional != schema.end() && additional->is_object() ? &*additional : &any_schema();
}

const Schema& schema_of_items(const Schema& schema) {
  const auto items = schema.find("items");
  return items != schema.end() && items->is_object() ? *items : any_schema();
}

}  // namespace statecast::host

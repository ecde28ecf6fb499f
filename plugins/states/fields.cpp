#include "plugins/states/fields.hpp"

#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>

#include "plugins/states/id.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast {

Json read_object(std::string_view data) {
  if (data.size() > kMaxDataBytes) throw Rejection("data is larger than 64 KiB");
  if (nested_deeper_than(data, kDeepestData)) throw Rejection("data is nested more than " + std::to_string(kDeepestData) + " deep");
  Json fields = Json::parse(data, nullptr, false);
  if (fields.is_discarded()) throw Rejection("data is no JSON that can be read");
  if (!fields.is_object()) throw Rejection("data must be an object");
  return fields;
}

const Json& Fields::at(std::string_view field) const {
  const auto found = object.find(field);
  if (found == object.end()) throw Rejection(path(field) + " is missing");
  if (found->is_null()) throw Rejection(path(field) + " must not be null");
  return *found;
}

void Fields::check(std::string_view field, bool (*allowed)(const Json&), std::string_view phrase) const {
  if (!allowed(at(field))) throw Rejection(path(field) + " must be " + std::string(phrase));
}

void Fields::check_if_present(std::string_view field, bool (*allowed)(const Json&), std::string_view phrase) const {
  if (object.contains(field)) check(field, allowed, phrase);
}

void Fields::check_id(std::string_view field) const { check(field, is_id_text, "an id: " + std::string(kIdRule)); }

void Fields::check_repeats(std::string_view field, std::string_view id, std::string_view where) const {
  const auto found = object.find(field);
  if (found != object.end() && *found != id)
    throw Rejection(path(field) + " must be " + std::string(where) + ", or absent");
}

bool is_text(const Json& value) { return value.is_string(); }
bool is_number(const Json& value) { return value.is_number(); }
bool is_amount(const Json& value) { return value.is_number() && value >= 0; }
bool is_count(const Json& value) { return value.is_number_integer() && value >= 1; }
bool is_list(const Json& value) { return value.is_array(); }
bool is_flag(const Json& value) { return value.is_boolean(); }
bool is_id_text(const Json& value) { return value.is_string() && is_id(value.get_ref<const std::string&>()); }

}  // namespace statecast

#include "plugins/states/delivery/event_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/states/fields.hpp"
#include "plugins/states/id.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast::delivery {
namespace {

const std::string kIdPhrase = "an id: " + std::string(kIdRule);

std::string path(const char* field) { return std::string("data.") + field; }

bool is_text(const Json& value) { return value.is_string() && !value.get_ref<const std::string&>().empty(); }
bool is_count(const Json& value) { return value.is_number_integer() && value >= 0; }
bool is_list(const Json& value) { return value.is_array(); }
bool is_id_text(const Json& value) { return value.is_string() && is_id(value.get_ref<const std::string&>()); }
bool is_list_of_ids(const Json& value) { return value.is_array() && std::ranges::all_of(value, is_id_text); }

const Json& required(const Json& fields, const char* name) {
  const auto found = fields.find(name);
  if (found == fields.end()) throw Rejection(path(name) + " is missing");
  if (found->is_null()) throw Rejection(path(name) + " must not be null");
  return *found;
}

void check(const Json& fields, const char* name, bool (*allowed)(const Json&), const std::string& phrase) {
  const auto found = fields.find(name);
  if (found != fields.end() && !allowed(*found)) throw Rejection(path(name) + " must be " + phrase);
}

const std::string& required_text(const Json& fields, const char* name, bool (*allowed)(const Json&),
                                 const std::string& phrase) {
  const Json& value = required(fields, name);
  check(fields, name, allowed, phrase);
  return value.get_ref<const std::string&>();
}

void check_progress(const Json& run) {
  const auto completed = run.find("completedStops"), total = run.find("totalStops");
  if (completed == run.end() || total == run.end() || *completed <= *total) return;
  throw Rejection("data.completedStops must not exceed totalStops: it would be " + completed->dump() + " of " +
                  total->dump());
}

}  // namespace

Json read_fields(std::string_view subject, std::string_view data, const char* own_id) {
  Json fields = read_object(data);
  const auto id = fields.find(own_id);
  if (id != fields.end() && *id != subject) throw Rejection(path(own_id) + " must be the event's subject, or absent");
  return fields;
}

void check_patch(const Json& fields) {
  for (const char* name : {"status", "completedStops", "totalStops"})
    if (fields.contains(name)) required(fields, name);
}

void check_run(const Json& run) {
  required_text(run, "status", is_text, "text");
  for (const char* count : {"completedStops", "totalStops"})
    check(run, count, is_count, "a whole number of at least 0");
  check(run, "driverId", is_id_text, kIdPhrase);
  check(run, "orderIds", is_list_of_ids, "a list of ids, each of " + std::string(kIdRule));
  check(run, "stops", is_list, "a list");
  check_progress(run);
}

const std::string& read_customer(const Json& fields) {
  return required_text(fields, "customerId", is_id_text, kIdPhrase);
}

const std::string& read_status(const Json& fields) { return required_text(fields, "status", is_text, "text"); }

std::string id_or_empty(const Json& fields, const char* name) {
  const auto found = fields.find(name);
  return found != fields.end() && is_id_text(*found) ? found->get<std::string>() : std::string();
}

std::vector<std::string> ids_or_empty(const Json& fields, const char* name) {
  const auto found = fields.find(name);
  if (found == fields.end() || !is_list_of_ids(*found)) return {};
  return found->get<std::vector<std::string>>();
}

}  // namespace statecast::delivery

#include "plugins/states/order/event_fields.hpp"

#include <nlohmann/json.hpp>

#include "plugins/states/order/id.hpp"
#include "plugins/states/order/rejection.hpp"

namespace statecast::order {
namespace {

using ParseEvent = Json::parse_event_t;

const std::string kIdPhrase = "an id: " + std::string(kIdRule);

// An object of the event, and what a publisher calls it: "data", "data.items[0]".
struct Place {
  const Json& object;
  std::string name;

  const Json& at(std::string_view field) const {
    const auto found = object.find(field);
    if (found == object.end()) throw Rejection(path(field) + " is missing");
    if (found->is_null()) throw Rejection(path(field) + " must not be null");
    return *found;
  }

  void check(std::string_view field, bool (*allowed)(const Json&), std::string_view phrase) const {
    if (!allowed(at(field))) throw Rejection(path(field) + " must be " + std::string(phrase));
  }

  std::string path(std::string_view field) const { return name + "." + std::string(field); }
};

bool is_text(const Json& value) { return value.is_string(); }
bool is_number(const Json& value) { return value.is_number(); }
bool is_amount(const Json& value) { return value.is_number() && value >= 0; }
bool is_count(const Json& value) { return value.is_number_integer() && value >= 1; }
bool is_list(const Json& value) { return value.is_array(); }
bool is_id_text(const Json& value) { return value.is_string() && is_id(value.get_ref<const std::string&>()); }
bool is_outcome(const Json& value) { return value == "SUCCEEDED" || value == "FAILED"; }

void check_item(const Place& item) {
  item.check("menuItemId", is_id_text, kIdPhrase);
  item.check("name", is_text, "text");
  item.check("quantity", is_count, "a whole number of at least 1");
  item.check("price", is_amount, "a number of at least 0");
}

bool refuse_depth(int depth, ParseEvent, Json&) {
  if (depth > kMaxDepth) throw Rejection("data is nested more than " + std::to_string(kMaxDepth) + " deep");
  return true;
}

}  // namespace

Json read_fields(std::string_view order, std::string_view data) {
  if (data.size() > kMaxBytes) throw Rejection("data is larger than 64 KiB");
  Json fields = Json::parse(data, refuse_depth, false);
  if (fields.is_discarded()) throw Rejection("data is no JSON that can be read");
  if (!fields.is_object()) throw Rejection("data must be an object");
  const auto id = fields.find("orderId");
  if (id != fields.end() && *id != order) throw Rejection("data.orderId must be the event's subject, or absent");
  return fields;
}

void check_created(const Json& fields) {
  const Place data{fields, "data"};
  data.check("customerId", is_id_text, kIdPhrase);
  data.check("merchantId", is_id_text, kIdPhrase);
  data.check("items", is_list, "a list");
  data.check("total", is_amount, "a number of at least 0");
  const Json& items = fields["items"];
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Place item{items[i], "data.items[" + std::to_string(i) + "]"};
    if (!item.object.is_object()) throw Rejection(item.name + " must be an object");
    check_item(item);
  }
}

void check_payment(const Json& fields) {
  const Place data{fields, "data"};
  data.check("paymentId", is_id_text, kIdPhrase);
  data.check("status", is_outcome, "SUCCEEDED or FAILED");
  data.check("amount", is_number, "a number");
}

void check_status_update(const Json& fields) { Place{fields, "data"}.check("status", is_text, "text"); }

}  // namespace statecast::order

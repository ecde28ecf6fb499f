#include "plugins/states/order/event_fields.hpp"

#include <nlohmann/json.hpp>

#include "plugins/states/rejection.hpp"

namespace statecast::order {
namespace {

bool is_outcome(const Json& value) { return value == "SUCCEEDED" || value == "FAILED"; }

void check_item(const Fields& item) {
  item.check_id("menuItemId");
  item.check("name", is_text, "text");
  item.check("quantity", is_count, "a whole number of at least 1");
  item.check("price", is_amount, kAmountPhrase);
}

}  // namespace

Json read_fields(std::string_view order, std::string_view data) {
  Json fields = read_object(data);
  Fields{fields, "data"}.check_repeats("orderId", order, "the event's subject");
  return fields;
}

void check_created(const Json& fields) {
  const Fields data{fields, "data"};
  data.check_id("customerId");
  data.check_id("merchantId");
  data.check("items", is_list, "a list");
  data.check("total", is_amount, kAmountPhrase);
  const Json& items = fields["items"];
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Fields item{items[i], "data.items[" + std::to_string(i) + "]"};
    if (!item.object.is_object()) throw Rejection(item.name + " must be an object");
    check_item(item);
  }
}

void check_payment(const Json& fields) {
  const Fields data{fields, "data"};
  data.check_id("paymentId");
  data.check("status", is_outcome, "SUCCEEDED or FAILED");
  data.check("amount", is_number, "a number");
}

void check_status_update(const Json& fields) { Fields{fields, "data"}.check("status", is_text, "text"); }

}  // namespace statecast::order

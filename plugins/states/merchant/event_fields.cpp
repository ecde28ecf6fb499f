#include "plugins/states/merchant/event_fields.hpp"

#include <nlohmann/json.hpp>
#include <statecast/rfc3339.hpp>

#include "plugins/states/rejection.hpp"

namespace statecast::merchant {
namespace {

bool is_title(const Json& value) { return value.is_string() && !value.get_ref<const std::string&>().empty(); }
bool is_true(const Json& value) { return value == true; }
bool is_time(const Json& value) { return value.is_string() && parse_rfc3339(value.get_ref<const std::string&>()); }

constexpr std::string_view kTimePhrase = "a time as in RFC 3339, like 2023-12-20T14:35:00.000Z";

// A field that an entity must have, but an event about one that is there need not repeat.
void check_part(const Fields& data, bool is_new, std::string_view field, bool (*allowed)(const Json&),
                std::string_view phrase) {
  if (is_new)
    data.check(field, allowed, phrase);
  else
    data.check_if_present(field, allowed, phrase);
}

}  // namespace

void check_status(const Json& fields) {
  const Fields data{fields, "data"};
  data.check("open", is_flag, kFlagPhrase);
  const auto until = fields.find("until");
  if (until != fields.end() && !until->is_null()) data.check("until", is_time, std::string(kTimePhrase) + ", or null");
  if (fields.contains("items")) throw Rejection("data.items must be absent: each item comes by a MenuItemUpdated");
  if (fields.contains("promotions"))
    throw Rejection("data.promotions must be absent: each promotion comes by a PromotionPublished");
}

void check_item(const Json& fields, bool is_new) {
  const Fields data{fields, "data"};
  check_part(data, is_new, "name", is_text, "text");
  check_part(data, is_new, "price", is_amount, kAmountPhrase);
  check_part(data, is_new, "available", is_flag, kFlagPhrase);
}

bool is_plain_item(const PlainPatch& patch) {
  const auto price = patch.find("price"), available = patch.find("available");
  return !patch.has("removed") && (!patch.has("name") || patch.text("name")) &&
         (!price || (price->front() >= '0' && price->front() <= '9')) &&
         (!available || available == "true" || available == "false");
}

void check_promotion(const Json& fields, bool is_new) {
  const Fields data{fields, "data"};
  check_part(data, is_new, "title", is_title, "text that is not empty");
  check_part(data, is_new, "endsAt", is_time, kTimePhrase);
}

bool is_removal(const Json& fields) {
  Fields{fields, "data"}.check_if_present("removed", is_true, "true, or absent");
  return fields.contains("removed");
}

std::int64_t time_of(const Json& time) { return parse_rfc3339(time.get_ref<const std::string&>()).value(); }

}  // namespace statecast::merchant

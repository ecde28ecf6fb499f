#include "plugins/states/order/order.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>

#include "plugins/states/rejection.hpp"
#include "plugins/states/written_merge.hpp"

namespace statecast::order {
namespace {

using Unordered = nlohmann::json;  // equal when the members are, in whatever order

constexpr const char* kFixedFields[] = {"customerId", "merchantId", "items", "total"};

void check_fixed_fields(const Json& order, const Json& fields) {
  for (const char* name : kFixedFields) {
    const auto field = fields.find(name);
    if (field != fields.end() && Unordered(*field) != Unordered(order.at(name)))
      throw Rejection(std::string("data.") + name + " must stay as it was in OrderCreated, or be absent");
  }
}

}  // namespace

Order Order::create(const Json& fields, std::string_view data, const Lifecycle& lifecycle, std::int64_t time_us) {
  check_created(fields);
  const auto status = fields.find("status");
  if (status != fields.end() && *status != lifecycle.initial())
    throw Rejection("data.status must be " + lifecycle.initial() + " in OrderCreated, or absent");
  Order order(fields.at("customerId").get<std::string>(), fingerprint(fields));
  order.replace_text(merged_as_written(Json{{"status", lifecycle.initial()}}.dump(), data));
  order.activity.last_us = time_us;
  if (lifecycle.is_final(lifecycle.initial())) order.ended_us_ = time_us;
  return order;
}

bool Order::update(const Json& fields, std::string_view data, const Lifecycle& lifecycle, std::int64_t time_us) {
  check_status_update(fields);
  const Json value = Json::parse(data_);
  const auto& status = fields.at("status").get_ref<const std::string&>();
  lifecycle.check_step(value.at("status").get_ref<const std::string&>(), status);
  check_fixed_fields(value, fields);
  const bool changed = replace_text(merged_as_written(data_, data));
  if (!ended_us_ && lifecycle.is_final(status)) ended_us_ = time_us;
  return changed;
}

std::optional<bool> Order::update(const PlainPatch& patch, const Lifecycle& lifecycle, std::int64_t time_us) {
  const auto status = patch.text("status");
  if (!status || std::ranges::any_of(kFixedFields, [&](const char* name) { return patch.has(name); })) return std::nullopt;
  const auto before = written_member(data_, "status");
  if (!before || before->find('\\') != before->npos) return std::nullopt;
  lifecycle.check_step(before->substr(1, before->size() - 2), *status);
  const bool changed = replace_text(patch.merged_into(data_));
  if (!ended_us_ && lifecycle.is_final(*status)) ended_us_ = time_us;
  return changed;
}

bool Order::pay(const Json& fields, std::string_view data) {
  check_payment(fields);
  return replace_text(merged_as_written(data_, R"({"payment":)" + std::string(data) + "}"));
}

Order Order::load(std::string_view bytes) {
  const Json saved = Json::parse(bytes, nullptr, false);
  try {
    const Json& data = saved.at("data");
    check_created(data);
    check_status_update(data);
    Order order(data.at("customerId").get<std::string>(), saved.at("created").get<std::uint64_t>());
    order.replace_text(std::string(written_member(bytes, "data").value()));
    if (saved.contains("at")) order.activity.last_us = saved.at("at").get<std::int64_t>();
    if (saved.contains("ended")) order.ended_us_ = saved.at("ended").get<std::int64_t>();
    return order;
  } catch (const Json::exception&) {
    throw Rejection("an order was saved in another form");
  }
}

std::string Order::save() const {
  const std::string ended = ended_us_ ? R"(,"ended":)" + std::to_string(*ended_us_) : std::string();
  const bool timed = activity.last_us != Activity::kUnknown;
  const std::string at = timed ? R"(,"at":)" + std::to_string(activity.last_us) : std::string();
  return R"({"created":)" + std::to_string(created_) + at + ended + R"(,"data":)" + data_ + "}";
}

// FNV-1a: the same on every build, since it is saved.
std::uint64_t Order::fingerprint(const Json& fields) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : Unordered(fields).dump()) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

bool Order::replace_text(std::string text) {
  if (text == data_) return false;
  if (text.size() > kMaxBytes) throw Rejection("the order would become larger than 64 KiB");
  text.shrink_to_fit();
  data_ = std::move(text);
  return true;
}

}  // namespace statecast::order

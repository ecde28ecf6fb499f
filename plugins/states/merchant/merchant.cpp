#include "plugins/states/merchant/merchant.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>
#include <utility>

#include "plugins/states/hidden_fields.hpp"
#include "plugins/states/rejection.hpp"
#include "plugins/states/written_merge.hpp"

namespace statecast::merchant {
namespace {

constexpr const char* kOtherForm = "a merchant was saved in another form";

// An item or a promotion after an event: its id first. The message names the merchant already.
std::string merged(const std::string& before, const char* id_field, std::string_view id, std::string_view data) {
  static const std::array<std::string, 1> kToldElsewhere{"merchantId"};
  return merged_as_written(before.empty() ? Json{{id_field, std::string(id)}}.dump() : before, without_fields(data, kToldElsewhere));
}

std::string merged_status_fields(const std::string& before, std::string_view data) {
  static const std::array<std::string, 3> kToldElsewhere{"merchantId", "open", "until"};
  return merged_as_written(before, without_fields(data, kToldElsewhere));
}

void check_room(std::size_t count, std::size_t bound, const std::string& what, const std::string& setting) {
  if (count >= bound)
    throw Rejection("the merchant has " + std::to_string(count) + " " + what + " already: " + setting + " is " +
                    std::to_string(bound));
}

std::string id_in(const Json& part, const char* field) {
  Fields{part, "saved"}.check_id(field);
  return part.at(field).get<std::string>();
}

}  // namespace

bool Merchant::change_status(const Json& fields, std::string_view data, std::int64_t event_us, const Settings& settings) {
  check_status(fields);
  Status status = read_status(fields);
  std::string text = merged_status_fields(fields_, data);
  const bool same = status_ && status_->same_as(status);
  status.over = (same && status_->over) || (status.runs_out() && status.until_us <= event_us);
  if (same && status.over == status_->over && text == fields_) return false;
  check_growth(fields_.size(), text.size(), settings);
  replace(fields_, std::move(text));
  status_ = std::move(status);
  return true;
}

// A status says all about itself: without `until`, an earlier one counts no more.
Merchant::Status Merchant::read_status(const Json& fields) {
  Status status{fields.at("open").get<bool>(), {}};
  const auto until = fields.find("until");
  if (until == fields.end() || until->is_null()) return status;
  status.until = until->get<std::string>();
  status.until_us = time_of(*until);
  return status;
}

bool Merchant::update_item(std::string_view item, const Json& fields, std::string_view data, const Settings& settings) {
  if (is_removal(fields)) return remove_item(item);
  const auto found = items_.find(item);
  const bool is_new = found == items_.end();
  check_item(fields, is_new);
  if (is_new) check_room(items_.size(), settings.max_items, "menu items", "max_items");
  const std::string before = is_new ? "" : found->second;
  std::string text = merged(before, "menuItemId", item, data);
  if (text == before) return false;
  check_growth(before.size(), text.size(), settings);
  replace(items_[std::string(item)], std::move(text));
  return true;
}

std::optional<bool> Merchant::update_item(std::string_view item, PlainPatch& patch, const Settings& settings) {
  const auto found = items_.find(item);
  if (found == items_.end() || !is_plain_item(patch)) return std::nullopt;
  patch.leave_out("merchantId");
  return replace_item(found->second, patch.merged_into(found->second), settings);
}

bool Merchant::replace_item(std::string& before, std::string after, const Settings& settings) {
  if (after == before) return false;
  check_growth(before.size(), after.size(), settings);
  replace(before, std::move(after));
  return true;
}

bool Merchant::remove_item(std::string_view item) {
  const auto found = items_.find(item);
  if (found == items_.end()) return false;
  bytes_ -= found->second.size();
  items_.erase(found);
  return true;
}

bool Merchant::publish(std::string_view promotion, const Json& fields, std::string_view data, std::int64_t event_us,
                       const Settings& settings) {
  if (is_removal(fields)) return remove_promotion(promotion);
  const auto found = promotions_.find(promotion);
  const bool is_new = found == promotions_.end();
  check_promotion(fields, is_new);
  const auto gives_way = is_new ? ended_first(event_us, settings) : promotions_.end();
  const Promotion before = is_new ? Promotion{} : found->second;
  Promotion after = before;
  after.text = merged(before.text, "promotionId", promotion, data);
  if (fields.contains("endsAt")) after.set_end(time_of(fields.at("endsAt")));
  after.over = after.over || after.ends_us <= event_us;
  if (after.text == before.text && after.over == before.over) return false;
  check_growth(before.text.size(), after.text.size(), settings);
  if (gives_way != promotions_.end()) remove_promotion(std::string(gives_way->first));
  bytes_ = bytes_ - before.text.size() + after.text.size();
  promotions_[std::string(promotion)] = std::move(after);
  return true;
}

bool Merchant::remove_promotion(std::string_view promotion) {
  const auto found = promotions_.find(promotion);
  if (found == promotions_.end()) return false;
  bytes_ -= found->second.text.size();
  promotions_.erase(found);
  return true;
}

// By the event's time and not by what run_out marked: a replay makes room for the same promotions.
Merchant::Promotions::iterator Merchant::ended_first(std::int64_t event_us, const Settings& settings) {
  if (promotions_.size() < settings.max_promotions) return promotions_.end();
  const auto first = std::ranges::min_element(promotions_, {}, [](const auto& p) { return p.second.ends_us; });
  if (first->second.ends_us > event_us)
    check_room(promotions_.size(), settings.max_promotions, "promotions", "max_promotions");
  return first;
}

void Merchant::check_growth(std::size_t before, std::size_t after, const Settings& settings) const {
  if (after > before && bytes_ - before + after > settings.max_bytes)
    throw Rejection("the merchant would become larger than " + std::to_string(settings.max_bytes) +
                    " bytes (max_size)");
  if (after > before && after - before > settings.bytes_left)
    throw Rejection("the merchants would take more than " + std::to_string(settings.all.bytes) + " bytes in all (max_memory)");
}

void Merchant::replace(std::string& text, std::string with) {
  bytes_ = bytes_ - text.size() + with.size();
  text = std::move(with);
}

bool Merchant::run_out(std::int64_t now_us) {
  bool changed = false;
  const auto mark = [&](bool& over, std::int64_t until_us) {
    const bool now_over = until_us <= now_us;
    changed = std::exchange(over, now_over) != now_over || changed;
  };
  if (status_ && !status_->until.empty()) mark(status_->over, status_->until_us);
  for (auto& [_, promotion] : promotions_) mark(promotion.over, promotion.ends_us);
  return changed;
}

std::optional<std::int64_t> Merchant::runs_out_at() const {
  std::optional<std::int64_t> first;
  const auto consider = [&](std::int64_t time_us) { first = std::min(first.value_or(time_us), time_us); };
  if (status_ && status_->runs_out()) consider(status_->until_us);
  for (const auto& [_, promotion] : promotions_)
    if (!promotion.over) consider(promotion.ends_us);
  return first;
}

std::string Merchant::data(std::span<const std::string> hidden) const {
  std::string out = R"({"open":)";
  out += !status_ ? "null" : status_->open != status_->over ? "true" : "false";
  out += R"(,"until":)";
  out += status_ && status_->runs_out() ? '"' + status_->until + '"' : "null";
  const std::string own = without_fields(fields_, hidden);
  if (own.size() > 2) out.append(",").append(own, 1, own.size() - 2);
  out += R"(,"items":[)";
  const char* comma = "";
  for (const auto& [_, text] : items_) out.append(comma).append(without_fields(text, hidden)), comma = ",";
  out += R"(],"promotions":[)";
  comma = "";
  for (const auto& [_, promotion] : promotions_)
    if (!promotion.over) out.append(comma).append(without_fields(promotion.text, hidden)), comma = ",";
  return out + "]}";
}

// ---- saved

std::string Merchant::save() const {
  std::string out = R"({"fields":)" + fields_;
  if (status_) {
    const Json until = status_->until.empty() ? Json() : Json(status_->until);
    const Json status{{"open", status_->open}, {"until", until}, {"over", status_->over}};
    out += R"(,"status":)" + status.dump();
  }
  out += R"(,"items":[)";
  const char* comma = "";
  for (const auto& [_, text] : items_) out.append(comma).append(text), comma = ",";
  out += R"(],"promotions":[)";
  comma = "";
  for (const auto& [_, promotion] : promotions_) {
    out.append(comma).append(promotion.over ? R"({"over":true,"promotion":)" : R"({"over":false,"promotion":)");
    out.append(promotion.text).append("}");
    comma = ",";
  }
  return out + "]}";
}

Merchant Merchant::load(std::string_view bytes) {
  const Json saved = Json::parse(bytes, nullptr, false);
  try {
    Merchant merchant;
    merchant.load_parts(saved, bytes);
    return merchant;
  } catch (const Json::exception&) {
    throw Rejection(kOtherForm);
  }
}

void Merchant::load_parts(const Json& saved, std::string_view bytes) {
  const Json& fields = saved.at("fields");
  if (!fields.is_object()) throw Rejection(kOtherForm);
  replace(fields_, std::string(written_member(bytes, "fields").value()));
  if (!saved.at("items").is_array() || !saved.at("promotions").is_array()) throw Rejection(kOtherForm);
  if (saved.contains("status")) load_status(saved.at("status"));
  for (const std::string_view text : written_elements(written_member(bytes, "items").value())) {
    const Json item = Json::parse(text);
    check_item(item, true);
    replace(items_[id_in(item, "menuItemId")], std::string(text));
  }
  for (const std::string_view text : written_elements(written_member(bytes, "promotions").value())) {
    const Json entry = Json::parse(text);
    const Json& promotion = entry.at("promotion");
    check_promotion(promotion, true);
    Promotion& made = promotions_[id_in(promotion, "promotionId")];
    made.ends_us = time_of(promotion.at("endsAt"));
    made.over = entry.at("over").get<bool>();
    replace(made.text, std::string(written_member(text, "promotion").value()));
  }
}

void Merchant::load_status(const Json& saved) {
  check_status(saved);
  status_ = read_status(saved);
  status_->over = saved.at("over").get<bool>();
}

}  // namespace statecast::merchant

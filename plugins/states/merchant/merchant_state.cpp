#include "plugins/states/merchant/merchant_state.hpp"

#include <nlohmann/json.hpp>

#include "plugins/states/id.hpp"
#include "plugins/states/merchant/topic.hpp"
#include "plugins/states/rejection.hpp"
#include "plugins/states/viewer.hpp"

namespace statecast::merchant {
namespace {

constexpr std::string_view kStatusChanged = "RestaurantStatusChanged";
constexpr std::string_view kItemUpdated = "MenuItemUpdated";
constexpr std::string_view kPromotionPublished = "PromotionPublished";

std::string merchant_named(std::string_view id) { return "merchant " + std::string(id); }

void check_subject(const Event& event, const std::string& whose) {
  if (!is_id(event.subject)) throw Rejection("the subject must be the " + whose + "'s id: " + std::string(kIdRule));
}

std::string named_in_data(const Event& event, const Json& fields, const std::string& what, std::string_view own_id) {
  check_subject(event, what);
  const Fields data{fields, "data"};
  data.check_id("merchantId");
  data.check_repeats(own_id, event.subject, "the event's subject");
  return fields.at("merchantId").get<std::string>();
}

std::string named_by_subject(const Event& event, const Json& fields) {
  check_subject(event, "merchant");
  Fields{fields, "data"}.check_repeats("merchantId", event.subject, "the event's subject");
  return std::string(event.subject);
}

// Which merchant the event is about.
std::string merchant_of(const Event& event, const Json& fields) {
  if (event.type == kStatusChanged) return named_by_subject(event, fields);
  if (event.type == kItemUpdated) return named_in_data(event, fields, "menu item", "menuItemId");
  if (event.type == kPromotionPublished) return named_in_data(event, fields, "promotion", "promotionId");
  throw Rejection("merchants are not changed by events of this type");
}

}  // namespace

void MerchantState::apply(const Event& event, const Changes& changes) {
  if (fold_plainly(event, changes)) return;
  const Json fields = read_object(event.data);
  const std::string id = merchant_of(event, fields);
  if (id == kAllName) throw Rejection("no merchant can have the id 'all': merchants/all is the topic of all merchants");
  auto found = merchants_.find(id);
  if (found == merchants_.end()) check_room(id);
  Merchant fresh;
  if (!fold(event, fields, found == merchants_.end() ? fresh : found->second.merchant)) return;
  auto& entry = found == merchants_.end() ? insert(id, std::move(fresh)) : *found;
  count_bytes(entry);
  watch(entry);
  tell(event, entry, changes);
}

void MerchantState::check_room(std::string_view id) const {
  if (!bound_.full() && settings_.bytes_left >= Bound::kRecordBytes + id.size()) return;
  throw Rejection(merchant_named(id) + " would be one too many: " + std::to_string(merchants_.size()) +
                  " merchants are kept, and there is no room for more (max_merchants, max_memory)");
}

MerchantState::Merchants::value_type& MerchantState::insert(std::string_view id, Merchant merchant) {
  bound_.enter(0);
  auto& entry = *merchants_.emplace(id, Entry{std::move(merchant), {}}).first;
  count_bytes(entry);
  return entry;
}

void MerchantState::count_bytes(Merchants::value_type& entry) {
  auto& [id, counted] = entry;
  bound_.recount(counted.counted_bytes, Bound::kRecordBytes + id.size() + counted.merchant.bytes());
  settings_.bytes_left = bound_.bytes_left();
}

void MerchantState::tell(const Event& event, const Merchants::value_type& entry, const Changes& changes) const {
  const auto& [id, told] = entry;
  if (event.replay && told.due_us) host_.wake();  // it may have run out while the host was down
  changes.updated(id, {merchant_topic(id), kAllMerchants});
}

// The most frequent event, as it mostly is; false = it is for fold to judge. What an item says runs out at no time.
bool MerchantState::fold_plainly(const Event& event, const Changes& changes) {
  if (event.type != kItemUpdated || !is_id(event.subject) || !patch_.read(event.data)) return false;
  const auto id = patch_.text("merchantId");
  if (!id || !patch_.repeats("menuItemId", event.subject)) return false;
  const auto found = merchants_.find(*id);
  if (found == merchants_.end()) return false;
  const auto changed = found->second.merchant.update_item(event.subject, patch_, settings_);
  if (changed == true) count_bytes(*found), tell(event, *found, changes);
  return changed.has_value();
}

bool MerchantState::fold(const Event& event, const Json& fields, Merchant& merchant) const {
  if (event.type == kStatusChanged) return merchant.change_status(fields, event.data, event.time_us, settings_);
  if (event.type == kItemUpdated) return merchant.update_item(event.subject, fields, event.data, settings_);
  return merchant.publish(event.subject, fields, event.data, event.time_us, settings_);
}

void MerchantState::watch(Merchants::value_type& entry) {
  auto& [id, watched] = entry;
  const auto due = watched.merchant.runs_out_at();
  if (due == watched.due_us) return;
  if (watched.due_us) due_.erase({*watched.due_us, id});
  if (due) due_.emplace(*due, id);
  watched.due_us = due;
}

void MerchantState::refresh(std::int64_t now_us, const Changes& changes) {
  // The clock was put back, or may have been while the host was down: what has run out may not have.
  if (std::exchange(refreshed_us_, now_us) > now_us)
    for (auto& entry : merchants_) run_out(entry, now_us, changes);
  while (!due_.empty() && due_.begin()->first <= now_us) run_out(*merchants_.find(due_.begin()->second), now_us, changes);
}

void MerchantState::run_out(Merchants::value_type& entry, std::int64_t now_us, const Changes& changes) {
  if (!entry.second.merchant.run_out(now_us)) return;
  watch(entry);
  changes.updated(entry.first, {merchant_topic(entry.first), kAllMerchants});
}

Admission MerchantState::admit(const Client& client, std::string_view name) {
  const auto topic = Topic::parse(name);
  if (!topic) return Admission::unknown("no such topic: there are merchants/<id> and merchants/all");
  const bool staff = Viewer::of(client.claims()).staff;
  if (!staff && !topic->all && !merchants_.contains(topic->id))
    return Admission::denied(merchant_named(topic->id) + " does not exist");
  return Admission::as(staff && !settings_.staff_only.empty() ? kStaff : kPublic);
}

void MerchantState::list(std::string_view name, std::string_view after_key, std::size_t max, const Keys& keys) {
  const auto topic = Topic::parse(name);
  if (!topic) return;
  if (!topic->all) {
    if (max > 0 && topic->id > after_key && merchants_.contains(topic->id)) keys.add(topic->id);
    return;
  }
  for (auto at = merchants_.upper_bound(after_key); at != merchants_.end() && max > 0; ++at, --max) keys.add(at->first);
}

bool MerchantState::render(std::string_view key, std::string_view view, const Sink& json) {
  const auto found = merchants_.find(key);
  if (found == merchants_.end() || (view != kStaff && view != kPublic)) return false;
  std::span<const std::string> hidden;
  if (view == kPublic) hidden = settings_.staff_only;
  json.write(R"({"type":"merchant_update","merchantId":")");
  json.write(key);
  json.write(R"(","data":)");
  json.write(found->second.merchant.data(hidden));
  json.write("}");
  return true;
}

void MerchantState::load(std::string_view /*version*/, std::string_view key, std::string_view bytes) {
  if (!is_id(key)) throw Rejection("what was saved as '" + std::string(key) + "' is no merchant: its key is no id");
  if (merchants_.contains(key)) throw Rejection(merchant_named(key) + " was saved twice");
  auto& loaded = insert(key, Merchant::load(bytes));
  watch(loaded);
  if (loaded.second.due_us) host_.wake();
}

bool MerchantState::save(std::string_view key, const Sink& bytes) {
  const auto found = merchants_.find(key);
  if (found == merchants_.end()) return false;
  bytes.write(found->second.merchant.save());
  return true;
}

}  // namespace statecast::merchant

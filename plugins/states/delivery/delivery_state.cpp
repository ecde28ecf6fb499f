#include "plugins/states/delivery/delivery_state.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "plugins/states/delivery/parting.hpp"
#include "plugins/states/id.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast::delivery {
namespace {

void check_subject(std::string_view subject, const char* entity) {
  if (is_id(subject) && subject != kAllName) return;
  const std::string what = entity;
  if (subject != kAllName) throw Rejection("the subject must be the " + what + "'s id: " + std::string(kIdRule));
  throw Rejection("no " + what + " can have the id 'all': " + what + "s/all is the topic of all " + what + "s");
}

}  // namespace

DeliveryState::DeliveryState(const Instance& instance)
    : settings_(Settings::read(instance.settings)),
      host_(instance.host),
      drivers_(settings_, instance.host),
      orders_(settings_, instance.host),
      runs_bound_(instance.host, "runs", settings_.runs),
      run_evictions_(instance.host, "runs") {}

// ---- events

void DeliveryState::apply(const Event& event, const Changes& changes) {
  if (event.type == "DriverLocationUpdated") {
    check_subject(event.subject, "driver");
    return drivers_.move(event.subject, event.data, event.time_us, changes);
  }
  if (event.type == "RunUpdated") return on_run_updated(event, changes);
  if (event.type == "OrderCreated") return on_order_created(event, changes);
  if (event.type == "OrderStatusUpdated") return on_order_status_updated(event, changes);
  throw Rejection("deliveries are not changed by events of this type");
}

void DeliveryState::on_run_updated(const Event& event, const Changes& changes) {
  check_subject(event.subject, "run");
  const std::string key = key_of(kRuns, event.subject);
  const auto found = runs_.find(key);
  if (found != runs_.end() && patch_.read(event.data) && patch_.repeats("runId", event.subject)) {
    const auto changed = found->second.go_on(patch_, settings_.ended_statuses);
    if (changed == true) changes.updated(key, {key, kAllRuns}), on_run_changed(*found, event.time_us, changes);
    if (changed) return;
  }
  const Json fields = read_fields(event.subject, event.data, "runId");
  const Run before = found == runs_.end() ? Run() : found->second;
  Run after = before;
  if (!after.update(fields, event.data, event.time_us, settings_.ended_statuses)) return;
  for (const std::string& run : orders_.carry(event.subject, after.driver(), before.orders(), after.orders()))
    changes.touched(key_of(kRuns, run));
  changes.updated(key, {key, kAllRuns});
  if (!before.driver().empty() && before.driver() != after.driver())
    tell_parting(kDriver + before.driver(), key, changes);
  if (after.ended()) changes.ended(key);  // last: an update would take it back
  tell_customers(changes);
  const auto [place, added] = runs_.insert_or_assign(key, std::move(after));
  if (added) place->second.activity.last_us = event.time_us, enter_run(*place);
  on_run_changed(*place, event.time_us, changes);
}

// ---- how many runs

void DeliveryState::on_run_changed(Runs::value_type& entry, std::int64_t time_us, const Changes& changes) {
  auto& [key, run] = entry;
  idle_runs_.note(run.activity, time_us);
  count_bytes(entry);
  if (run.ended()) {
    idle_runs_.leave(key, run.activity);
    ended_runs_.leave(key, run.activity);
    ended_runs_.enter(key, run.activity);
  }
  if (runs_bound_.exceeded()) make_room_for_runs(changes);
}

void DeliveryState::enter_run(Runs::value_type& entry) {
  auto& [key, run] = entry;
  (run.ended() ? ended_runs_ : idle_runs_).enter(key, run.activity);
  runs_bound_.enter(0);
  count_bytes(entry);
}

void DeliveryState::count_bytes(Runs::value_type& entry) {
  auto& [key, run] = entry;
  runs_bound_.recount(run.counted_bytes, Bound::kRecordBytes + key.size() + run.bytes());
}

// Those that ended go before any that has not.
void DeliveryState::make_room_for_runs(const Changes& changes) {
  run_evictions_.make_room(
      runs_bound_,
      [this] {
        const auto ended = ended_runs_.longest(activity_of_run());
        return ended ? ended : idle_runs_.longest(activity_of_run());
      },
      [&](std::string_view key, std::string_view why) { evict_run(key, why, changes); });
}

void DeliveryState::evict_run(std::string_view key, std::string_view why, const Changes& changes) {
  const auto id = key.substr(kRuns.size());
  run_evictions_.note(id, why);
  const auto run = runs_.find(key);
  changes.ended(key);
  orders_.carry(id, {}, run->second.orders(), {});
  tell_customers(changes);
  forget_run(run, changes);
}

void DeliveryState::forget_run(Runs::iterator place, const Changes& changes) {
  const auto& [key, run] = *place;
  changes.removed(key, {key, kAllRuns});
  (run.ended() ? ended_runs_ : idle_runs_).leave(key, run.activity);
  runs_bound_.leave(run.counted_bytes);
  runs_.erase(place);
}

// The order's life is another State's matter. Here only what cannot be understood is rejected, which that State rejects
// too; what comes too late or twice is passed over.
void DeliveryState::on_order_created(const Event& event, const Changes& changes) {
  check_subject(event.subject, "order");
  const Json fields = read_fields(event.subject, event.data, "orderId");
  if (!orders_.create(event.subject, read_customer(fields), event.time_us)) return;
  changes.touched(key_of(kOrders, event.subject));
  make_room_for_orders(changes);
  tell_customers(changes);
}

void DeliveryState::make_room_for_orders(const Changes& changes) {
  for (const std::string& order : orders_.make_room()) changes.touched(key_of(kOrders, order));
}

void DeliveryState::on_order_status_updated(const Event& event, const Changes& changes) {
  check_subject(event.subject, "order");
  const auto known = update_plainly(event);
  const bool changed = known ? *known : update_order(event);
  if (!changed) return;
  changes.touched(key_of(kOrders, event.subject));
  tell_customers(changes);
}

// As most of these events are; nothing = it is for update_order to judge.
std::optional<bool> DeliveryState::update_plainly(const Event& event) {
  if (!patch_.read(event.data) || !patch_.repeats("orderId", event.subject)) return std::nullopt;
  const auto status = patch_.text("status");
  if (!status || status->empty()) return std::nullopt;
  std::optional<std::string_view> driver;
  if (patch_.has("driverId")) driver = patch_.text("driverId").value_or("");
  if (driver && !is_id(*driver)) driver = "";
  return orders_.update(event.subject, *status, driver, event.time_us);
}

bool DeliveryState::update_order(const Event& event) {
  const Json fields = read_fields(event.subject, event.data, "orderId");
  std::optional<std::string> driver;
  if (fields.contains("driverId")) driver = id_or_empty(fields, "driverId");
  return orders_.update(event.subject, read_status(fields), driver, event.time_us);
}

void DeliveryState::tell_customers(const Changes& changes) {
  for (const Orders::Parted& parted : orders_.take_parted())
    tell_parting(kCustomer + parted.customer, key_of(kDrivers, parted.driver), changes);
}

void DeliveryState::tell_parting(std::string_view view, std::string_view topic, const Changes& changes) {
  const auto told = told_.insert(Parting{view, topic}.key()).first;
  changes.updated(*told, {topic});
}

// ---- the clock

void DeliveryState::refresh(std::int64_t now_us, const Changes& changes) {
  for (const std::string& told : std::exchange(told_, {})) changes.removed(told, {Parting::parse(told)->topic});
  drivers_.forget_before(host_.aged_us(settings_.keep), changes);
  forget_ended_runs(host_.aged_us(settings_.keep), changes);
  std::size_t left = Evictions::kAtOnce;
  idle_runs_.evict_idle(now_us, host_.aged_us(settings_.keep_idle), settings_.keep_idle, left, activity_of_run(),
                        [&](std::string_view key) { evict_run(key, "keep_idle", changes); });
  for (const std::string& order : orders_.forget_before(host_.aged_us(settings_.keep_orders)))
    changes.touched(key_of(kOrders, order));
  make_room_for_runs(changes);
  make_room_for_orders(changes);
  drivers_.make_room(changes);
  bring_back_to(now_us, changes);
  tell_customers(changes);
  if (left == 0 || runs_bound_.exceeded() || orders_.exceeded() || drivers_.exceeded()) host_.wake();
}

// An event whose time lies ahead of the clock must not keep for ever what it is about.
void DeliveryState::bring_back_to(std::int64_t now_us, const Changes& changes) {
  drivers_.refresh(now_us, changes);
  for (auto& [key, run] : runs_)
    if (run.bring_end_back_to(now_us)) {
      ended_runs_.bring_back(key, run.activity, now_us);
      changes.touched(key);
    }
  for (const std::string& order : orders_.bring_back_to(now_us)) changes.touched(key_of(kOrders, order));
}

void DeliveryState::forget_ended_runs(std::int64_t before_us, const Changes& changes) {
  for (auto run = runs_.begin(); run != runs_.end();)
    if (const auto at = run++; at->second.ended_before(before_us)) forget_run(at, changes);
}

// ---- clients

Admission DeliveryState::admit(const Client& client, std::string_view name) {
  const auto topic = Topic::parse(name);
  if (!topic) return Admission::unknown("no such topic: there are runs/<id>, runs/all, drivers/<id> and drivers/all");
  const Viewer viewer = Viewer::of(client.claims());
  if (viewer.sees_all) return Admission::as(kEverything);
  if (!viewer.driver && !viewer.customer)
    return Admission::denied("deliveries are shown to the roles customer, driver, dispatcher, staff and admin only");
  if (topic->kind == Topic::Kind::run) return admit_to_run(viewer, *topic, name);
  if (topic->kind == Topic::Kind::driver) return admit_to_driver(viewer, *topic);
  return Admission::denied(std::string(name) + " is shown to the roles dispatcher, staff and admin only");
}

// One answer for a run that is another's and for one that is not there, so that ids cannot be probed. No customer sees
// a run: it tells of the orders of others.
Admission DeliveryState::admit_to_run(const Viewer& viewer, const Topic& topic, std::string_view name) const {
  const std::string view = kDriver + viewer.sub;
  if (viewer.driver && sees(view, name)) return Admission::as(view);
  return Admission::denied("run " + std::string(topic.id) + " is not yours or does not exist");
}

Admission DeliveryState::admit_to_driver(const Viewer& viewer, const Topic& topic) const {
  if (viewer.driver && topic.id == viewer.sub) return Admission::as(kEverything);
  if (viewer.customer && orders_.on_the_way(topic.id, viewer.sub)) return Admission::as(kCustomer + viewer.sub);
  return Admission::denied("driver " + std::string(topic.id) + " has no order of yours on the way, or does not exist");
}

// Asked anew for each rendering, because rights come and go while a client listens.
bool DeliveryState::sees(std::string_view view, std::string_view topic) const {
  constexpr std::string_view kDriverView = kDriver, kCustomerView = kCustomer;
  if (view == kEverything) return true;
  if (view.starts_with(kDriverView)) {
    const auto run = runs_.find(topic);
    const auto driver = view.substr(kDriverView.size());
    return run != runs_.end() && !driver.empty() && run->second.driver() == driver;
  }
  const auto driver = id_in(topic, kDrivers);
  return driver && view.starts_with(kCustomerView) && orders_.on_the_way(*driver, view.substr(kCustomerView.size()));
}

bool DeliveryState::render(std::string_view key, std::string_view view, const Sink& json) {
  if (const auto parting = Parting::parse(key)) {
    if (parting->view != view || sees(view, parting->topic)) return false;
    parting->write(json);
    return true;
  }
  if (!sees(view, key)) return false;
  if (const auto driver = id_in(key, kDrivers)) return drivers_.render(*driver, json);
  const auto run = runs_.find(key);
  if (run == runs_.end()) return false;
  json.write(R"({"type":"run_update","runId":")");
  json.write(key.substr(kRuns.size()));
  json.write(R"(","data":)");
  json.write(run->second.data());
  json.write("}");
  return true;
}

void DeliveryState::list(std::string_view name, std::string_view after_key, std::size_t max, const Keys& keys) {
  const auto topic = Topic::parse(name);
  if (!topic || max == 0) return;
  if (topic->kind == Topic::Kind::all_runs) return list_runs(after_key, max, keys);
  if (topic->kind == Topic::Kind::all_drivers) return drivers_.list(after_key, max, keys);
  const bool known = topic->kind == Topic::Kind::run ? runs_.contains(name) : drivers_.knows(topic->id);
  if (known && name > after_key) keys.add(name);
}

void DeliveryState::list_runs(std::string_view after_key, std::size_t max, const Keys& keys) const {
  for (auto run = runs_.upper_bound(after_key); run != runs_.end() && max > 0; ++run, --max) keys.add(run->first);
}

// ---- checkpoints

void DeliveryState::load(std::string_view /*version*/, std::string_view key, std::string_view bytes) {
  if (id_in(key, kRuns)) return load_run(key, bytes);
  if (const auto driver = id_in(key, kDrivers)) return drivers_.load(*driver, bytes);
  if (const auto order = id_in(key, kOrders)) return orders_.load(*order, bytes);
  throw Rejection("what was saved as '" + std::string(key) + "' is no run, no driver and no order");
}

void DeliveryState::load_run(std::string_view key, std::string_view bytes) {
  Orders::Ids carried;
  const auto [place, added] = runs_.try_emplace(std::string(key), Run::load(bytes, carried));
  if (!added) throw Rejection("run " + std::string(key.substr(kRuns.size())) + " was saved twice");
  enter_run(*place);
  orders_.carry(key.substr(kRuns.size()), place->second.driver(), {}, carried);
}

bool DeliveryState::save(std::string_view key, const Sink& bytes) {
  if (const auto driver = id_in(key, kDrivers)) return drivers_.save(*driver, bytes);
  if (const auto order = id_in(key, kOrders)) {
    std::string text;
    const bool known = orders_.save(*order, text);
    bytes.write(text);
    return known;
  }
  const auto run = runs_.find(key);
  if (run == runs_.end()) return false;
  bytes.write(run->second.save(orders_.carried_by(key.substr(kRuns.size()), run->second.orders())));
  return true;
}

}  // namespace statecast::delivery

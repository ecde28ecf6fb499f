#include "plugins/states/delivery/drivers.hpp"

#include <charconv>
#include <utility>

#include "plugins/states/delivery/timestamp.hpp"
#include "plugins/states/delivery/topic.hpp"
#include "plugins/states/rejection.hpp"

namespace statecast::delivery {
namespace {

// What is saved: form, time, from when its age counts, whether stale, location. The form before had one time for both.
constexpr std::string_view kDriverForm = "2 ", kDriverFormOfOneTime = "1 ";

std::string_view id_of(std::string_view key) { return key.substr(kDrivers.size()); }

void check_time(std::int64_t time_us) {
  if (!is_writable_time(time_us)) throw Rejection("the event's time must lie in the years 0 to 9999");
}

// Takes a number and the space behind it from the front of the text.
std::int64_t take_number(std::string_view& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest == end || *rest != ' ') throw Rejection("a driver was saved in another form");
  text.remove_prefix(static_cast<std::size_t>(rest + 1 - text.data()));
  return number;
}

}  // namespace

void Drivers::move(std::string_view id, std::string_view data, std::int64_t time_us, const Changes& changes) {
  check_time(time_us);
  const std::string_view location = reader_.read(id, data);
  auto& entry = find_or_add(id, time_us);
  auto& [key, driver] = entry;
  if (driver.time_us == time_us && driver.location == location && !driver.stale) return;
  driver.location = location;
  driver.time_us = driver.since_us = time_us;
  driver.stale = false;
  idle_.note(driver.activity, time_us);
  count_bytes(entry);
  changes.updated(key, {key, kAllDrivers});
  if (bound_.exceeded()) make_room(changes);
}

void Drivers::count_bytes(ByKey::value_type& entry) {
  auto& [key, driver] = entry;
  bound_.recount(driver.counted_bytes, Bound::kRecordBytes + key.size() + driver.location.size());
}

void Drivers::make_room(const Changes& changes) {
  const auto activity_of = [this](std::string_view key) -> Activity& { return drivers_.find(key)->second.activity; };
  evictions_.make_room(
      bound_, [&] { return idle_.longest(activity_of); },
      [&](std::string_view key, std::string_view why) {
        evictions_.note(id_of(key), why);
        forget(drivers_.find(key), changes);
      });
}

void Drivers::forget(ByKey::iterator place, const Changes& changes) {
  const auto& [key, driver] = *place;
  changes.removed(key, {key, kAllDrivers});
  idle_.leave(key, driver.activity);
  bound_.leave(driver.counted_bytes);
  by_id_.erase(id_of(key));
  drivers_.erase(place);
}

Drivers::ByKey::value_type& Drivers::find_or_add(std::string_view id, std::int64_t time_us) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) return *found->second;
  const auto [place, _] = drivers_.try_emplace(key_of(kDrivers, id));
  by_id_.emplace(id_of(place->first), &*place);
  place->second.activity.last_us = time_us;
  idle_.enter(place->first, place->second.activity);
  bound_.enter(0);
  return *place;
}

void Drivers::refresh(std::int64_t now_us, const Changes& changes) {
  for (auto& [key, driver] : drivers_) {
    if (driver.since_us > now_us) {
      driver.since_us = now_us;
      idle_.bring_back(key, driver.activity, now_us);
      changes.touched(key);
    }
    const bool stale = driver.since_us < now_us - settings_.stale_after;
    if (std::exchange(driver.stale, stale) != stale) changes.updated(key, {key, kAllDrivers});
  }
}

void Drivers::forget_before(std::int64_t time_us, const Changes& changes) {
  for (auto place = drivers_.begin(); place != drivers_.end();) {
    const auto next = std::next(place);
    if (place->second.since_us < time_us) forget(place, changes);
    place = next;
  }
}

void Drivers::list(std::string_view after_key, std::size_t max, const Keys& keys) const {
  for (auto driver = drivers_.upper_bound(after_key); driver != drivers_.end() && max > 0; ++driver, --max)
    keys.add(driver->first);
}

bool Drivers::render(std::string_view id, const Sink& json) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return false;
  const Driver& driver = found->second->second;
  TimestampText timestamp;
  json.write(R"({"type":"driver_location","driverId":")");
  json.write(id);
  json.write(R"(","location":)");
  json.write(driver.location);
  json.write(R"(,"timestamp":")");
  json.write(write_timestamp(driver.time_us, timestamp));
  json.write(driver.stale ? R"(","stale":true})" : R"("})");
  return true;
}

bool Drivers::save(std::string_view id, const Sink& bytes) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return false;
  const Driver& driver = found->second->second;
  bytes.write(kDriverForm);
  bytes.write(std::to_string(driver.time_us));
  bytes.write(" ");
  bytes.write(std::to_string(driver.since_us));
  bytes.write(driver.stale ? " 1 " : " 0 ");
  bytes.write(driver.location);
  return true;
}

void Drivers::load(std::string_view id, std::string_view bytes) {
  const bool one_time = bytes.starts_with(kDriverFormOfOneTime);
  if (!one_time && !bytes.starts_with(kDriverForm)) throw Rejection("a driver was saved in another form");
  bytes.remove_prefix(kDriverForm.size());
  const std::int64_t time_us = take_number(bytes);
  const std::int64_t since_us = one_time ? time_us : take_number(bytes);
  const bool stale = take_number(bytes) != 0;
  check_time(time_us);
  const std::string_view location = reader_.read(id, bytes);
  if (knows(id)) throw Rejection("driver " + std::string(id) + " was saved twice");
  auto& entry = find_or_add(id, since_us);
  entry.second.location = location;
  entry.second.time_us = time_us;
  entry.second.since_us = since_us;
  entry.second.stale = stale;
  count_bytes(entry);
}

}  // namespace statecast::delivery

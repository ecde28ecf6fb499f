#include "plugins/states/order/early_events.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "plugins/states/rejection.hpp"

namespace statecast::order {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kClockKey = "/clock";
constexpr std::string_view kEarly = "/early/";

std::string key_of(std::uint64_t number) { return std::string(kEarly) + std::to_string(number); }

std::optional<std::uint64_t> number_of(std::string_view key) {
  if (!key.starts_with(kEarly)) return std::nullopt;
  key.remove_prefix(kEarly.size());
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (error != std::errc() || rest != key.data() + key.size()) return std::nullopt;
  return number;
}

// As the operator writes it: 90s, 1m.
std::string duration_text(std::int64_t us) {
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {{3'600'000'000, "h"}, {60'000'000, "m"}, {1'000'000, "s"}};
  for (const auto& [unit, name] : kUnits)
    if (us % unit == 0) return std::to_string(us / unit) + name;
  return std::to_string(us / 1000) + "ms";
}

// Of times further apart than this, one is wrong.
std::int64_t near_us(std::int64_t hold_us) {
  constexpr std::int64_t kHour = 3'600'000'000;
  return std::max(kHour, hold_us);
}

Json saved_form(const EarlyEvents::Held& held) {
  return {{"place", held.place}, {"until", held.until_us}, {"time", held.time_us},       {"id", held.id},
          {"source", held.source}, {"type", held.type},    {"subject", held.subject}, {"data", held.data},
          {"extensions", held.extensions}};
}

EarlyEvents::Held held_in(const Json& saved) {
  const auto text = [&](const char* name) { return saved.at(name).get<std::string>(); };
  EarlyEvents::Held held{text("place"), text("id"), text("source"), text("type"), text("subject"), text("data"), text("extensions")};
  held.time_us = saved.at("time").get<std::int64_t>();
  held.until_us = saved.at("until").get<std::int64_t>();
  return held;
}

}  // namespace

Event EarlyEvents::Held::event() const {
  return {.time_us = time_us, .id = id, .source = source, .type = type, .subject = subject, .data = data, .extensions = extensions};
}

std::size_t EarlyEvents::Held::bytes() const {
  return place.size() + id.size() + source.size() + type.size() + subject.size() + data.size() + extensions.size();
}

EarlyEvents::EarlyEvents(const Bounds& bounds, const Host& host)
    : bounds_(bounds),
      host_(host),
      held_gauge_(host.gauge("held_events", "Events that wait for the OrderCreated of their order, of max_early a partition.")),
      clock_(near_us(bounds.hold_us)) {}

EarlyEvents::~EarlyEvents() { host_.add(held_gauge_, -static_cast<double>(held_.size())); }

void EarlyEvents::insert(std::uint64_t number, Held held) {
  bytes_ += held.bytes();
  by_order_[held.subject].insert(number);
  held_.emplace(number, std::move(held));
  host_.add(held_gauge_, 1);
}

EarlyEvents::Held EarlyEvents::remove(ByArrival::iterator place, const Changes& changes) {
  Held held = std::move(place->second);
  bytes_ -= held.bytes();
  const auto of_order = by_order_.find(held.subject);
  of_order->second.erase(place->first);
  if (of_order->second.empty()) by_order_.erase(of_order);
  changes.removed(key_of(place->first), Changes::Topics{});
  held_.erase(place);
  host_.add(held_gauge_, -1);
  return held;
}

void EarlyEvents::hold(const Event& event, const Changes& changes) {
  const std::string order = "order " + std::string(event.subject);
  const auto waiting = by_order_.find(event.subject);
  if (waiting != by_order_.end() && waiting->second.size() >= kOfOneOrder)
    throw Rejection(order + " does not exist, and " + std::to_string(kOfOneOrder) + " events wait for it already");
  pass(event.time_us, changes);
  const std::string place = changes.held(order + " does not exist yet: its OrderCreated is waited for, for " +
                                         duration_text(bounds_.hold_us) + " of the events' time at most (hold_early)");
  const std::uint64_t number = held_.empty() ? 1 : held_.rbegin()->first + 1;
  insert(number, {place, std::string(event.id), std::string(event.source), std::string(event.type), std::string(event.subject),
                  std::string(event.data), std::string(event.extensions), event.time_us, clock_.passed_us() + bounds_.hold_us});
  changes.touched(key_of(number));
  while (held_.size() > bounds_.at_most)
    give_up_oldest("had come when more than " + std::to_string(bounds_.at_most) + " events waited for theirs (max_early)", changes);
  while (bytes_ > kMaxBytes) give_up_oldest("had come when events of more than 8 MiB waited for theirs", changes);
}

std::vector<EarlyEvents::Held> EarlyEvents::take(std::string_view order, const Changes& changes) {
  const auto found = by_order_.find(order);
  if (found == by_order_.end()) return {};
  std::vector<Held> taken;
  for (const std::uint64_t number : std::set(found->second)) taken.push_back(remove(held_.find(number), changes));
  return taken;
}

void EarlyEvents::pass(std::int64_t time_us, const Changes& changes) {
  if (bounds_.hold_us == 0) {
    while (!held_.empty()) give_up_oldest("had come when hold_early was set to 0s", changes);
    return;
  }
  clock_.note(time_us);
  if (!std::exchange(clock_touched_, true)) changes.touched(kClockKey);
  while (!held_.empty() && held_.begin()->second.until_us <= clock_.passed_us())
    give_up_oldest("came within " + duration_text(bounds_.hold_us) + " (hold_early)", changes);
}

void EarlyEvents::give_up_oldest(const std::string& why, const Changes& changes) {
  const Held held = remove(held_.begin(), changes);
  changes.refused(held.place, held.event(), "no OrderCreated of order " + held.subject + " " + why);
}

// ---- checkpoints

void EarlyEvents::load(std::string_view key, std::string_view bytes) {
  const Json saved = Json::parse(bytes, nullptr, false);
  try {
    if (key == kClockKey) return clock_.load(saved);
    const auto number = number_of(key);
    if (!number) throw Rejection("what was saved as '" + std::string(key) + "' is no event that is held");
    if (held_.contains(*number)) throw Rejection("the held event '" + std::string(key) + "' was saved twice");
    insert(*number, held_in(saved));
  } catch (const Json::exception&) {
    throw Rejection("what was saved as '" + std::string(key) + "' is of another form");
  }
}

bool EarlyEvents::save(std::string_view key, const Sink& bytes) {
  const auto write = [&](const Json& json) { bytes.write(json.dump(-1, ' ', false, Json::error_handler_t::replace)); };
  if (key == kClockKey) {
    clock_touched_ = false;
    return write(clock_.save()), true;
  }
  const auto number = number_of(key);
  const auto held = number ? held_.find(*number) : held_.end();
  if (held == held_.end()) return false;
  return write(saved_form(held->second)), true;
}

}  // namespace statecast::order

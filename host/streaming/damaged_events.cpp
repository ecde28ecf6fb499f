#include "host/streaming/damaged_events.hpp"

#include <algorithm>

#include "host/ops/log.hpp"

namespace statecast::host {

namespace {

std::string text_of(const sc_pos& position) {
  return std::to_string(position.hi) + (position.lo != 0 ? "-" + std::to_string(position.lo) : "");
}

}  // namespace

// 17 (why); 20 to 22 (why); 17 of partition 3 (why)
std::string DamagedEvents::Place::text() const {
  std::string text = text_of(first);
  if (first < last) text += " to " + text_of(last);
  if (last.partition != 0) text += " of partition " + std::to_string(last.partition);
  return text + " (" + why + ")";
}

void DamagedEvents::note(const sc_pos& first, const sc_pos& last, std::uint64_t events, std::string_view why) {
  if (!remember(first, last, why)) return;
  events_.fetch_add(events, std::memory_order_relaxed);
  log::error(source_, "states go on without what is damaged: event " + Place{first, last, std::string(why)}.text());
}

// Whether it is new. Of too many places the newest are remembered.
bool DamagedEvents::remember(const sc_pos& first, const sc_pos& last, std::string_view why) {
  const std::lock_guard lock(mutex_);
  const auto knows = [this](const sc_pos& at) {
    return std::ranges::any_of(places_, [&](const Place& place) { return place.has(at); });
  };
  if (knows(first) && knows(last)) return false;
  if (places_.size() == kPlaces) places_.erase(places_.begin());
  places_.push_back({first, last, std::string(why)});
  return true;
}

std::string DamagedEvents::sentence(const std::vector<sc_pos>& oldest) const {
  const std::lock_guard lock(mutex_);
  std::string named;
  std::size_t held = 0;
  for (const Place& place : places_) {
    if (place.last.partition < oldest.size() && place.last < oldest[place.last.partition]) continue;
    if (++held <= kNamed) named += (held == 1 ? "" : ", ") + place.text();
  }
  if (held == 0) return "";
  if (held > kNamed) named += ", and at " + std::to_string(held - kNamed) + " other places";
  return "source '" + source_ + "' has damaged events, which states go on without: " + named;
}

}  // namespace statecast::host

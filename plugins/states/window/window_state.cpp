#include "plugins/states/window/window_state.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "plugins/states/id.hpp"
#include "plugins/states/rejection.hpp"
#include "plugins/states/viewer.hpp"

namespace statecast::window {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWindows = "windows/";
constexpr std::string_view kStreamKey = "stream";

std::string topic_named(std::string_view name) { return std::string(kWindows).append(name); }

// The place that Place::key wrote.
std::optional<Place> place_of(std::string_view key) {
  constexpr std::string_view kPrefix = "window:";
  if (!key.starts_with(kPrefix)) return std::nullopt;
  Place place;
  const char* const end = key.data() + key.size();
  const auto [rest, error] = std::from_chars(key.data() + kPrefix.size(), end, place.start_us);
  if (error != std::errc() || rest == end || *rest != ':') return std::nullopt;
  place.group.assign(rest + 1, end);
  return place;
}

}  // namespace

WindowState::WindowState(const Instance& instance)
    : host_(instance.host),
      settings_(Settings::read(instance.settings, instance.id)),
      late_(host_.counter("late_events", "Events whose window had closed when they came.")),
      ahead_(host_.counter("ahead_events", "Events too far ahead of the stream to be believed; not counted.")),
      ungrouped_(host_.counter("ungrouped_events", "Events without a group; not counted.")),
      dropped_(host_.counter("dropped_events", "Events of a group too many; not counted.")),
      time_(settings_.lateness_us, settings_.max_ahead_us),
      windows_(host_, {settings_.max_groups, settings_.max_bytes}) {}

// ---- events

void WindowState::apply(const Event& event, const Changes& changes) {
  Arrival arrival = read(event);
  if (!time_.believes(arrival.time_us)) return hold(std::move(arrival), changes);
  drop_held(changes);
  fold(arrival, changes);
}

WindowState::Arrival WindowState::read(const Event& event) const {
  const Arrival only_its_time{.time_us = event.time_us};
  if (!settings_.counts(event.type)) return only_its_time;
  if (!settings_.grouping) return {event.time_us, true, std::string(event.type)};
  auto group = settings_.grouping->group_of(event);
  if (group) return {event.time_us, true, std::string(event.type), std::move(*group)};
  host_.add(ungrouped_, 1);
  return only_its_time;
}

void WindowState::hold(Arrival arrival, const Changes& changes) {
  held_.push_back(std::move(arrival));
  changes.touched(kStreamKey);
  if (held_.size() < kHeldAtMost) return;
  // The earliest of them is where the stream is now; what is far ahead of that is held still.
  std::ranges::stable_sort(held_, {}, &Arrival::time_us);
  auto held = std::exchange(held_, {});
  time_.reach(held.front().time_us);
  for (Arrival& each : held) {
    if (time_.believes(each.time_us))
      fold(each, changes);
    else
      held_.push_back(std::move(each));
  }
}

void WindowState::drop_held(const Changes& changes) {
  if (held_.empty()) return;
  host_.add(ahead_, static_cast<double>(held_.size()));
  if (!std::exchange(told_of_ahead_, true))
    host_.warning("events more than max_ahead beyond the stream's time came, and are not counted; the metric "
                  "ahead_events says how many");
  held_.clear();
  changes.touched(kStreamKey);
}

void WindowState::fold(const Arrival& arrival, const Changes& changes) {
  if (time_.reach(arrival.time_us)) changes.touched(kStreamKey);
  close_windows(changes);
  if (arrival.counted) count(arrival, changes);
}

// An event that is late is told in the first window that is still open.
void WindowState::count(const Arrival& arrival, const Changes& changes) {
  Place place{start_of(arrival.time_us, settings_.size_us), arrival.group};
  const bool late = place.start_us <= last_closed_start();
  if (late) {
    host_.add(late_, 1);
    place.start_us = start_of(*time_.watermark(), settings_.size_us);
  }
  Window* window = windows_.open(place);
  if (window == nullptr) return drop(arrival);
  if (late)
    window->count_late();
  else
    windows_.count(*window, arrival.type, settings_.max_types);
  changes.touched(place.key());
}

void WindowState::drop(const Arrival& arrival) {
  host_.add(dropped_, 1);
  if (std::exchange(told_of_drops_, true)) return;
  host_.warning("the event of group '" + arrival.group + "' is not counted: " +
                (windows_.full() ? std::to_string(settings_.max_groups) + " groups have open windows (max_groups)"
                                 : "the open windows take all that they may (max_memory)") +
                "; the metric dropped_events says how many follow");
}

// ---- results

// A window ends, and so closes, when the watermark has reached its end.
std::int64_t WindowState::last_closed_start() const { return *time_.watermark() - settings_.size_us; }

void WindowState::close_windows(const Changes& changes) {
  while (const auto closed = windows_.take_until(last_closed_start())) {
    append(closed->first, closed->second, changes);
    changes.touched(closed->first.key());
  }
  told_of_drops_ = told_of_drops_ && (windows_.full() || !windows_.has_room());
}

void WindowState::append(const Place& place, const Window& window, const Changes& changes) const {
  const std::string json = window.message(place, settings_.size_us);
  const std::string all = topic_named(settings_.name), own = topic_named(place.group);
  if (place.group.empty() || own == all)
    changes.appended(place.key(), {all}, "", json);
  else
    changes.appended(place.key(), {all, own}, "", json);
}

// ---- clients

Admission WindowState::admit(const Client& client, std::string_view topic) {
  const bool is_all = topic == topic_named(settings_.name);
  const bool is_group = settings_.grouping && topic.starts_with(kWindows) && is_id(topic.substr(kWindows.size()));
  if (!is_all && !is_group)
    return Admission::unknown("no such topic: there is " + topic_named(settings_.name) +
                              (settings_.grouping ? ", and windows/<group>" : ""));
  if (!Viewer::of(client.claims()).staff)
    return Admission::denied("windows are shown to the roles staff and admin only");
  return Admission::as(kView);
}

// ---- saved

void WindowState::load(std::string_view /*version*/, std::string_view key, std::string_view bytes) {
  if (key == kStreamKey) return load_stream(bytes);
  const auto place = place_of(key);
  if (!place) throw Rejection("what was saved as '" + std::string(key) + "' is no window");
  if (windows_.find(*place)) throw Rejection("the window '" + std::string(key) + "' was saved twice");
  windows_.load(*place, Window::load(bytes));
}

bool WindowState::save(std::string_view key, const Sink& bytes) {
  if (key == kStreamKey && time_.newest()) {
    bytes.write(save_stream());
    return true;
  }
  const auto place = place_of(key);
  const Window* window = place ? windows_.find(*place) : nullptr;
  if (window != nullptr) bytes.write(window->save());
  return window != nullptr;
}

std::string WindowState::save_stream() const {
  Json json{{"settings", Json::parse(settings_.meaning)}, {"newest", *time_.newest()}, {"held", Json::array()}};
  for (const Arrival& held : held_)
    json["held"].push_back(
        {{"time", held.time_us}, {"counted", held.counted}, {"type", held.type}, {"group", held.group}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void WindowState::load_stream(std::string_view bytes) {
  const Json saved = Json::parse(bytes, nullptr, false);
  try {
    if (saved.at("settings").dump() != settings_.meaning)
      throw Rejection("the windows were saved with another size, group_by or types");
    time_.reach(saved.at("newest").get<std::int64_t>());
    for (const Json& held : saved.at("held"))
      held_.push_back({held.at("time").get<std::int64_t>(), held.at("counted").get<bool>(),
                       held.at("type").get<std::string>(), held.at("group").get<std::string>()});
  } catch (const Json::exception&) {
    throw Rejection("the stream's time was saved in another form");
  }
}

}  // namespace statecast::window

// The windows that still take events, in the order in which they will close; bounded by the number of groups that have
// any, and by the bytes that all take. Owned by a WindowState, on its lane.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "plugins/states/bound.hpp"
#include "plugins/states/window/window.hpp"

namespace statecast::window {

class OpenWindows {
 public:
  // Within the State's constructor.
  OpenWindows(const Host& host, const Bound::Limits& limits) : bound_(host, "groups", limits) {}

  // The window at this place, opened unless it was open; null when its group would be one too many, or there is no room.
  Window* open(const Place& place);
  const Window* find(const Place& place) const;
  void load(const Place& place, Window window);
  // Counts an event in one of the open windows. Types beyond `max_types`, or beyond the bytes, are counted together.
  void count(Window& window, std::string_view type, std::size_t max_types);

  // Takes out the next window that starts at or before `start_us`.
  std::optional<std::pair<Place, Window>> take_until(std::int64_t start_us);

  bool full() const { return bound_.full(); }  // of groups
  bool has_room() const { return bound_.bytes_left() > Bound::kRecordBytes; }

 private:
  void enter(const Place& place, std::size_t bytes);

  Bound bound_;  // of groups; the bytes are those of their windows
  std::map<Place, Window> windows_;
  std::map<std::string, std::size_t> groups_;  // how many windows each has open
};

}  // namespace statecast::window

// The windows that still take events, in the order in which they will close; bounded by the number of groups that have
// any. Owned by a WindowState, on its lane.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "plugins/states/window/window.hpp"

namespace statecast::window {

class OpenWindows {
 public:
  explicit OpenWindows(std::size_t max_groups) : max_groups_(max_groups) {}

  // The window at this place, opened unless it was open; null when its group would be one too many.
  Window* open(const Place& place);
  const Window* find(const Place& place) const;
  void load(const Place& place, Window window);

  // Takes out the next window that starts at or before `start_us`.
  std::optional<std::pair<Place, Window>> take_until(std::int64_t start_us);

  std::size_t groups() const { return groups_.size(); }
  bool full() const { return groups_.size() >= max_groups_; }

 private:
  const std::size_t max_groups_;
  std::map<Place, Window> windows_;
  std::map<std::string, std::size_t> groups_;  // how many windows each has open
};

}  // namespace statecast::window

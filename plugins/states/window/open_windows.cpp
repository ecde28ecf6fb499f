#include "plugins/states/window/open_windows.hpp"

namespace statecast::window {

Window* OpenWindows::open(const Place& place) {
  const auto found = windows_.find(place);
  if (found != windows_.end()) return &found->second;
  if (full() && !groups_.contains(place.group)) return nullptr;
  ++groups_[place.group];
  return &windows_[place];
}

const Window* OpenWindows::find(const Place& place) const {
  const auto found = windows_.find(place);
  return found == windows_.end() ? nullptr : &found->second;
}

void OpenWindows::load(const Place& place, Window window) {
  if (windows_.emplace(place, std::move(window)).second) ++groups_[place.group];
}

std::optional<std::pair<Place, Window>> OpenWindows::take_until(std::int64_t start_us) {
  if (windows_.empty() || windows_.begin()->first.start_us > start_us) return std::nullopt;
  auto node = windows_.extract(windows_.begin());
  const auto group = groups_.find(node.key().group);
  if (--group->second == 0) groups_.erase(group);
  return std::pair(std::move(node.key()), std::move(node.mapped()));
}

}  // namespace statecast::window

#include "plugins/states/window/open_windows.hpp"

namespace statecast::window {

namespace {

std::size_t bytes_of(const Place& place, const Window& window) { return Bound::kRecordBytes + place.group.size() + window.bytes(); }

}  // namespace

Window* OpenWindows::open(const Place& place) {
  const auto found = windows_.find(place);
  if (found != windows_.end()) return &found->second;
  if (bound_.full() && !groups_.contains(place.group)) return nullptr;
  const std::size_t bytes = bytes_of(place, Window());
  if (bound_.bytes_left() < bytes) return nullptr;
  Window& window = windows_[place];
  enter(place, bytes);
  return &window;
}

void OpenWindows::enter(const Place& place, std::size_t bytes) {
  if (++groups_[place.group] == 1) bound_.enter(0);
  bound_.resize(0, bytes);
}

const Window* OpenWindows::find(const Place& place) const {
  const auto found = windows_.find(place);
  return found == windows_.end() ? nullptr : &found->second;
}

void OpenWindows::load(const Place& place, Window window) {
  const auto [loaded, added] = windows_.emplace(place, std::move(window));
  if (added) enter(place, bytes_of(place, loaded->second));
}

void OpenWindows::count(Window& window, std::string_view type, std::size_t max_types) {
  const std::size_t before = window.bytes();
  window.count(type, max_types, bound_.bytes_left());
  bound_.resize(before, window.bytes());
}

std::optional<std::pair<Place, Window>> OpenWindows::take_until(std::int64_t start_us) {
  if (windows_.empty() || windows_.begin()->first.start_us > start_us) return std::nullopt;
  auto node = windows_.extract(windows_.begin());
  bound_.resize(bytes_of(node.key(), node.mapped()), 0);
  const auto group = groups_.find(node.key().group);
  if (--group->second == 0) {
    groups_.erase(group);
    bound_.leave(0);
  }
  return std::pair(std::move(node.key()), std::move(node.mapped()));
}

}  // namespace statecast::window

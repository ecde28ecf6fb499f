// What one window of one group counted. Owned by OpenWindows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace statecast::window {

// Which window: windows of one size follow each other without gaps, from a beginning that all share.
struct Place {
  std::int64_t start_us = 0;
  std::string group;  // empty = the windows are not grouped

  auto operator<=>(const Place&) const = default;  // in the order of closing

  std::string key() const;
};

// The start of the window that a time falls into.
std::int64_t start_of(std::int64_t time_us, std::int64_t size_us);

class Window {
 public:
  // Types beyond `max_types`, and those for which `bytes_left` is too little, are counted together.
  void count(std::string_view type, std::size_t max_types, std::size_t bytes_left);
  std::size_t bytes() const { return bytes_; }  // of the types, about
  // An event whose own window had closed when it came.
  void count_late() { ++late_; }

  // The result: one JSON object.
  std::string message(const Place& place, std::int64_t size_us) const;

  // The bytes of one saved window. Throws Rejection when they are none.
  static Window load(std::string_view bytes);
  std::string save() const;

 private:
  static constexpr std::size_t kTypeBytes = 96;  // beside the name

  std::uint64_t total_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> types_;
  std::uint64_t other_ = 0;  // of types that are not in types_
  std::uint64_t late_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace statecast::window

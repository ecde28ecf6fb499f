// Which ids the entities of a platform may have: orders, customers, merchants, menu items, payments. They need no
// escaping in JSON or in a URL.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace statecast {

inline constexpr std::size_t kIdBytesAtMost = 128;
inline constexpr std::string_view kIdRule = "1 to 128 characters of A-Z a-z 0-9 . _ - :";

// By byte: whether it may be part of an id.
inline constexpr std::array<bool, 256> kIdBytes = [] {
  std::array<bool, 256> bytes{};
  for (const std::string_view c : {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "._-:"})
    for (const char byte : c) bytes[static_cast<unsigned char>(byte)] = true;
  return bytes;
}();

constexpr bool is_id(std::string_view text) {
  constexpr auto allowed = [](char c) { return kIdBytes[static_cast<unsigned char>(c)]; };
  return !text.empty() && text.size() <= kIdBytesAtMost && std::ranges::all_of(text, allowed);
}

}  // namespace statecast

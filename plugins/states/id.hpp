// Which ids the entities of a platform may have: orders, customers, merchants, menu items, payments. They need no
// escaping in JSON or in a URL.
#pragma once

#include <algorithm>
#include <string_view>

namespace statecast {

inline constexpr std::string_view kIdRule = "1 to 128 characters of A-Z a-z 0-9 . _ - :";

constexpr bool is_id(std::string_view text) {
  constexpr std::string_view kMarks = "._-:";
  const auto allowed = [&](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != kMarks.npos;
  };
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, allowed);
}

}  // namespace statecast

// Which ids runs, drivers, orders and customers may have. They hold no '/', so that a topic can be made of one, and
// need no escaping in JSON or in a URL.
#pragma once

#include <algorithm>
#include <string_view>

namespace statecast::delivery {

inline constexpr std::string_view kIdRule = "1 to 128 characters of A-Z a-z 0-9 . _ - :";

constexpr bool is_id(std::string_view text) {
  constexpr std::string_view kMarks = "._-:";
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.find(c) != kMarks.npos;
  };
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, allowed);
}

}  // namespace statecast::delivery

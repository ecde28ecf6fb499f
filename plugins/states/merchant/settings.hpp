// What an operator sets for a state of type `merchant`.
//
// The defaults stand here once: plugin.cpp puts them into the manifest's schema, from which the host fills them in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/states/bound.hpp"

namespace statecast::merchant {

// max_size: three quarters of what a transport keeps for one client by default (`buffer: 256KiB`), since every message
// holds the whole merchant.
inline constexpr std::string_view kDefaultSettings = R"({
  "max_items": 2000,
  "max_promotions": 100,
  "max_size": 196608,
  "max_merchants": 100000,
  "max_memory": 1073741824,
  "staff_only": []
})";

struct Settings {
  // Of one merchant, at most:
  std::size_t max_items;
  std::size_t max_promotions;
  std::size_t max_bytes;                // of JSON text
  std::vector<std::string> staff_only;  // fields of a merchant, an item or a promotion that only staff see
  Bound::Limits all;
  std::size_t bytes_left = SIZE_MAX;    // by which all merchants together may grow

  // Reads a JSON object, from which any member may be absent.
  static Settings read(std::string_view json);
};

}  // namespace statecast::merchant

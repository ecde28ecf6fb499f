// What an operator sets for a state of type `job`.
//
// The defaults stand here once: plugin.cpp puts them into the manifest's schema, from which the host fills them in.
#pragma once

#include <cstddef>
#include <string_view>

namespace statecast::job {

inline constexpr std::string_view kDefaultSettings = R"({
  "max_nodes": 1000000
})";

struct Settings {
  std::size_t max_nodes;  // whose updates are counted, in each partition

  // Reads a JSON object, from which any member may be absent.
  static Settings read(std::string_view json);
};

}  // namespace statecast::job

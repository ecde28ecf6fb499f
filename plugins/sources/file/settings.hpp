// What an operator sets for a source of type `file`.
#pragma once

#include <string>
#include <string_view>

namespace statecast::file {

struct Settings {
  std::string path;
  double pace = 1;  // 1 = as recorded; 0 = as fast as possible

  // Reads a JSON object with `path`.
  static Settings read(std::string_view json);
};

}  // namespace statecast::file

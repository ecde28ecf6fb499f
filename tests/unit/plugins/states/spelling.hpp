// The same JSON, spelt so that no quick way takes it: for tests that a State does the same with both.
#pragma once

#include <cstdio>
#include <string>

namespace statecast {

// `{"status":1}` with the first letter of its first name as an escape: `{"\u0073tatus":1}`.
inline std::string spelt_with_an_escape(std::string object) {
  const auto letter = object.find('"') + 1;  // 0 = there is no name
  if (letter == 0) return object;
  char escape[7];
  std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(object[letter])));
  return object.replace(letter, 1, escape);
}

}  // namespace statecast

#include "plugins/sources/file/json_text.hpp"

#include <algorithm>

namespace statecast::file {
namespace {

// The end of the string that begins at the quote.
std::size_t end_of_string(std::string_view json, std::size_t quote) {
  for (std::size_t i = quote + 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return json.size();
}

// Calls `mark(place, depth)` for each bracket, colon and comma that is not within a string; the depth is that around
// an opening bracket and its closing one. Ends when `mark` returns false.
template <class Mark>
void for_each_mark(std::string_view json, Mark&& mark) {
  int depth = 0;
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      i = end_of_string(json, i);
      continue;
    }
    if (c == '}' || c == ']') --depth;
    if (std::string_view("{}[]:,").find(c) != std::string_view::npos && !mark(i, depth)) return;
    if (c == '{' || c == '[') ++depth;
    ++i;
  }
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

bool is_deeper_than(std::string_view json, int levels) {
  bool deeper = false;
  for_each_mark(json, [&](std::size_t i, int depth) {
    deeper = depth >= levels && (json[i] == '{' || json[i] == '[');
    return !deeper;
  });
  return deeper;
}

std::string_view member_as_written(std::string_view object, std::string_view name) {
  std::string_view key, found;
  std::size_t begin = 0;
  for_each_mark(object, [&](std::size_t i, int depth) {
    const bool ends_member = (depth == 1 && object[i] == ',') || (depth == 0 && object[i] == '}');
    const bool ends_key = depth == 1 && object[i] == ':';
    if (ends_key) key = trimmed(object.substr(begin, i - begin));
    if (ends_member && key.size() == name.size() + 2 && key.substr(1, name.size()) == name)
      found = trimmed(object.substr(begin, i - begin));
    if (ends_member) key = {};
    if (ends_key || ends_member || depth == 0) begin = i + 1;
    return true;
  });
  return found;
}

}  // namespace statecast::file

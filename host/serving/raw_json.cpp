#include "host/serving/raw_json.hpp"

#include <algorithm>

namespace statecast::host {

namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::size_t skip_space(std::string_view text, std::size_t at) { return std::min(text.find_first_not_of(kSpace, at), text.size()); }

// The place after the string that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (auto end = text.find('"', at + 1); end != text.npos; end = text.find('"', end + 1)) {
    const auto before = text.substr(at + 1, end - at - 1);
    const auto last = before.find_last_not_of('\\');
    const auto backslashes = last == before.npos ? before.size() : before.size() - last - 1;
    if (backslashes % 2 == 0) return end + 1;  // else the quote is escaped
  }
  return text.size();
}

// The place after the value that begins at `at`.
std::size_t skip_value(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
    } else if (depth == 0 && (c == ',' || c == '}' || c == ']' || kSpace.find(c) != kSpace.npos)) {
      return at;
    } else {
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at;
    }
    if (depth == 0 && (c == '"' || c == '}' || c == ']')) return at;
  }
  return at;
}

}  // namespace

std::string_view raw_member(std::string_view text, std::string_view name) {
  std::string_view found;
  for (std::size_t at = skip_space(text, skip_space(text, 0) + 1); at < text.size() && text[at] == '"';) {
    const auto key_end = skip_string(text, at);
    const auto key = text.substr(at + 1, key_end - at - 2);
    const auto value = skip_space(text, skip_space(text, key_end) + 1);
    const auto end = skip_value(text, value);
    if (key == name) found = text.substr(value, end - value);
    at = skip_space(text, skip_space(text, end) + 1);
  }
  return found;
}

std::vector<std::string_view> raw_elements(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = skip_space(text, skip_space(text, 0) + 1); at < text.size() && text[at] != ']';) {
    const auto end = skip_value(text, at);
    out.push_back(text.substr(at, end - at));
    at = skip_space(text, skip_space(text, end) + 1);
    if (end == text.size()) break;
  }
  return out;
}

bool nested_deeper_than(std::string_view text, int levels) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if ((c == '{' || c == '[') && ++depth > levels) return true;
    if (c == '}' || c == ']') --depth;
    ++at;
  }
  return false;
}

}  // namespace statecast::host

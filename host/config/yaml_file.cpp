#include "host/config/yaml_file.hpp"

#include <algorithm>
#include <sstream>

#include "host/config/document.hpp"
#include "host/config/words.hpp"

namespace statecast::host {
namespace {

int last_line_of(const YamlNode& node) {
  int last = node.place.line;
  for (const YamlNode& item : node.items) last = std::max(last, last_line_of(item));
  for (const YamlEntry& entry : node.entries)
    last = std::max({last, entry.key_place.line, last_line_of(entry.value)});
  return last;
}

bool says_nothing(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t");
  return first == std::string_view::npos || line[first] == '#';
}

bool may_begin_access(std::string_view line) {
  const std::size_t at = line.find("access");
  return at != std::string_view::npos && line.find(':', at) != std::string_view::npos;
}

}  // namespace

YamlFile::YamlFile(std::string name, int number, const std::string& text) : name_(std::move(name)), number_(number) {
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines_.push_back(std::move(line));
  }
}

std::string_view YamlFile::line(int number) const {
  return number >= 1 && static_cast<std::size_t>(number) <= lines_.size() ? lines_[static_cast<std::size_t>(number) - 1]
                                                                          : std::string_view{};
}

Place YamlFile::place(int line_number, int byte) const {
  const std::string_view before = line(line_number + 1).substr(0, static_cast<std::size_t>(std::max(0, byte)));
  return {line_number + 1, 1 + characters(before), 1, number_};
}

void YamlFile::hide(int first, int last) {
  first_hidden_ = first_hidden_ > 0 ? std::min(first_hidden_, first) : first;
  last_hidden_ = std::max(last_hidden_, last);
}

void YamlFile::hide_tokens_in(const YamlNode& root) {
  for (const YamlEntry& entry : root.entries)
    if (entry.key == "access" && entry.value.kind != YamlNode::Kind::text)
      hide(entry.key_place.line, last_line_of(entry.value));
}

void YamlFile::hide_tokens_by_look() {
  std::size_t indent = std::string::npos;  // of the key, while beneath it
  for (int number = 1; number <= static_cast<int>(lines_.size()); ++number) {
    const std::string_view text = line(number);
    if (says_nothing(text)) continue;
    if (indent != std::string::npos && text.find_first_not_of(' ') <= indent) indent = std::string::npos;
    if (indent == std::string::npos && may_begin_access(text)) indent = text.find_first_not_of(' ');
    if (indent != std::string::npos) hide(number, number);
  }
}

}  // namespace statecast::host

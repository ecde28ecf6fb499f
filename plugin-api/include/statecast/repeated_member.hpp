// Members that an object has twice. Parsers take one of them in silence, and not all the same one, so no event may have any:
// neither among its attributes nor anywhere in its data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "statecast/written_json.hpp"

namespace statecast {

// Goes over a value once, from left to right. For one that a parser has accepted, and that is not nested deeper than
// kDeepestDocument. [any]
class RepeatedMember {
 public:
  // The first that is found, as a path such as data.items[2].price.
  std::optional<std::string> in(std::string_view value) {
    text_ = value;
    at_ = 0;
    names_.clear();
    if (take_value()) return std::nullopt;
    return found_;
  }

 private:
  // Each take_ function takes what comes next; false = a member in it is there twice, and found_ says which.
  bool take_value() {
    const char first = next();
    if (first == '{') return take_object();
    if (first == '[') return take_array();
    at_ = detail::skip_value(text_, at_);
    return true;
  }

  bool take_object() {
    const std::size_t own = names_.size();  // the names from there on are those of this object
    for (++at_; next() == '"';) {
      const std::size_t begin = at_ + 1;
      at_ = detail::skip_text(text_, at_);
      const std::string_view name = meant(text_.substr(begin, at_ - 1 - begin));
      names_.push_back(name);
      if (next() == ':') ++at_;
      if (!take_value()) return found_within(std::string(name));
      if (next() == ',') ++at_;
    }
    ++at_;
    const auto first = names_.begin() + static_cast<std::ptrdiff_t>(own);
    std::sort(first, names_.end());
    const auto twice = std::adjacent_find(first, names_.end());
    if (twice != names_.end()) return found_ = *twice, false;
    names_.resize(own);
    return true;
  }

  bool take_array() {
    ++at_;
    for (std::size_t number = 0, before = 0; next() != ']' && at_ != std::exchange(before, at_) && at_ < text_.size(); ++number) {
      if (!take_value()) return found_within("[" + std::to_string(number) + "]");
      if (next() == ',') ++at_;
    }
    ++at_;
    return true;
  }

  bool found_within(const std::string& place) { return found_ = place + (found_.starts_with('[') ? "" : ".") + found_, false; }

  char next() {
    at_ = detail::skip_space(text_, at_);
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  std::string_view meant(std::string_view written) {
    return written.find('\\') == written.npos ? written : std::string_view(unescaped_.emplace_front(unescaped(written)));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string found_;
  std::vector<std::string_view> names_;  // of the objects around the place, from the outermost on
  std::forward_list<std::string> unescaped_;
};

inline std::optional<std::string> repeated_member(std::string_view value) { return RepeatedMember().in(value); }

}  // namespace statecast

// simdjson for texts that are mostly small and mostly right: what it takes is right, and what it does not take is for a
// parser that also says why. Reuses its memory, at most some 20 bytes for each of kLargest. Includes simdjson's header, so
// it is for sources alone. Used by one thread at a time.
#pragma once

#include <simdjson.h>

#include <string_view>
#include <vector>

namespace statecast::host {

class QuickParser {
 public:
  static constexpr std::size_t kLargest = 256 * 1024;  // of a text
  static constexpr std::size_t kDeepest = 64;          // within one another

  // A parser without memory takes nothing, which leaves all to the other.
  QuickParser() { [[maybe_unused]] const auto error = parser_.allocate(kFirstText, kDeepest); }

  // The members of the one object that the text is; valid until the next call.
  bool parse_object(std::string_view text, simdjson::dom::object& members) {
    if (text.size() > kLargest || text.starts_with('\xef') || may_hold_surrogates(text)) return false;
    if (padded_.size() < text.size() + simdjson::SIMDJSON_PADDING) padded_.resize(text.size() + simdjson::SIMDJSON_PADDING);
    text.copy(padded_.data(), text.size());
    return parser_.parse(padded_.data(), text.size(), false).get_object().get(members) == simdjson::SUCCESS;
  }

 private:
  static constexpr std::size_t kFirstText = 1024;

  // Of halves of surrogate pairs parsers think differently, so escapes that might be some are left to one.
  static bool may_hold_surrogates(std::string_view text) {
    return text.find('\\') != text.npos && (text.find("\\ud") != text.npos || text.find("\\uD") != text.npos);
  }

  simdjson::dom::parser parser_;
  std::vector<char> padded_;  // the text at hand, with the room behind it that the parser needs
};

}  // namespace statecast::host

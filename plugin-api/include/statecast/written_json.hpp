// JSON as it was written: the parts of a text, cut out of it, so that what passes through keeps its numbers, its order and its
// bytes.
//
// For texts that a parser has accepted (RFC 8259), unless a function says more. Of other texts the answer means nothing, but
// nothing outside of them is read. All views are of the text. [any]
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace statecast {

// The data of an event have at most so many objects and arrays within one another, whichever way they come: the host refuses
// what is deeper before it is stored, so a recursion over data is safe.
inline constexpr std::size_t kDeepestData = 64;
// A whole document: data within an event, within a batch of them or a message.
inline constexpr std::size_t kDeepestDocument = kDeepestData + 2;

namespace detail {

inline std::size_t skip_space(std::string_view text, std::size_t at) { return std::min(text.find_first_not_of(" \t\r\n", at), text.size()); }

// From the first quote of a text to the place behind its last.
inline std::size_t skip_text(std::string_view text, std::size_t at) {
  for (auto end = text.find('"', at + 1); end != text.npos; end = text.find('"', end + 1)) {
    auto first = end;
    while (first > at + 1 && text[first - 1] == '\\') --first;
    if ((end - first) % 2 == 0) return end + 1;  // else the quote is escaped
  }
  return text.size();
}

// The place behind the value that begins at `at`.
inline std::size_t skip_value(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] != '"' && text[at] != '{' && text[at] != '[') return std::min(text.find_first_of(",]} \t\r\n", at), text.size());
  for (std::size_t depth = 0; at < text.size();) {
    const char c = text[at];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    at = c == '"' ? skip_text(text, at) : at + 1;
    if (depth == 0) return at;
  }
  return text.size();
}

inline void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  const auto tail = [&](unsigned shift) { byte(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) return byte(0xc0 | code >> 6), tail(0);
  if (code < 0x10000) return byte(0xe0 | code >> 12), tail(6), tail(0);
  byte(0xf0 | code >> 18), tail(12), tail(6), tail(0);
}

// The four hexadecimal digits at `at`; 0 when they are none.
inline std::uint32_t hex_at(std::string_view text, std::size_t at) {
  std::uint32_t code = 0;
  const auto digits = text.substr(std::min(at, text.size()), 4);
  std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  return code;
}

}  // namespace detail

// What a text says that stands between its quotes like this.
inline std::string unescaped(std::string_view content) {
  constexpr std::string_view kShort = "bfnrt", kMeant = "\b\f\n\r\t";
  std::string out;
  for (std::size_t at = 0; at < content.size(); ++at) {
    if (content[at] != '\\' || at + 1 == content.size()) {
      out += content[at];
    } else if (const char c = content[++at]; c != 'u') {
      const auto found = kShort.find(c);
      out += found == kShort.npos ? c : kMeant[found];
    } else {
      std::uint32_t code = detail::hex_at(content, at + 1);
      at += 4;
      if (code >= 0xd800 && code < 0xdc00) {  // the first half of a pair (RFC 8259 7)
        code = 0x10000 + ((code & 0x3ff) << 10) + (detail::hex_at(content, at + 3) & 0x3ff);
        at += 6;
      }
      detail::append_utf8(out, code);
    }
  }
  return out;
}

// Whether a member's name says this, with escapes or without.
inline bool is_named(std::string_view written, std::string_view name) {
  return written == name || (written.find('\\') != written.npos && unescaped(written) == name);
}

// Walks over the members of an object.
class WrittenMembers {
 public:
  explicit WrittenMembers(std::string_view object) : object_(object), at_(detail::skip_space(object, 0)) {}

  // False when there are no more. The name comes without its quotes, with its escapes.
  bool next(std::string_view& name, std::string_view& value) {
    const std::size_t quote = detail::skip_space(object_, at_ + 1);  // behind the brace or the comma
    if (at_ >= object_.size() || object_[at_] == '}' || quote >= object_.size() || object_[quote] != '"') return false;
    const std::size_t name_end = detail::skip_text(object_, quote);
    const std::size_t first = detail::skip_space(object_, detail::skip_space(object_, name_end) + 1);
    const std::size_t end = detail::skip_value(object_, first);
    name = object_.substr(quote + 1, name_end - quote - 2);
    value = object_.substr(first, end - first);
    at_ = detail::skip_space(object_, end);
    return true;
  }

 private:
  std::string_view object_;
  std::size_t at_;
};

// The elements of an array.
inline std::vector<std::string_view> written_elements(std::string_view array) {
  std::vector<std::string_view> out;
  for (std::size_t at = detail::skip_space(array, detail::skip_space(array, 0) + 1); at < array.size() && array[at] != ']';) {
    const auto end = detail::skip_value(array, at);
    out.push_back(array.substr(at, end - at));
    at = detail::skip_space(array, detail::skip_space(array, end) + 1);
  }
  return out;
}

// The value of an object's member; nothing when there is none of this name.
inline std::optional<std::string_view> written_member(std::string_view object, std::string_view wanted) {
  WrittenMembers members(object);
  for (std::string_view name, value; members.next(name, value);)
    if (is_named(name, wanted)) return value;
  return std::nullopt;
}

// Whether arrays and objects are nested more than `levels` deep. For any text.
inline bool nested_deeper_than(std::string_view text, std::size_t levels) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if ((c == '{' || c == '[') && ++depth > levels) return true;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    at = c == '"' ? detail::skip_text(text, at) : at + 1;
  }
  return false;
}

}  // namespace statecast

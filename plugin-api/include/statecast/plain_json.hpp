// JSON of the plainest kind, as that of most events: texts of printable ASCII without escapes, numbers without exponents,
// true, false and null. It is read from left to right, without a tree and without memory of its own.
//
// What is found is right. What is not found may be JSON all the same: it is for a parser that knows all of it, and can say
// what is wrong.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace statecast {

// The names of one object's members, few of them, to see that each is there once. Views, and no memory of its own. [any]
class MemberNames {
 public:
  // False when the name is there already, or there is no room for it.
  bool add(std::string_view name) {
    const std::uint64_t mark = std::uint64_t{1} << (name.size() + (name.empty() ? 0u : 5u * static_cast<unsigned char>(name.front()) + 3u * static_cast<unsigned char>(name.back()))) % 64;
    if (size_ == kMost || ((marks_ & mark) != 0 && has(name))) return false;
    marks_ |= mark;
    names_[size_++] = {name.data(), name.size()};
    return true;
  }

 private:
  static constexpr std::size_t kMost = 24;
  struct Name {
    const char* p;
    std::size_t n;
  };

  bool has(std::string_view name) const {
    for (std::size_t i = 0; i < size_; ++i)
      if (std::string_view(names_[i].p, names_[i].n) == name) return true;
    return false;
  }

  std::uint64_t marks_ = 0;  // most names that are not there have a mark of their own, and are compared with none
  std::size_t size_ = 0;
  std::array<Name, kMost> names_;  // not set before it is used: one is made for each object
};

// A place in a text. Each take_ function takes what it names from there, with the space before it; after false the place
// is anywhere. The views are of the text. [any]
class PlainJson {
 public:
  explicit PlainJson(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // Whether it stands in a text as it is, without an escape.
  static bool is_plain(char c) { return c >= ' ' && static_cast<unsigned char>(c) < 0x80 && c != '"' && c != '\\'; }

  // The byte that comes next, after space; 0 at the end.
  char next() {
    if (at_ != end_ && *at_ > ' ') return *at_;  // nearly always
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    return at_ == end_ ? '\0' : *at_;
  }
  bool ends() { return next() == '\0' && at_ == end_; }

  bool take(char mark) {
    if (next() != mark || at_ == end_) return false;
    ++at_;
    return true;
  }

  // What stands between the quotes.
  bool take_text(std::string_view& content) {
    if (!take('"')) return false;
    const char* const begin = at_;
    skip_plain();
    content = {begin, static_cast<std::size_t>(at_ - begin)};
    return take_here('"');
  }

  // A text, number, true, false or null, as it is written: a text with its quotes.
  bool take_scalar(std::string_view& written) {
    const char first = next();
    const char* const begin = at_;
    std::string_view content;
    const bool taken = first == '"'   ? take_text(content)
                       : first == 't' ? take_word("true")
                       : first == 'f' ? take_word("false")
                       : first == 'n' ? take_word("null")
                                      : take_number();
    written = {begin, static_cast<std::size_t>(at_ - begin)};
    return taken;
  }

  // Any value, as it is written, with at most `deepest` objects and arrays within one another, 16 unless told, and no member
  // twice in an object.
  bool take_value(std::string_view& written, unsigned deepest = kDeepest) {
    const char first = next();
    const char* const begin = at_;
    const bool taken = first == '{'   ? deepest != 0 && take_object(deepest - 1)
                       : first == '[' ? deepest != 0 && take_array(deepest - 1)
                                      : take_scalar(written);
    written = {begin, static_cast<std::size_t>(at_ - begin)};
    return taken;
  }

  // Calls take_member(name, *this), which takes the value, for each member of the object that comes next; until it says false.
  template <class TakeMember>
  bool take_members(TakeMember&& take_member) {
    if (!take('{')) return false;
    if (next() == '}') return take('}');
    do {
      std::string_view name;
      if (!take_text(name) || !take(':') || !take_member(name, *this)) return false;
    } while (take(','));
    return take('}');
  }

 private:
  static constexpr std::size_t kLongestNumber = 32;  // what is longer might be too large for a number of any parser
  static constexpr unsigned kDeepest = 16;

  bool take_object(unsigned deepest) {
    std::string_view ignored;
    MemberNames names;
    return take_members([&](std::string_view name, PlainJson& value) { return names.add(name) && value.take_value(ignored, deepest); });
  }

  bool take_array(unsigned deepest) {
    if (!take('[')) return false;
    if (next() == ']') return take(']');
    std::string_view ignored;
    do {
      if (!take_value(ignored, deepest)) return false;
    } while (take(','));
    return take(']');
  }

  bool take_here(char mark) { return at_ != end_ && *at_++ == mark; }

  bool take_word(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  // RFC 8259 6.
  bool take_number() {
    const char* const begin = at_;
    if (at_ != end_ && *at_ == '-') ++at_;
    const bool zero = at_ != end_ && *at_ == '0';
    const std::size_t whole = take_digits();
    if (whole == 0 || (zero && whole > 1)) return false;
    if (at_ != end_ && *at_ == '.' && (++at_, take_digits() == 0)) return false;
    const bool goes_on = at_ != end_ && (*at_ == 'e' || *at_ == 'E');
    return !goes_on && static_cast<std::size_t>(at_ - begin) <= kLongestNumber;
  }

  std::size_t take_digits() {
    const char* const begin = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return static_cast<std::size_t>(at_ - begin);
  }

  void skip_plain() {
    if constexpr (std::endian::native == std::endian::little) {
      for (; end_ - at_ >= 8; at_ += 8) {
        std::uint64_t word;
        std::memcpy(&word, at_, sizeof word);
        if (const std::uint64_t found = not_plain(word)) {
          at_ += std::countr_zero(found) / 8;
          return;
        }
      }
    }
    while (at_ != end_ && is_plain(*at_)) ++at_;
  }

  // Eight bytes at once: the lowest bit that is set is in the first byte that is not plain.
  static std::uint64_t not_plain(std::uint64_t word) {
    constexpr std::uint64_t kEach = 0x0101010101010101, kHigh = 0x8080808080808080;
    const auto zero = [](std::uint64_t bytes) { return (bytes - kEach) & ~bytes; };
    const std::uint64_t control = (word - kEach * ' ') & ~word;
    return (zero(word ^ kEach * '"') | zero(word ^ kEach * '\\') | control | word) & kHigh;
  }

  const char* at_;
  const char* end_;
};

}  // namespace statecast

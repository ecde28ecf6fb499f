#include "host/streaming/cursor.hpp"

#include <algorithm>
#include <charconv>

namespace statecast::host {

namespace {

// Cuts the piece before `separator` off the front of `text`; the whole when there is none.
std::string_view cut(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const auto piece = text.substr(0, at);
  text = at == text.npos ? std::string_view{} : text.substr(at + 1);
  return piece;
}

template <class Number>
bool read_hex(std::string_view text, Number& out) {
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, out, 16);
  return error == std::errc{} && at == end && !text.empty();
}

template <class Number>
void append_hex(std::string& out, Number number) {
  char digits[16];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number, 16).ptr);
}

bool is_name(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool read_lane(std::string_view text, CursorEntry& entry) {
  if (text.ends_with(':')) return false;
  const auto state = cut(text, ':');
  if (state != "*" && !is_name(state, 64)) return false;
  entry.state = state;
  if (text.empty()) return true;
  return read_hex(cut(text, ':'), entry.lane) && read_hex(text, entry.lanes) && entry.lane < entry.lanes;
}

bool read_position(std::string_view text, Position& position) {
  if (text.ends_with('-')) return false;
  if (!read_hex(cut(text, '-'), position.hi)) return false;
  if (text.empty()) return true;
  if (!read_hex(cut(text, '-'), position.lo)) return false;
  return text.empty() || read_hex(text, position.ord);
}

bool read_entry(std::string_view text, CursorEntry& entry) {
  if (std::ranges::count(text, '.') != 3) return false;
  if (!read_lane(cut(text, '.'), entry)) return false;
  entry.epoch = cut(text, '.');
  return is_name(entry.epoch, 32) && read_hex(cut(text, '.'), entry.position.partition) &&
         read_position(text, entry.position);
}

}  // namespace

std::optional<Cursor> parse_cursor(std::string_view text) {
  if (text.empty() || text.size() > kMaxCursorBytes || text.back() == '~') return std::nullopt;
  Cursor cursor;
  while (!text.empty()) {
    if (!read_entry(cut(text, '~'), cursor.emplace_back())) return std::nullopt;
  }
  return cursor;
}

std::string cursor_state(std::string_view state, std::uint32_t lane, std::uint32_t lanes) {
  std::string out(state);
  if (lanes > 1) {
    out += ':';
    append_hex(out, lane);
    out += ':';
    append_hex(out, lanes);
  }
  return out;
}

void append_cursor_entry(std::string& out, std::string_view state, std::string_view epoch, const Position& position) {
  if (!out.empty()) out += '~';
  out.append(state).append(1, '.').append(epoch).append(1, '.');
  append_hex(out, position.partition);
  out += '.';
  append_hex(out, position.hi);
  if (position.lo == 0 && position.ord == kWholeEvent) return;
  out += '-';
  append_hex(out, position.lo);
  if (position.ord == kWholeEvent) return;
  out += '-';
  append_hex(out, position.ord);
}

}  // namespace statecast::host

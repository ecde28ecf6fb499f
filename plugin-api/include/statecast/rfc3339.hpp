// Timestamps as CloudEvents and the built-in states write them (RFC 3339), from and to microseconds since 1970-01-01
// UTC.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace statecast {

namespace detail {

// Takes a timestamp apart from left to right; each step is false when the text goes on otherwise.
class TimestampText {
 public:
  explicit TimestampText(std::string_view text) : rest_(text) {}

  bool ended() const { return rest_.empty(); }

  bool number(std::size_t digits, int lowest, int highest, int& value) {
    if (rest_.size() < digits) return false;
    value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (!is_digit(c)) return false;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value >= lowest && value <= highest;
  }

  bool mark(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == any_of.npos) return false;
    last_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  char last_mark() const { return last_; }

  // The digits after the point, if there is one; what is finer than a microsecond is cut off.
  bool fraction(std::int64_t& us) {
    us = 0;
    if (!mark(".")) return true;
    bool any = false;
    for (std::int64_t unit = 100'000; !rest_.empty() && is_digit(rest_.front()); unit /= 10, any = true) {
      us += unit * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return any;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  std::string_view rest_;
  char last_ = 0;
};

inline bool read_zone(TimestampText& text, std::chrono::minutes& offset) {
  if (!text.mark("Zz+-")) return false;
  const char sign = text.last_mark();
  if (sign == 'Z' || sign == 'z') return true;
  int hours = 0, minutes = 0;
  if (!text.number(2, 0, 23, hours) || !text.mark(":") || !text.number(2, 0, 59, minutes)) return false;
  offset = std::chrono::minutes((hours * 60 + minutes) * (sign == '-' ? -1 : 1));
  return true;
}

}  // namespace detail

// Nothing when the text is no timestamp with a zone. A leap second counts as the second after it.
inline std::optional<std::int64_t> parse_rfc3339(std::string_view written) {
  using namespace std::chrono;
  detail::TimestampText text(written);
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  std::int64_t us = 0;
  minutes offset{};
  const bool date = text.number(4, 0, 9999, y) && text.mark("-") && text.number(2, 1, 12, mo) && text.mark("-") &&
                    text.number(2, 1, 31, d);
  const bool clock = date && text.mark("Tt ") && text.number(2, 0, 23, h) && text.mark(":") &&
                     text.number(2, 0, 59, mi) && text.mark(":") && text.number(2, 0, 60, s) && text.fraction(us);
  if (!clock || !detail::read_zone(text, offset) || !text.ended()) return std::nullopt;
  const year_month_day day{year(y), month(static_cast<unsigned>(mo)), std::chrono::day(static_cast<unsigned>(d))};
  if (!day.ok()) return std::nullopt;
  const auto moment = sys_days(day).time_since_epoch() + hours(h) + minutes(mi) + seconds(s) - offset;
  return duration_cast<microseconds>(moment).count() + us;
}

// "2023-12-20T14:35:00.000Z": in UTC, cut to milliseconds. For the years 0 to 9999.
inline std::string format_rfc3339(std::int64_t us) {
  using namespace std::chrono;
  const auto moment = floor<milliseconds>(microseconds(us));
  const auto day = floor<days>(moment);
  const year_month_day date{sys_days(day)};
  const hh_mm_ss clock(moment - day);
  char text[64];
  const int n = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                              static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                              static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                              static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text, static_cast<std::size_t>(n)};
}

}  // namespace statecast

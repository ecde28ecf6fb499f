#include "plugins/states/rfc3339.hpp"

#include <chrono>
#include <cstdio>

namespace statecast {
namespace {

using namespace std::chrono;

// Takes a text apart from its front. After the first thing that does not fit, nothing does.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int number(std::size_t digits, int least, int most) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + digit();
    fits_ = fits_ && value >= least && value <= most;
    return value;
  }

  char one_of(std::string_view marks) {
    if (rest_.empty() || marks.find(rest_.front()) == marks.npos) return fail();
    return take();
  }

  // ".123456789" or nothing.
  microseconds fraction() {
    std::int64_t value = 0;
    if (!rest_.starts_with('.')) return microseconds(0);
    take();
    std::int64_t unit = 100'000;
    do {
      value += digit() * unit;
      unit /= 10;
    } while (fits_ && !rest_.empty() && is_digit(rest_.front()));
    return microseconds(value);
  }

  minutes offset() {
    const char zone = one_of("Zz+-");
    if (zone != '+' && zone != '-') return minutes(0);
    const int hour = number(2, 0, 23);
    one_of(":");
    const minutes all = hours(hour) + minutes(number(2, 0, 59));
    return zone == '-' ? -all : all;
  }

  bool at_end() const { return fits_ && rest_.empty(); }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  int digit() { return rest_.empty() || !is_digit(rest_.front()) ? fail() : take() - '0'; }
  char take() {
    const char first = rest_.front();
    rest_.remove_prefix(1);
    return first;
  }
  char fail() {
    fits_ = false;
    return 0;
  }

  std::string_view rest_;
  bool fits_ = true;
};

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  Scanner scan(text);
  const year y(scan.number(4, 0, 9999));
  scan.one_of("-");
  const month m(static_cast<unsigned>(scan.number(2, 1, 12)));
  scan.one_of("-");
  const year_month_day date(y, m, day(static_cast<unsigned>(scan.number(2, 1, 31))));
  scan.one_of("Tt ");  // RFC 3339 5.6
  const hours hour(scan.number(2, 0, 23));
  scan.one_of(":");
  const minutes minute(scan.number(2, 0, 59));
  scan.one_of(":");
  const seconds second(scan.number(2, 0, 60));  // 60: a leap second
  const microseconds fraction = scan.fraction();
  const minutes offset = scan.offset();
  if (!scan.at_end() || !date.ok()) return std::nullopt;
  return (microseconds(sys_days(date).time_since_epoch()) + hour + minute + second + fraction - offset).count();
}

std::string format_rfc3339(std::int64_t time_us) {
  const auto time = floor<milliseconds>(sys_time<microseconds>(microseconds(time_us)));
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(time - midnight);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

}  // namespace statecast

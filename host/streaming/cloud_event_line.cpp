#include "host/streaming/cloud_event_line.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

void add_member(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":").append(json_quote(value));
}

void add_on_one_line(std::string& out, std::string_view json) {
  const auto first = out.size();
  out += json;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

// The members of an object, without its braces; empty for {}.
std::string_view members_of(std::string_view object) {
  const auto open = object.find('{'), close = object.rfind('}');
  if (open == object.npos || close == object.npos || close < open) return {};
  const auto members = object.substr(open + 1, close - open - 1);
  return members.find_first_not_of(" \t\r\n") == members.npos ? std::string_view{} : members;
}

}  // namespace

std::string format_rfc3339(std::int64_t time_us) {
  using namespace std::chrono;
  // RFC 3339 has years of four digits.
  constexpr auto kFirst = sys_days(year(0) / 1 / 1).time_since_epoch() / microseconds(1);
  constexpr auto kLast = sys_days(year(10000) / 1 / 1).time_since_epoch() / microseconds(1) - 1;
  const sys_time<microseconds> time{microseconds(std::clamp<std::int64_t>(time_us, kFirst, kLast))};
  const auto midnight = floor<days>(time);
  const year_month_day day(midnight);
  const hh_mm_ss<microseconds> clock(time - midnight);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06d", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  std::string out(text.data());
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
  return out + "Z";
}

std::string cloud_event_line(const sc_event& event) {
  std::string out = R"({"specversion":"1.0","id":)" + json_quote(view(event.id));
  add_member(out, "source", view(event.source));
  add_member(out, "type", view(event.type));
  if (event.subject.n != 0) add_member(out, "subject", view(event.subject));
  add_member(out, "time", format_rfc3339(event.time_us));
  if (const auto extensions = members_of(view(event.extensions)); !extensions.empty()) add_on_one_line(out += ",", extensions);
  // An event without data has null (sc_event), and no data again when it is published.
  if (view(event.data) != "null") add_on_one_line(out += ",\"data\":", view(event.data));
  return out + "}";
}

}  // namespace statecast::host

#include "plugins/states/delivery/timestamp.hpp"

#include <chrono>

namespace statecast::delivery {
namespace {

template <std::size_t Digits>
char* put(char* out, std::int64_t number, char after) {
  for (std::size_t i = Digits; i-- > 0; number /= 10) out[i] = static_cast<char>('0' + number % 10);
  out[Digits] = after;
  return out + Digits + 1;
}

}  // namespace

std::string_view write_timestamp(std::int64_t time_us, TimestampText& text) {
  using namespace std::chrono;
  const sys_time<milliseconds> time = floor<milliseconds>(sys_time<microseconds>(microseconds(time_us)));
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const std::int64_t ms = (time - day).count();
  char* out = text.data();
  out = put<4>(out, static_cast<int>(date.year()), '-');
  out = put<2>(out, static_cast<unsigned>(date.month()), '-');
  out = put<2>(out, static_cast<unsigned>(date.day()), 'T');
  out = put<2>(out, ms / 3'600'000, ':');
  out = put<2>(out, ms / 60'000 % 60, ':');
  out = put<2>(out, ms / 1000 % 60, '.');
  put<3>(out, ms % 1000, 'Z');
  return {text.data(), text.size()};
}

}  // namespace statecast::delivery

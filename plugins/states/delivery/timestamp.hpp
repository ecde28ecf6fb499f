// The times that clients read: RFC 3339 in UTC with milliseconds, as JavaScript's Date.toISOString writes them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace statecast::delivery {

using TimestampText = std::array<char, 24>;  // 2023-12-20T14:35:00.000Z

// Four digits hold the years 0 to 9999; microseconds since 1970-01-01 UTC.
inline constexpr std::int64_t kFirstTime = -62'167'219'200'000'000, kLastTime = 253'402'300'799'999'999;

constexpr bool is_writable_time(std::int64_t time_us) { return time_us >= kFirstTime && time_us <= kLastTime; }

// Writes a time that is writable. What is finer than a millisecond is cut off.
std::string_view write_timestamp(std::int64_t time_us, TimestampText& out);

}  // namespace statecast::delivery

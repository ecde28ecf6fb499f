// Times as JSON carries them: RFC 3339, in UTC or with an offset.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace statecast {

// Microseconds since 1970-01-01 UTC; nothing when the text is no time. Finer fractions are cut.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// "2023-12-20T14:35:00.000Z". Finer than a millisecond is cut.
std::string format_rfc3339(std::int64_t time_us);

}  // namespace statecast

// Durations and sizes as they are written in the configuration: a whole number and a unit, 30s or 256KiB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace statecast::host {

enum class Quantity { duration, size };

struct ParsedQuantity {
  enum class Fault { none, no_unit, unknown_unit, malformed, too_large };
  std::int64_t value = 0;  // milliseconds or bytes
  Fault fault = Fault::none;
};

// "duration" and "size" as a schema's `format` says them.
std::optional<Quantity> quantity_of_format(std::string_view format);

ParsedQuantity parse_quantity(Quantity quantity, std::string_view text);

// The shortest exact form: 90000 ms is "90s", 262144 bytes are "256KiB".
std::string format_quantity(Quantity quantity, std::int64_t value);

std::string_view unit_names(Quantity quantity);  // "ms, s, m, h, d"
std::string_view example_of(Quantity quantity);  // "30s"

}  // namespace statecast::host

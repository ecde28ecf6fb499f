#include "host/config/units.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

using Fault = ParsedQuantity::Fault;

TEST(Units, ReadsEveryUnit) {
  const std::pair<const char*, std::int64_t> durations[] = {{"0ms", 0},      {"7ms", 7},           {"30s", 30'000},
                                                            {"2m", 120'000}, {"72h", 259'200'000}, {"1d", 86'400'000}};
  for (const auto& [text, ms] : durations) EXPECT_EQ(parse_quantity(Quantity::duration, text).value, ms) << text;
  const std::pair<const char*, std::int64_t> sizes[] = {
      {"5B", 5},     {"2KiB", 2048},     {"1MiB", 1 << 20},     {"20GiB", 20LL << 30},
      {"3KB", 3000}, {"3MB", 3'000'000}, {"3GB", 3'000'000'000}};
  for (const auto& [text, bytes] : sizes) EXPECT_EQ(parse_quantity(Quantity::size, text).value, bytes) << text;
}

TEST(Units, SaysWhatIsWrongWithAQuantity) {
  EXPECT_EQ(parse_quantity(Quantity::duration, "30").fault, Fault::no_unit);
  EXPECT_EQ(parse_quantity(Quantity::duration, "30sec").fault, Fault::unknown_unit);
  EXPECT_EQ(parse_quantity(Quantity::size, "30s").fault, Fault::unknown_unit);
  for (const char* text : {"", "s", "-1s", "1.5s", "1 s", "1h30m", "+1s"})
    EXPECT_EQ(parse_quantity(Quantity::duration, text).fault, Fault::malformed) << text;
  EXPECT_EQ(parse_quantity(Quantity::duration, "9223372036854775807d").fault, Fault::too_large);
  EXPECT_EQ(parse_quantity(Quantity::duration, "99999999999999999999s").fault, Fault::too_large);
}

TEST(Units, ShowsTheLargestUnitThatIsExact) {
  EXPECT_EQ(format_quantity(Quantity::duration, 90'000), "90s");
  EXPECT_EQ(format_quantity(Quantity::duration, 3'600'000), "1h");
  EXPECT_EQ(format_quantity(Quantity::duration, 0), "0ms");
  EXPECT_EQ(format_quantity(Quantity::size, 262'144), "256KiB");
  EXPECT_EQ(format_quantity(Quantity::size, 1000), "1000B");
}

}  // namespace
}  // namespace statecast::host

#include "host/config/units.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <span>

namespace statecast::host {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

// Each list ascends in what a value should be shown in; the decimal sizes are read but never shown.
constexpr Unit kDurations[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr Unit kShownSizes[] = {{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
constexpr Unit kSizes[] = {{"B", 1},     {"KiB", 1 << 10},  {"MiB", 1 << 20},     {"GiB", 1 << 30},
                           {"KB", 1000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}};

std::span<const Unit> units_of(Quantity quantity) {
  if (quantity == Quantity::duration) return kDurations;
  return kSizes;
}

std::span<const Unit> shown_units_of(Quantity quantity) {
  if (quantity == Quantity::duration) return kDurations;
  return kShownSizes;
}

}  // namespace

std::optional<Quantity> quantity_of_format(std::string_view format) {
  if (format == "duration") return Quantity::duration;
  if (format == "size") return Quantity::size;
  return std::nullopt;
}

ParsedQuantity parse_quantity(Quantity quantity, std::string_view text) {
  using Fault = ParsedQuantity::Fault;
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return {0, Fault::too_large};
  if (error != std::errc{} || number < 0) return {0, Fault::malformed};
  const std::string_view name = text.substr(static_cast<std::size_t>(rest - text.data()));
  if (name.empty()) return {0, Fault::no_unit};

  const auto units = units_of(quantity);
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == name; });
  if (unit == units.end()) {
    const bool is_word = std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c); });
    return {0, is_word ? Fault::unknown_unit : Fault::malformed};
  }
  if (number > std::numeric_limits<std::int64_t>::max() / unit->factor) return {0, Fault::too_large};
  return {number * unit->factor};
}

std::string format_quantity(Quantity quantity, std::int64_t value) {
  const auto units = shown_units_of(quantity);
  const Unit* best = &units.front();
  for (const Unit& unit : units)
    if (value != 0 && value % unit.factor == 0) best = &unit;
  return std::to_string(value / best->factor) + std::string(best->name);
}

std::string_view unit_names(Quantity quantity) {
  return quantity == Quantity::duration ? "ms, s, m, h, d" : "B, KiB, MiB, GiB, KB, MB, GB";
}

std::string_view example_of(Quantity quantity) { return quantity == Quantity::duration ? "30s" : "256KiB"; }

}  // namespace statecast::host

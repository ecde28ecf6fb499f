// For a Source of one partition that numbers its events itself, from 1 and without a hole: the number is the position's
// `hi`, the rest of the position is zero.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "types.hpp"

namespace statecast {

inline Position position_of(std::uint64_t seq) {
  Position position{};
  position.hi = seq;
  return position;
}

// The identity of a new history. Short, because every client's cursor carries it; random enough that an operator never
// meets the same one twice.
inline std::string new_epoch() {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::random_device random;
  std::uniform_int_distribution<std::size_t> digit(0, kDigits.size() - 1);
  std::string epoch(8, '0');
  std::generate(epoch.begin(), epoch.end(), [&] { return kDigits[digit(random)]; });
  return epoch;
}

inline Failure gone(std::uint64_t seq, std::uint64_t oldest) {
  return {SC_GONE, "event " + std::to_string(seq) + " is no longer held: the oldest is " + std::to_string(oldest)};
}

// The number of the event that a reader opened after these positions yields first. A position that is ahead of the
// newest event is waited for.
inline std::uint64_t first_after(std::span<const Position> after, std::uint64_t oldest) {
  if (after.size() != 1 || after[0].partition != 0)
    throw Failure(SC_REJECTED, "this source has one partition, number 0: a reader needs one position in it");
  if (after[0].hi == 0) return oldest;
  if (after[0].hi + 1 < oldest) throw gone(after[0].hi + 1, oldest);
  return after[0].hi + 1;
}

}  // namespace statecast

// Chance, the same for the same seed with every compiler and standard library: the standard fixes what the engine
// yields, but not what its distributions make of that.
#pragma once

#include <cstdint>
#include <random>

namespace statecast::simulator {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  // A whole number from lowest to highest, both included.
  std::int64_t between(std::int64_t lowest, std::int64_t highest) {
    return lowest + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(highest - lowest + 1));
  }

  bool chance(int percent) { return between(1, 100) <= percent; }

  template <class List>
  const auto& pick(const List& list) {
    return list[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(list.size()) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace statecast::simulator

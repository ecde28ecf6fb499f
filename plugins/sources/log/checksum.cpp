#include "plugins/sources/log/checksum.hpp"

#define XXH_INLINE_ALL  // no library to be installed beside the program
#include <xxhash.h>

namespace statecast::log {

// Each text's hash is the seed of the next, so that no byte can move from one to another unnoticed.
std::uint64_t checksum_of(std::uint64_t seq, const Event& event) {
  const std::uint64_t numbers[] = {seq, static_cast<std::uint64_t>(event.time_us)};
  std::uint64_t sum = XXH3_64bits(numbers, sizeof numbers);
  for (const auto text : {event.id, event.source, event.type, event.subject, event.data, event.extensions})
    sum = XXH3_64bits_withSeed(text.data(), text.size(), sum);
  return sum;
}

}  // namespace statecast::log

// What each event carries in the file, so that bytes that changed there are noticed: XXH3 (64 bits) over all that it is.
#pragma once

#include <cstdint>
#include <statecast/types.hpp>

namespace statecast::log {

// Stored in the file, so it never changes.
std::uint64_t checksum_of(std::uint64_t seq, const Event& event);

}  // namespace statecast::log

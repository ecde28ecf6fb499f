// How far a log reaches. Written by append, read by readers and range.
#pragma once

#include <atomic>
#include <cstdint>

namespace statecast::log {

struct Extent {
  std::atomic<std::uint64_t> oldest{1}, newest{0};  // newest 0 = no event yet
};

}  // namespace statecast::log

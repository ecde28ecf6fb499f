// A place in a source as people read it: "17", or "1703082900000-3" where the source numbers in two parts. [any]
#pragma once

#include <cstdint>
#include <string>

namespace statecast::host {

inline std::string position_text(std::uint64_t hi, std::uint64_t lo) { return std::to_string(hi) + (lo == 0 ? "" : "-" + std::to_string(lo)); }

}  // namespace statecast::host

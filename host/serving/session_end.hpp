// Why a session came to its end, and why frames of one that goes on were dropped: what both are counted by.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "plugin-api/include/statecast/abi/transport.h"

namespace statecast::host {

enum class EndedBy : std::uint8_t { kClient, kBuffer, kWriteTimeout, kSilence, kTopics, kAge, kProtocol, kShutdown, kError };

inline constexpr std::array<std::string_view, 9> kEndedBy{
    "client",  "buffer_overflow", "write_timeout", "heartbeat_unanswered", "topics_ended",
    "max_age", "protocol_error",  "shutdown",      "error"};

// The policies of slow_clients, but for `disconnect`.
enum class DroppedBy : std::uint8_t { kConflated, kDropOldest, kDropNewest, kBlocked };

inline constexpr std::array<std::string_view, 4> kDroppedBy{"conflated", "drop_oldest", "drop_newest", "blocked"};

// Of one of the SC_CLOSE_*.
inline EndedBy ended_by(std::uint32_t close_reason) {
  switch (close_reason) {
    case SC_CLOSE_SHUTDOWN: return EndedBy::kShutdown;
    case SC_CLOSE_ENDED: return EndedBy::kTopics;
    case SC_CLOSE_SLOW: return EndedBy::kSilence;
    case SC_CLOSE_PROTOCOL: return EndedBy::kProtocol;
    case SC_CLOSE_EXPIRED: return EndedBy::kAge;
    case SC_CLOSE_ERROR: return EndedBy::kError;
    default: return EndedBy::kClient;
  }
}

}  // namespace statecast::host

// The host's log: one line a call, on stderr, written by a thread of its own. When that thread cannot keep up, the oldest
// waiting lines are dropped, so that a stuck terminal never holds up a lane or a shard. [any]
#pragma once

#include <cstdint>
#include <string_view>

namespace statecast::host::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// Starts the log; before that, and after stop(), lines go straight to stderr. `level` is the least that is written. [main]
void start(Level level);

// Writes what is waiting and stops. [main]
void stop();

// How many waiting lines were dropped so far, with the requests to flush among them. [any]
std::uint64_t dropped();

bool enabled(Level level);
void write(Level level, std::string_view component, std::string_view text);

inline void debug(std::string_view component, std::string_view text) { write(Level::kDebug, component, text); }
inline void info(std::string_view component, std::string_view text) { write(Level::kInfo, component, text); }
inline void warning(std::string_view component, std::string_view text) { write(Level::kWarning, component, text); }
inline void error(std::string_view component, std::string_view text) { write(Level::kError, component, text); }

}  // namespace statecast::host::log

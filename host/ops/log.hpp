// The host's log: one line a call, on stderr or in the journal, written by a thread of its own. When that thread cannot
// keep up, the oldest waiting lines are dropped, so that a stuck terminal never holds up a lane or a shard. [any]
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/config/secrets.hpp"

namespace statecast::host::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// kText for people, kJson for programs (one object a line), kJournald for systemd's journal.
enum class Format { kText, kJson, kJournald };

// Named values beside the text of a line.
using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

inline constexpr std::size_t kWaitingLines = 8192;

struct Options {
  Level level = Level::kInfo;  // the least that is written
  Format format = Format::kText;
  std::vector<Secret> secrets;  // never written, whoever's text they are in
};

// What `server.log.format` means here: `auto` is kJournald when stderr is a stream to the journal, as systemd says in
// $JOURNAL_STREAM, and kText otherwise.
Format format_of(std::string_view name);

// Starts the log; before that, and after stop(), lines are written by who calls. Where there is no journal, kJournald
// becomes kText, and a first line says so. [main]
void start(Options options);

// Writes what is waiting and stops. [main]
void stop();

// How many waiting lines were dropped so far, with the requests to flush among them. [any]
std::uint64_t dropped();

bool enabled(Level level);
void write(Level level, std::string_view component, std::string_view text, Fields fields = {});

inline void debug(std::string_view component, std::string_view text) { write(Level::kDebug, component, text); }
inline void info(std::string_view component, std::string_view text) { write(Level::kInfo, component, text); }
inline void warning(std::string_view component, std::string_view text, Fields fields = {}) {
  write(Level::kWarning, component, text, fields);
}
inline void error(std::string_view component, std::string_view text, Fields fields = {}) {
  write(Level::kError, component, text, fields);
}

// The format in use.
Format format();

// The text as the log would write it, for what is written elsewhere.
std::string without_secrets(std::string text);

}  // namespace statecast::host::log

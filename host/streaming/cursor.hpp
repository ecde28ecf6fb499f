// Cursors: from where a client resumes. A list of entries (state, lane, epoch, partition, position), written as
//
//   <state>[:<lane>:<lanes>].<epoch>.<partition>.<hi>[-<lo>[-<ord>]]   joined by '~', numbers in hexadecimal
//
// which is safe in an SSE id, a header, a query and JSON. The lane is left out when the state has one. Without <ord> the
// whole event is meant, with it the event's messages up to that one. The state `*` stands for every state: the cursor
// that a publisher gets. Clients treat the whole as opaque.
//
// Plain values; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin-api/include/statecast/types.hpp"

namespace statecast::host {

// The ordinal that stands for all messages of an event.
inline constexpr std::uint32_t kWholeEvent = 0xffffffff;

inline Position whole(Position position) {
  position.ord = kWholeEvent;
  return position;
}

struct CursorEntry {
  std::string state;  // "*" = every state
  std::uint32_t lane = 0, lanes = 1;
  std::string epoch;
  Position position = whole({});  // with its partition
};

using Cursor = std::vector<CursorEntry>;

inline constexpr std::size_t kMaxCursorBytes = 8 * 1024;

// Reads a cursor; nothing when it is not one.
std::optional<Cursor> parse_cursor(std::string_view text);

// "orders:1:4" or "orders"
std::string cursor_state(std::string_view state, std::uint32_t lane, std::uint32_t lanes);

// Appends "<state>.<epoch>.<partition>.<position>" to `out`, after a '~' when there is something before it.
void append_cursor_entry(std::string& out, std::string_view state, std::string_view epoch, const Position& position);

}  // namespace statecast::host

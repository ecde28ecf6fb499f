// How far a lane has folded each partition of each of its sources, and the cursors made from that.
//
// Owned by its lane. [lane]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/streaming/cursor.hpp"

namespace statecast::host {

// Where a client stands against a lane.
enum class Resume : std::uint8_t {
  kFresh,       // it gave no cursor: a snapshot
  kExact,       // what came after its cursor can be told
  kAhead,       // its cursor lies beyond what this lane has folded
  kMalformed,   // not a cursor
  kUncovered,   // a cursor that says nothing of this state
  kOtherEpoch,  // of another history
  kTrimmed,     // older than what is kept
};

// The sentence that a `reset` message gives as reason.
std::string_view reset_reason(Resume resume);

class Positions {
 public:
  // One slot for each partition of each source, in order of (source, partition).
  struct Slot {
    std::uint16_t source;
    std::string epoch;
    Position position = whole({});  // its ord is kWholeEvent between two events
    std::string id{};               // of the source, in the configuration
  };

  Positions(std::string state, std::vector<Slot> slots) : state_(std::move(state)), slots_(std::move(slots)) {}

  // Moves the slot of this source and partition forward to `position`.
  void advance(std::uint16_t source, const Position& position);

  void advance_slot(std::size_t slot, const Position& position);

  // Back to before the first event.
  void reset();

  std::size_t slot_of(std::uint16_t source, std::uint32_t partition) const;

  // The event that a cursor of one entry names, of whatever state; nothing when it is of another history.
  struct Place {
    std::size_t slot;
    Position position;
  };
  std::optional<Place> place_of(std::string_view cursor) const;
  // The slot of a partition of the source that has this history.
  std::optional<std::size_t> slot_of(std::string_view epoch, std::uint32_t partition) const;
  const std::vector<Slot>& slots() const { return slots_; }

  // The cursor "everything up to here".
  std::string cursor() const;
  // The cursor "everything up to these", a position for each slot.
  std::string cursor_at(const std::vector<Position>& at) const;

  // Judges a client's cursor; when it is exact or ahead, `after` is its position in each slot.
  Resume judge(std::string_view cursor, std::vector<Position>& after) const;

  // Whether everything up to `after` is folded.
  bool reached(const std::vector<Position>& after) const;

 private:
  bool covers(const CursorEntry& entry, bool& state_named) const;

  std::string state_;  // as in a cursor: "orders:1:4"
  std::vector<Slot> slots_;
};

}  // namespace statecast::host

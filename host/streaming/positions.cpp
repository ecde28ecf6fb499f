#include "host/streaming/positions.hpp"

#include <algorithm>

namespace statecast::host {

std::string_view reset_reason(Resume resume) {
  switch (resume) {
    case Resume::kMalformed: return "the cursor is malformed";
    case Resume::kUncovered: return "the cursor does not cover this topic";
    case Resume::kOtherEpoch: return "the cursor is of another history";
    case Resume::kAhead: return "the cursor is ahead of this instance";
    case Resume::kTrimmed: return "the history after the cursor was trimmed";
    case Resume::kFresh:
    case Resume::kExact: break;
  }
  return "";
}

void Positions::advance(std::uint16_t source, const Position& position) {
  advance_slot(slot_of(source, position.partition), position);
}

void Positions::advance_slot(std::size_t slot, const Position& position) {
  Position& mine = slots_[slot].position;
  if (mine < position) mine = position;
}

void Positions::reset() {
  for (Slot& slot : slots_) {
    const auto partition = slot.position.partition;
    slot.position = whole({});
    slot.position.partition = partition;
  }
}

std::size_t Positions::slot_of(std::uint16_t source, std::uint32_t partition) const {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].source == source && slots_[i].position.partition == partition) return i;
  return 0;  // readers are opened on known partitions only
}

std::optional<Positions::Place> Positions::place_of(std::string_view text) const {
  const auto cursor = parse_cursor(text);
  if (!cursor || cursor->size() != 1) return std::nullopt;
  const CursorEntry& entry = cursor->front();
  const auto slot = slot_of(entry.epoch, entry.position.partition);
  return slot ? std::optional(Place{*slot, entry.position}) : std::nullopt;
}

std::optional<std::size_t> Positions::slot_of(std::string_view epoch, std::uint32_t partition) const {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].epoch == epoch && slots_[i].position.partition == partition) return i;
  return std::nullopt;
}

std::string Positions::cursor() const {
  std::string out;
  for (const Slot& slot : slots_) append_cursor_entry(out, state_, slot.epoch, slot.position);
  return out;
}

bool Positions::covers(const CursorEntry& entry, bool& state_named) const {
  if (entry.state == "*") return true;
  if (cursor_state(entry.state, entry.lane, entry.lanes) != state_) return false;
  state_named = true;
  return true;
}

std::string Positions::cursor_at(const std::vector<Position>& at) const {
  std::string out;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Position position = at[i];
    position.partition = slots_[i].position.partition;
    append_cursor_entry(out, state_, slots_[i].epoch, position);
  }
  return out;
}

Resume Positions::judge(std::string_view text, std::vector<Position>& after) const {
  if (text.empty()) return Resume::kFresh;
  const auto cursor = parse_cursor(text);
  if (!cursor) return Resume::kMalformed;
  after.assign(slots_.size(), whole({}));
  bool named = false, matched = false;
  for (const CursorEntry& entry : *cursor) {
    if (!covers(entry, named)) continue;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const Slot& slot = slots_[i];
      if (slot.epoch != entry.epoch || slot.position.partition != entry.position.partition) continue;
      after[i] = entry.position;
      matched = true;
    }
  }
  if (!matched) {
    const bool any_wildcard = std::any_of(cursor->begin(), cursor->end(), [](auto& e) { return e.state == "*"; });
    return named || any_wildcard ? Resume::kOtherEpoch : Resume::kUncovered;
  }
  return reached(after) ? Resume::kExact : Resume::kAhead;
}

bool Positions::reached(const std::vector<Position>& after) const {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].position < after[i]) return false;
  return true;
}

}  // namespace statecast::host

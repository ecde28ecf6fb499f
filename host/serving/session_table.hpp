// The sessions of one shard by slot, in pieces that never move: a reference to a session lasts as long as its slot is taken,
// and one more client never means copying all.
//
// Owned by Streams. [shard]
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "host/serving/session.hpp"

namespace statecast::host {

class SessionTable {
 public:
  Session& operator[](std::uint32_t slot) { return (*pieces_[slot / kPiece])[slot % kPiece]; }
  const Session& operator[](std::uint32_t slot) const { return (*pieces_[slot / kPiece])[slot % kPiece]; }

  // Of a session that is not there yet.
  std::uint32_t take() {
    if (free_.empty()) add_slot();
    const auto slot = free_.back();
    free_.pop_back();
    return slot;
  }
  // Ends what the slot has: the next session in it is of another generation.
  void give_back(std::uint32_t slot) {
    Session& session = (*this)[slot];
    const auto generation = session.generation + 1;
    session = Session{};
    session.generation = generation;
    free_.push_back(slot);
  }

  std::uint32_t size() const { return slots_; }  // free ones too
  std::uint32_t taken() const { return slots_ - static_cast<std::uint32_t>(free_.size()); }

 private:
  static constexpr std::uint32_t kPiece = 256;

  void add_slot() {
    if (slots_ % kPiece == 0) pieces_.push_back(std::make_unique<std::array<Session, kPiece>>());
    free_.push_back(slots_++);
  }

  std::vector<std::unique_ptr<std::array<Session, kPiece>>> pieces_;
  std::vector<std::uint32_t> free_;
  std::uint32_t slots_ = 0;
};

}  // namespace statecast::host

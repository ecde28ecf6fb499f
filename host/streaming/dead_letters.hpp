// The events that a lane's State rejected, or that made it fail: which they are, and those that the next checkpoint has to
// save or take away. They are kept by position, so that a replay does not double them; the oldest go when there are too many.
//
// Without a store there are none. Owned by its lane. [lane]
#pragma once

#include <map>
#include <set>
#include <vector>

#include "host/streaming/checkpoint.hpp"

namespace statecast::host {

class DeadLetters {
 public:
  static constexpr std::size_t kAtMost = 10'000;
  static constexpr std::size_t kBytesAtMost = 64 * 1024 * 1024;

  DeadLetters(const Positions& positions, bool kept) : positions_(positions), kept_(kept) {}

  void add(std::uint16_t source, const sc_event& event, std::string_view reason, bool failed, std::int64_t now_us);
  // The event was folded after all, or an operator lets go of it. False when it was none.
  bool remove(std::uint16_t source, const Position& position) { return remove(slot_of(source, position), position); }
  bool remove(std::size_t slot, const Position& position);
  bool contains(std::size_t slot, const Position& position) const { return known_.contains(at(slot, position)); }
  // Whether this event made the State fail before: it is not given to it again.
  bool made_fail(std::uint16_t source, const Position& position) const;
  bool empty() const { return known_.empty(); }
  std::size_t size() const { return known_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::uint64_t dropped() const { return dropped_; }  // because there were too many, or too large ones

  // ---- for checkpoints
  // One that was stored. Without `keep_failed` it gets another chance: what made one version fail may not make the next.
  void restore(const DeadLetter& letter, bool keep_failed);
  // What the store has is read again; what it has not stays.
  void forget_saved();
  // Of those that were saved, these are left; they do not go unless remove() says so.
  void keep_saved(const std::vector<DeadLetterRef>& left);
  // One that this lane does not know, such as of a history that is gone.
  void drop_unknown(DeadLetterRef letter) { gone_.insert(std::move(letter)); }
  bool unsaved() const { return !unsaved_.empty() || !gone_.empty(); }
  void take_unsaved(CheckpointCut& cut);
  void put_back(CheckpointCut& cut);

 private:
  struct At {
    std::size_t slot;
    std::uint64_t hi, lo;
    auto operator<=>(const At&) const = default;
  };
  DeadLetter letter_of(std::size_t slot, const sc_event& event, std::string_view reason, bool failed, std::int64_t now_us) const;
  static At at(std::size_t slot, const Position& p) { return {slot, p.hi, p.lo}; }
  std::size_t slot_of(std::uint16_t source, const Position& position) const { return positions_.slot_of(source, position.partition); }

  const Positions& positions_;
  const bool kept_;
  struct Known {
    bool failed;  // the State did
    bool stored;  // the state file has it, or is about to
    std::size_t bytes;
  };
  void enter(const At& where, const Known& known);
  std::map<At, Known> known_;
  std::map<At, DeadLetter> unsaved_;
  std::set<DeadLetterRef> gone_;  // the state file has them
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace statecast::host

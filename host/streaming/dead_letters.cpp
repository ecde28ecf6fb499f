#include "host/streaming/dead_letters.hpp"

#include <algorithm>
#include <utility>

namespace statecast::host {

void DeadLetters::add(std::uint16_t source, const sc_event& event, std::string_view reason, bool failed, std::int64_t now_us) {
  if (!kept_ && !failed) return;  // nobody would ever look for it
  const std::size_t slot = slot_of(source, event.pos);
  const auto [known, fresh] = known_.emplace(at(slot, event.pos), failed);
  known->second = known->second || failed;
  if (fresh && kept_) unsaved_.emplace(at(slot, event.pos), letter_of(slot, event, reason, failed, now_us));
  if (known_.size() <= kAtMost) return;
  const At oldest = known_.begin()->first;
  remove(oldest.slot, Position{oldest.hi, oldest.lo, positions_.slots()[oldest.slot].position.partition, 0});
  ++dropped_;
}

DeadLetter DeadLetters::letter_of(std::size_t slot, const sc_event& event, std::string_view reason, bool failed, std::int64_t now_us) const {
  const auto& from = positions_.slots()[slot];
  DeadLetter letter;
  letter.source = from.id;
  letter.epoch = from.epoch;
  letter.position = event.pos;
  letter.position.ord = 0;
  letter.noted_us = now_us;
  letter.reason = reason;
  letter.failed = failed;
  letter.time_us = event.time_us;
  letter.id = view(event.id);
  letter.event_source = view(event.source);
  letter.type = view(event.type);
  letter.subject = view(event.subject);
  letter.data = view(event.data);
  letter.extensions = view(event.extensions);
  return letter;
}

void DeadLetters::forget_saved() {
  known_.clear();
  gone_.clear();
  for (const auto& [where, letter] : unsaved_) known_.emplace(where, letter.failed);
}

void DeadLetters::keep_saved(const std::vector<DeadLetterRef>& left) {
  const auto before = std::exchange(known_, {});
  for (const auto& [where, letter] : unsaved_) known_.emplace(where, letter.failed);
  const auto& slots = positions_.slots();
  for (const DeadLetterRef& letter : left)
    for (std::size_t slot = 0; slot < slots.size(); ++slot)
      if (slots[slot].epoch == letter.epoch && slots[slot].position.partition == letter.position.partition)
        if (const auto found = before.find(at(slot, letter.position)); found != before.end()) known_.insert(*found);
}

bool DeadLetters::remove(std::size_t slot, const Position& position) {
  if (known_.erase(at(slot, position)) == 0) return false;
  unsaved_.erase(at(slot, position));
  Position plain = position;
  plain.ord = 0;
  if (kept_) gone_.push_back({positions_.slots()[slot].epoch, plain});
  return true;
}

bool DeadLetters::made_fail(std::uint16_t source, const Position& position) const {
  const auto found = known_.find(at(slot_of(source, position), position));
  return found != known_.end() && found->second;
}

void DeadLetters::restore(const DeadLetter& letter, bool keep_failed) {
  const auto& slots = positions_.slots();
  for (std::size_t slot = 0; slot < slots.size(); ++slot)
    if (slots[slot].epoch == letter.epoch && slots[slot].position.partition == letter.position.partition)
      known_.insert_or_assign(at(slot, letter.position), letter.failed && keep_failed);
}

void DeadLetters::take_unsaved(CheckpointCut& cut) {
  cut.dead.reserve(cut.dead.size() + unsaved_.size());  // what throws does so before anything is taken
  cut.dead_gone = std::exchange(gone_, {});
  for (auto& [where, letter] : std::exchange(unsaved_, {})) cut.dead.push_back(std::move(letter));
}

void DeadLetters::put_back(CheckpointCut& cut) {
  gone_.insert(gone_.begin(), std::make_move_iterator(cut.dead_gone.begin()), std::make_move_iterator(cut.dead_gone.end()));
  const auto& slots = positions_.slots();
  for (DeadLetter& letter : cut.dead)
    for (std::size_t slot = 0; slot < slots.size(); ++slot)
      if (slots[slot].epoch == letter.epoch && slots[slot].position.partition == letter.position.partition && contains(slot, letter.position))
        unsaved_.try_emplace(at(slot, letter.position), letter);
}

}  // namespace statecast::host

#include "host/streaming/dead_letters.hpp"

#include <algorithm>
#include <utility>

namespace statecast::host {

namespace {

std::size_t bytes_of(const DeadLetter& letter) {
  return sizeof letter + letter.source.size() + letter.epoch.size() + letter.reason.size() + letter.id.size() + letter.event_source.size() +
         letter.type.size() + letter.subject.size() + letter.data.size() + letter.extensions.size();
}

}  // namespace

void DeadLetters::add(std::uint16_t source, const sc_event& event, std::string_view reason, bool failed, std::int64_t now_us) {
  if (!kept_ && !failed) return;  // nobody would ever look for it
  const std::size_t slot = slot_of(source, event.pos);
  const At where = at(slot, event.pos);
  if (const auto known = known_.find(where); known != known_.end()) {
    known->second.failed = known->second.failed || failed;
    return;
  }
  DeadLetter letter = letter_of(slot, event, reason, failed, now_us);
  enter(where, {failed, false, kept_ ? bytes_of(letter) : sizeof letter});
  if (kept_) unsaved_.emplace(where, std::move(letter));
  for (; known_.size() > kAtMost || (bytes_ > kBytesAtMost && known_.size() > 1); ++dropped_) {
    const At oldest = known_.begin()->first;
    remove(oldest.slot, Position{oldest.hi, oldest.lo, positions_.slots()[oldest.slot].position.partition, 0});
  }
}

void DeadLetters::enter(const At& where, const Known& known) {
  const auto [entered, fresh] = known_.insert_or_assign(where, known);
  if (fresh) bytes_ += known.bytes;
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
  bytes_ = 0;
  for (const auto& [where, letter] : unsaved_) enter(where, {letter.failed, false, bytes_of(letter)});
}

void DeadLetters::keep_saved(const std::vector<DeadLetterRef>& left) {
  const auto before = std::exchange(known_, {});
  bytes_ = 0;
  for (const auto& [where, letter] : unsaved_) enter(where, {letter.failed, false, bytes_of(letter)});
  const auto& slots = positions_.slots();
  for (const DeadLetterRef& letter : left)
    for (std::size_t slot = 0; slot < slots.size(); ++slot)
      if (slots[slot].epoch == letter.epoch && slots[slot].position.partition == letter.position.partition)
        if (const auto found = before.find(at(slot, letter.position)); found != before.end())
          if (!known_.contains(found->first)) enter(found->first, {found->second.failed, true, found->second.bytes});
}

bool DeadLetters::remove(std::size_t slot, const Position& position) {
  const auto known = known_.find(at(slot, position));
  if (known == known_.end()) return false;
  unsaved_.erase(known->first);
  Position plain = position;
  plain.ord = 0;
  if (known->second.stored) gone_.insert({positions_.slots()[slot].epoch, plain});
  bytes_ -= known->second.bytes;
  known_.erase(known);
  return true;
}

bool DeadLetters::made_fail(std::uint16_t source, const Position& position) const {
  const auto found = known_.find(at(slot_of(source, position), position));
  return found != known_.end() && found->second.failed;
}

void DeadLetters::restore(const DeadLetter& letter, bool keep_failed) {
  const auto& slots = positions_.slots();
  for (std::size_t slot = 0; slot < slots.size(); ++slot)
    if (slots[slot].epoch == letter.epoch && slots[slot].position.partition == letter.position.partition)
      enter(at(slot, letter.position), {letter.failed && keep_failed, true, bytes_of(letter)});
}

void DeadLetters::take_unsaved(CheckpointCut& cut) {
  cut.dead.reserve(cut.dead.size() + unsaved_.size());  // what throws does so before anything is taken
  cut.dead_gone.assign(gone_.begin(), gone_.end());
  gone_.clear();
  for (auto& [where, letter] : std::exchange(unsaved_, {})) {
    if (const auto known = known_.find(where); known != known_.end()) known->second.stored = true;
    cut.dead.push_back(std::move(letter));
  }
}

void DeadLetters::put_back(CheckpointCut& cut) {
  const auto& slots = positions_.slots();
  for (DeadLetter& letter : cut.dead) {
    gone_.erase({letter.epoch, letter.position});
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      if (slots[slot].epoch != letter.epoch || slots[slot].position.partition != letter.position.partition) continue;
      const auto known = known_.find(at(slot, letter.position));
      if (known == known_.end()) continue;
      known->second.stored = false;
      unsaved_.try_emplace(known->first, letter);
    }
  }
  gone_.insert(std::make_move_iterator(cut.dead_gone.begin()), std::make_move_iterator(cut.dead_gone.end()));
}

}  // namespace statecast::host

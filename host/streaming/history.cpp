#include "host/streaming/history.hpp"

#include <algorithm>
#include <utility>

namespace statecast::host {

bool Moment::missed_by(const std::vector<Position>& after) const {
  return by_refresh ? !(position < after[slot]) : after[slot] < position;
}

void note_newest(std::vector<Moment>& newest, const Moment& moment) {
  const auto slot = std::ranges::find(newest, moment.slot, &Moment::slot);
  if (slot == newest.end()) {
    newest.push_back(moment);
  } else {
    *slot = moment;
  }
}

void note_if_newer(std::vector<Moment>& newest, const Moment& moment) {
  const auto slot = std::ranges::find(newest, moment.slot, &Moment::slot);
  if (slot == newest.end()) {
    newest.push_back(moment);
  } else if (slot->position < moment.position || (slot->position == moment.position && moment.by_refresh)) {
    *slot = moment;
  }
}

bool any_missed_by(const std::vector<Moment>& newest, const std::vector<Position>& after) {
  return std::ranges::any_of(newest, [&](const Moment& moment) { return moment.missed_by(after); });
}

// ---- keys

KeyTable::Entries::value_type& KeyTable::entry(std::string_view key) {
  const auto found = keys_.find(key);
  return found != keys_.end() ? *found : *keys_.emplace(key, Entry{}).first;
}

void KeyTable::note_unsaved(Entries::value_type& entry) {
  if (!tracked_ || entry.second.unsaved_at != kSaved) return;
  entry.second.unsaved_at = unsaved_.size();
  unsaved_.push_back(&entry);
}

// Without a trace: the state file has nothing of it.
void KeyTable::drop(Entries::iterator entry) {
  if (const std::size_t at = entry->second.unsaved_at; at != kSaved) {
    unsaved_[at] = unsaved_.back();
    unsaved_[at]->second.unsaved_at = at;
    unsaved_.pop_back();
  }
  keys_.erase(entry);
}

void KeyTable::changed(std::string_view key, const Moment& moment) {
  auto& here = entry(key);
  Entry& known = here.second;
  if (!known.visible || known.moment.slot != moment.slot || !(moment.position < known.moment.position)) known.moment = moment;
  if (!std::exchange(known.visible, true)) ++visible_;
  known.gone = false;
  note_unsaved(here);
}

void KeyTable::touched(std::string_view key) {
  if (!tracked_) return;
  auto& here = entry(key);
  here.second.gone = false;
  note_unsaved(here);
}

void KeyTable::erase(std::string_view key) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return;
  if (std::exchange(found->second.visible, false)) --visible_;
  if (!found->second.stored) return drop(found);
  found->second.gone = true;
  note_unsaved(*found);
}

bool KeyTable::changed_since(std::string_view key, const std::vector<Position>& after) const {
  const auto found = keys_.find(key);
  return found == keys_.end() || !found->second.visible || found->second.moment.missed_by(after);
}

void KeyTable::restore(std::string_view key, const std::optional<Moment>& moment) {
  Entry& known = entry(key).second;
  known.stored = true;
  if (!moment) return;
  known.moment = *moment;
  known.visible = true;
  ++visible_;
}

std::vector<KeyTable::Unsaved> KeyTable::take_unsaved(std::size_t max) {
  std::vector<Unsaved> out;
  while (out.size() < max && !unsaved_.empty()) {
    auto& [key, known] = *unsaved_.back();
    out.push_back({key, known.visible ? std::optional(known.moment) : std::nullopt, known.gone, known.stored});
    unsaved_.pop_back();
    known.unsaved_at = kSaved;
    if (known.gone) keys_.erase(keys_.find(key));
    else known.stored = true;
  }
  return out;
}

void KeyTable::drop_unseen(std::string_view key) {
  const auto found = keys_.find(key);
  if (found != keys_.end() && !found->second.visible && found->second.unsaved_at == kSaved) keys_.erase(found);
}

// The last first: of a key that was taken twice, the first knows whether it was stored.
void KeyTable::put_back(const std::vector<Taken>& keys) {
  for (auto taken = keys.rbegin(); taken != keys.rend(); ++taken) {
    const auto found = keys_.find(taken->key);
    if (found == keys_.end() && !taken->stored) continue;
    const bool gone = found == keys_.end() || found->second.gone;
    auto& here = entry(taken->key);
    here.second.gone = gone;
    here.second.stored = taken->stored;
    if (gone && !taken->stored) drop(keys_.find(taken->key));
    else note_unsaved(here);
  }
}

void KeyTable::forget_saved() {
  unsaved_.clear();
  std::erase_if(keys_, [](const auto& known) { return known.second.gone; });
  for (auto& known : keys_) {
    known.second.stored = false;
    known.second.unsaved_at = kSaved;
    note_unsaved(known);
  }
}

bool Rejections::add(std::uint16_t source, const Position& position, std::string reason) {
  return note(at(source, position), {std::move(reason), false});
}

void Rejections::hold(std::uint16_t source, const Position& position, std::string reason) {
  forget(source, position);
  note(at(source, position), {std::move(reason), true});
}

bool Rejections::note(const At& where, Reason reason) {
  const auto [known, fresh] = reasons_.try_emplace(where, reason);
  if (!fresh && !known->second.held) return false;
  known->second = std::move(reason);
  if (!fresh) return true;
  order_.push_back(where);
  if (order_.size() <= kRejections) return true;
  const At oldest = order_.front();
  forget_until(oldest.source, {oldest.hi, oldest.lo, oldest.partition, 0});
  reasons_.erase(oldest);
  order_.pop_front();
  return true;
}

std::string Rejections::reason_of(std::uint16_t source, const Position& position) const {
  const std::string* reason = find(source, position);
  return reason == nullptr ? "for a reason that was forgotten" : *reason;
}

bool Rejections::remembers(std::uint16_t source, const Position& position) const {
  const auto newest = forgotten_.find({source, position.partition});
  return newest == forgotten_.end() || newest->second < whole(position);
}

void Rejections::forget_until(std::uint16_t source, const Position& position) {
  Position& newest = forgotten_[{source, position.partition}];
  newest = std::max(newest, whole(position));
}

const std::string* Rejections::find(std::uint16_t source, const Position& position) const {
  const auto found = reasons_.find(at(source, position));
  return found == reasons_.end() ? nullptr : &found->second.text;
}

bool Rejections::is_held(std::uint16_t source, const Position& position) const {
  const auto found = reasons_.find(at(source, position));
  return found != reasons_.end() && found->second.held;
}

}  // namespace statecast::host

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
  if (tracked_ && !std::exchange(entry.second.unsaved, true)) unsaved_.push_back(&entry);
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
  if (!tracked_) {
    keys_.erase(found);
  } else {
    found->second.gone = true;
    note_unsaved(*found);
  }
}

bool KeyTable::changed_since(std::string_view key, const std::vector<Position>& after) const {
  const auto found = keys_.find(key);
  return found == keys_.end() || !found->second.visible || found->second.moment.missed_by(after);
}

void KeyTable::restore(std::string_view key, const std::optional<Moment>& moment) {
  Entry& known = entry(key).second;
  if (!moment) return;
  known.moment = *moment;
  known.visible = true;
  ++visible_;
}

std::vector<KeyTable::Unsaved> KeyTable::take_unsaved(std::size_t max) {
  std::vector<Unsaved> out;
  for (; out.size() < max && !unsaved_.empty(); unsaved_.pop_back()) {
    auto& [key, known] = *unsaved_.back();
    known.unsaved = false;
    out.push_back({key, known.visible ? std::optional(known.moment) : std::nullopt, known.gone});
    if (known.gone) keys_.erase(keys_.find(key));
  }
  return out;
}

void KeyTable::drop_unseen(std::string_view key) {
  const auto found = keys_.find(key);
  if (found != keys_.end() && !found->second.visible && !found->second.unsaved) keys_.erase(found);
}

void KeyTable::put_back(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    const bool known = keys_.contains(key);
    auto& here = entry(key);
    if (!known) here.second.gone = true;  // it was taken as gone
    note_unsaved(here);
  }
}

void KeyTable::forget_saved() {
  for (auto& known : keys_) note_unsaved(known);
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

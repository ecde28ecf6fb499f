#include "host/streaming/history.hpp"

#include <algorithm>

namespace statecast::host {

bool Moment::missed_by(const std::vector<Position>& after) const {
  return by_refresh ? !(position < after[slot]) : after[slot] < position;
}

void KeyTable::changed(std::string_view key, const Moment& moment) {
  const auto found = keys_.find(key);
  if (found == keys_.end()) {
    keys_.emplace(key, moment);
  } else if (found->second.slot != moment.slot || !(moment.position < found->second.position)) {
    found->second = moment;
  }
}

void KeyTable::erase(std::string_view key) {
  if (const auto found = keys_.find(key); found != keys_.end()) keys_.erase(found);
}

bool KeyTable::changed_since(std::string_view key, const std::vector<Position>& after) const {
  const auto found = keys_.find(key);
  return found == keys_.end() || found->second.missed_by(after);
}

void TopicHistory::append(Ref<AppendedMessage> message, std::size_t bound) {
  messages_.push_back(std::move(message));
  while (messages_.size() > bound) {
    const Moment& oldest = messages_.front()->moment;
    const auto slot = std::ranges::find(trimmed_, oldest.slot, &Moment::slot);
    if (slot == trimmed_.end()) {
      trimmed_.push_back(oldest);
    } else {
      *slot = oldest;
    }
    messages_.pop_front();
    ++first_;
  }
}

std::uint64_t TopicHistory::first_after(const std::vector<Position>& after) const {
  const auto missed = std::ranges::find_if(
      messages_, [&](const Ref<AppendedMessage>& message) { return message->moment.missed_by(after); });
  return first_ + static_cast<std::uint64_t>(missed - messages_.begin());
}

bool TopicHistory::reaches_back_to(const std::vector<Position>& after) const {
  return std::ranges::none_of(trimmed_, [&](const Moment& trimmed) { return trimmed.missed_by(after); });
}

bool Rejections::add(std::uint16_t source, const Position& position, std::string reason) {
  const At where = at(source, position);
  if (!reasons_.emplace(where, std::move(reason)).second) return false;
  order_.push_back(where);
  if (order_.size() <= kRejections) return true;
  reasons_.erase(order_.front());
  order_.pop_front();
  return true;
}

const std::string* Rejections::find(std::uint16_t source, const Position& position) const {
  const auto found = reasons_.find(at(source, position));
  return found == reasons_.end() ? nullptr : &found->second;
}

}  // namespace statecast::host

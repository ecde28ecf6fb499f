#include "host/streaming/topic_history.hpp"

#include <algorithm>
#include <utility>

namespace statecast::host {

std::uint64_t TopicHistory::first_after(const std::vector<Position>& after) const {
  if (any_missed_by(evicted_, after)) {
    // A client that has a marked message has what came before, unless that came by another slot.
    const auto missed = std::ranges::find_if(marks_, [&](const Mark& mark) { return mark.moment.missed_by(after); });
    return evicted_.size() > 1 || missed == marks_.begin() ? first_ : std::max(first_, std::prev(missed)->at + 1);
  }
  for (std::uint64_t place = resident_; place < end(); ++place)
    if (at(place)->moment.missed_by(after)) return place;
  return end();
}

Ref<AppendedMessage> TopicHistory::pop_front() {
  auto message = std::exchange(messages_[gone_], {});
  ++gone_;
  ++resident_;
  if (gone_ == messages_.size()) {
    messages_ = std::vector<Ref<AppendedMessage>>();  // a topic at rest costs no memory for messages
    gone_ = 0;
  } else if (gone_ * 2 > messages_.size()) {
    messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(gone_));
    gone_ = 0;
  }
  return message;
}

void TopicHistory::note_evicted(const AppendedMessage& message) {
  note_newest(evicted_, message.moment);
  if (next_marked(resident_) == resident_) marks_.push_back({resident_, message.moment});
}

void TopicHistory::note_trimmed_older(std::uint64_t first) {
  const auto last = std::ranges::find_if(marks_, [&](const Mark& mark) { return mark.at + 1 >= first; });
  for (Moment moment : evicted_) {
    if (last != marks_.end() && moment.slot == last->moment.slot) moment = last->moment;
    note_if_newer(trimmed_, moment);
  }
  marks_.erase(marks_.begin(), std::ranges::find_if(marks_, [&](const Mark& mark) { return mark.at >= first; }));
}

}  // namespace statecast::host

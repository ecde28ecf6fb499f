#include "host/streaming/histories.hpp"

#include <algorithm>
#include <utility>

namespace statecast::host {

std::uint64_t TopicHistory::first_after(const std::vector<Position>& after) const {
  if (any_missed_by(evicted_, after)) return first_;
  const auto missed = std::ranges::find_if(messages_, [&](const Ref<AppendedMessage>& message) { return message->moment.missed_by(after); });
  return resident_ + static_cast<std::uint64_t>(missed - messages_.begin());
}

Histories::Topics::value_type& Histories::topic(std::string_view name) {
  const auto found = topics_.find(name);
  return found != topics_.end() ? *found : *topics_.emplace(name, TopicHistory{}).first;
}

const TopicHistory* Histories::find(std::string_view name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

bool Histories::reaches_back_to(std::string_view name, const std::vector<Position>& after) const {
  const TopicHistory* history = find(name);
  return history != nullptr ? history->reaches_back_to(after) : !any_missed_by(forgotten_, after);
}

void Histories::append(std::string_view name, Ref<AppendedMessage> message) {
  auto& known = topic(name);
  TopicHistory& history = known.second;
  note_newest(history.newest_, message->moment);
  bytes_ += message->bytes();
  if (saved_) {
    unsaved_bytes_ += message->bytes();
    unsaved_.push_back({std::string(name), history.end(), message});
    note_unsaved(known);
  }
  history.messages_.push_back(std::move(message));
  if (history.end() - history.first() > bounds_.messages) trim(known, history.end() - bounds_.messages);
}

// What is before `first` goes for good.
void Histories::trim(Topics::value_type& known, std::uint64_t first) {
  TopicHistory& history = known.second;
  if (first <= history.first_) return;
  if (history.resident_ > history.first_) history.trimmed_ = history.evicted_;
  for (; history.resident_ < first && !history.messages_.empty(); ++history.resident_) {
    note_newest(history.trimmed_, history.messages_.front()->moment);
    bytes_ -= history.messages_.front()->bytes();
    history.messages_.pop_front();
  }
  history.first_ = first;
  note_unsaved(known);
}

void Histories::note_unsaved(Topics::value_type& known) {
  if (saved_ && !std::exchange(known.second.unsaved_, true)) unsaved_topics_.push_back(&known);
}

void Histories::tidy(std::int64_t) {}

// ---- checkpoints

void Histories::restore(const StoredCheckpoint& stored) {
  forgotten_ = stored.forgotten;
  for (const SavedTopic& saved : stored.topics) {
    TopicHistory& history = topic(saved.topic).second;
    history.first_ = saved.first;
    history.resident_ = saved.end;
    history.trimmed_ = saved.trimmed;
    history.evicted_ = history.newest_ = saved.newest;
  }
}

void Histories::take_unsaved(CheckpointCut& cut) {
  cut.forgotten = forgotten_;
  cut.history = std::exchange(unsaved_, {});
  unsaved_bytes_ = 0;
  for (auto* known : std::exchange(unsaved_topics_, {})) {
    TopicHistory& history = known->second;
    history.unsaved_ = false;
    cut.topics.push_back({known->first, history.first(), history.end(), history.trimmed_, history.newest_});
  }
  cut.topics_gone = std::exchange(topics_gone_, {});
}

void Histories::on_saved(const CheckpointCut&, const std::vector<SavedTopic>&) {}

void Histories::put_back(CheckpointCut& cut) {
  for (const SavedMessage& message : cut.history) unsaved_bytes_ += message.message->bytes();
  cut.history.insert(cut.history.end(), std::make_move_iterator(unsaved_.begin()), std::make_move_iterator(unsaved_.end()));
  unsaved_ = std::move(cut.history);
  for (const SavedTopic& saved : cut.topics) note_unsaved(topic(saved.topic));
  topics_gone_.insert(topics_gone_.end(), cut.topics_gone.begin(), cut.topics_gone.end());
}

}  // namespace statecast::host

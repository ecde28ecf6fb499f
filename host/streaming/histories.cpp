#include "host/streaming/histories.hpp"

#include <algorithm>
#include <utility>

namespace statecast::host {

namespace {

// What is too old is looked for when it has moved on by this part of the age: a look goes through all that is in memory.
constexpr std::int64_t kLooksAnAge = 64;

// So many topics beyond as many as there are may be forgotten and still referred to: to let go of these goes through all that is
// in memory.
constexpr std::size_t kForgottenAtMost = 1024;

// In the order in which they got their last messages, as far as that is known.
std::vector<const SavedTopic*> by_newest(const std::vector<SavedTopic>& topics) {
  std::vector<const SavedTopic*> sorted;
  for (const SavedTopic& topic : topics) sorted.push_back(&topic);
  const auto position = [](const SavedTopic* topic) { return topic->newest.empty() ? Position{} : topic->newest.front().position; };
  std::ranges::stable_sort(sorted, [&](const auto* a, const auto* b) { return position(a) < position(b); });
  return sorted;
}

}  // namespace

Histories::Topics::value_type& Histories::topic(std::string_view name) {
  if (const auto found = topics_.find(name); found != topics_.end()) return *found;
  auto& made = *topics_.emplace(name, TopicHistory{}).first;
  TopicHistory& history = made.second;
  history.first_ = history.resident_ = history.saved_ = begin_at_;
  history.trimmed_ = history.evicted_ = history.newest_ = forgotten_;  // this may be one of them that comes back
  history.stored_ = topics_gone_.erase(made.first) != 0;
  history.place_ = by_use_.insert(by_use_.end(), &made);
  return made;
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
  history.last_us_ = std::max(history.last_us_, message->time_us);
  newest_us_ = std::max(newest_us_, message->time_us);
  by_use_.splice(by_use_.end(), by_use_, history.place_);
  if (message->resident++ == 0) bytes_ += message->bytes();
  residents_.push_back({&known, history.end()});
  ++resident_;
  if (saved_) {
    unsaved_bytes_ += message->bytes();
    unsaved_.push_back({std::string(name), history.end(), message});
    note_unsaved(known);
  }
  history.append(std::move(message));
  if (history.end() - history.first() > bounds_.messages) trim(known, history.end() - bounds_.messages);
  bound_topics();
  drop_stale();
}

// The oldest message of a topic leaves memory.
Ref<AppendedMessage> Histories::leave(TopicHistory& history) {
  auto message = history.pop_front();
  --resident_;
  if (--message->resident == 0) bytes_ -= message->bytes();
  return message;
}

// What is before `first` goes for good.
void Histories::trim(Topics::value_type& known, std::uint64_t first) {
  TopicHistory& history = known.second;
  if (first <= history.first_) return;
  if (history.resident_ > history.first_) history.note_trimmed_older(std::min(first, history.resident_));
  while (history.resident_ < first && history.resident_ < history.end()) {
    const auto message = leave(history);
    note_newest(history.trimmed_, message->moment);
    note_newest(history.evicted_, message->moment);
  }
  history.first_ = first;
  note_unsaved(known);
}

void Histories::note_unsaved(Topics::value_type& known) {
  if (saved_ && !std::exchange(known.second.unsaved_, true)) unsaved_topics_.push_back(&known);
}

// ---- what goes

void Histories::tidy(const Clock& clock) {
  const std::int64_t before_us = oldest_kept_us(clock);
  if (bounds_.age_us != 0 && worth_a_look(before_us)) {
    trim_old(before_us);
    looked_us_ = before_us;
  }
  if (bounds_.idle_us != 0) forget_idle(clock.now_us(), clock.aged_us(bounds_.idle_us));
  if (over_budget()) make_room();
}

// After a clock was put back as well: else nothing would go until it has come to where it was.
bool Histories::worth_a_look(std::int64_t before_us) const {
  return looked_us_ == INT64_MIN || before_us < looked_us_ || before_us - looked_us_ >= bounds_.age_us / kLooksAnAge;
}

// In the order in which they got their last messages, so that what stays is not looked at.
void Histories::forget_idle(std::int64_t now_us, std::int64_t aged_us) {
  if (newest_us_ == INT64_MIN) return;
  const std::int64_t until_us = std::min(aged_us + bounds_.idle_us, newest_us_);
  if (std::exchange(restored_, false)) note_restored(until_us);
  // A message whose time lies ahead of the clock must not keep its topic for ever.
  for (auto known = by_use_.rbegin(); known != by_use_.rend() && (*known)->second.last_us_ > now_us; ++known) (*known)->second.last_us_ = now_us;
  while (!by_use_.empty() && by_use_.front()->second.last_us_ < until_us - bounds_.idle_us) forget(*by_use_.front());
}

// Of those of which the state file had no message that says so: they count as idle from here on.
void Histories::note_restored(std::int64_t time_us) {
  for (auto& [name, history] : topics_)
    if (history.last_us_ == TopicHistory::kUnknown) history.last_us_ = time_us;
}

void Histories::bound_topics() {
  for (; topics_.size() > bounds_.topics; ++counts_.topics_dropped) forget(*by_use_.front());
}

// What is only in the state file goes with the next checkpoint, so there has to be one.
void Histories::trim_old(std::int64_t before_us) {
  std::vector<Topics::value_type*> empty;
  Topics::value_type* older = nullptr;
  for (auto& known : topics_) {
    TopicHistory& history = known.second;
    std::uint64_t keep = history.end();
    while (keep > history.resident() && history.at(keep - 1)->time_us >= before_us) --keep;
    if (keep > history.resident()) trim(known, keep);
    if (history.first() == history.end()) empty.push_back(&known);
    else if (history.first() < history.resident()) older = &known;
  }
  if (older != nullptr) note_unsaved(*older);
  for (auto* known : empty) forget(*known);
}

// The oldest messages leave memory, in the order in which they came.
void Histories::make_room() {
  bool dropped = false;
  for (; over_budget() && !residents_.empty(); residents_.pop_front()) {
    const auto [known, at] = residents_.front();
    TopicHistory& history = known->second;
    if (at < history.resident()) continue;
    if (at < history.saved_) {
      history.note_evicted(*history.at(at));
      leave(history);
      ++counts_.evicted;
    } else if (may_drop()) {
      trim(*known, at + 1);
      ++counts_.dropped;
      dropped = true;
    } else {
      break;
    }
  }
  while (dropped && !unsaved_.empty() && is_stale(unsaved_.front())) {
    unsaved_bytes_ -= unsaved_.front().message->bytes();
    unsaved_.pop_front();
  }
}

// All of its messages go, and what refers to it is stale.
void Histories::forget(Topics::value_type& known) {
  TopicHistory& history = known.second;
  trim(known, history.end());
  for (const Moment& moment : history.newest_) note_if_newer(forgotten_, moment);
  begin_at_ = std::max(begin_at_, history.end());
  if (history.stored_) topics_gone_.insert(known.first);
  by_use_.erase(history.place_);
  history.forgotten_ = true;
  forgotten_topics_.push_back(topics_.extract(topics_.find(known.first)));
  if (forgotten_topics_.size() > topics_.size() + kForgottenAtMost) sweep();
}

bool Histories::is_stale(const SavedMessage& message) const {
  const TopicHistory* history = find(message.topic);
  return history == nullptr || message.at < history->first();
}

// Bounds what is stale.
void Histories::drop_stale() {
  if (residents_.size() > 2 * resident_ + 1024 || unsaved_.size() > 2 * resident_ + 1024) sweep();
}

void Histories::sweep() {
  std::erase_if(residents_, [](const Resident& resident) { return resident.at < resident.topic->second.resident(); });
  std::erase_if(unsaved_topics_, [](const auto* known) { return known->second.forgotten_; });
  drop_stale_unsaved();
  forgotten_topics_.clear();
}

void Histories::drop_stale_unsaved() {
  std::erase_if(unsaved_, [&](const SavedMessage& message) {
    const bool stale = is_stale(message);
    if (stale) unsaved_bytes_ -= message.message->bytes();
    return stale;
  });
}

// ---- checkpoints

void Histories::restore(const StoredCheckpoint& stored) {
  const Counts counts = counts_;
  *this = Histories(bounds_, saved_);
  counts_ = counts;
  for (const SavedTopic* read : by_newest(stored.topics)) {
    const SavedTopic& saved = *read;
    TopicHistory& history = topic(saved.topic).second;
    history.stored_ = true;
    history.last_us_ = saved.last_us;
    newest_us_ = std::max(newest_us_, saved.last_us);
    history.first_ = saved.first;
    history.resident_ = history.saved_ = saved.end;
    history.trimmed_ = saved.trimmed;
    history.evicted_ = history.newest_ = saved.newest;
    history.marks_ = saved.marks;
  }
  forgotten_ = stored.forgotten;
  restored_ = true;
  bound_topics();
}

void Histories::take_unsaved(CheckpointCut& cut) {
  drop_stale_unsaved();  // nothing would take it out of the state file again
  cut.forgotten = forgotten_;
  cut.history.assign(std::make_move_iterator(unsaved_.begin()), std::make_move_iterator(unsaved_.end()));
  unsaved_.clear();
  unsaved_bytes_ = 0;
  for (auto* known : std::exchange(unsaved_topics_, {})) {
    TopicHistory& history = known->second;
    history.unsaved_ = false;
    if (history.forgotten_) continue;
    if (!std::exchange(history.stored_, true)) topics_entering_.insert(known->first);
    cut.topics.push_back({known->first, history.first(), history.end(), history.trimmed_, history.newest_});
  }
  cut.topics_gone.assign(topics_gone_.begin(), topics_gone_.end());
  topics_gone_.clear();
}

// What is in the state file may leave memory. What the store trimmed is gone; of a topic that was forgotten and came back,
// it lies before the first.
void Histories::on_saved(const CheckpointCut& cut, const std::vector<SavedTopic>& trimmed) {
  topics_entering_.clear();
  for (const SavedTopic& saved : cut.topics)
    if (const auto found = topics_.find(saved.topic); found != topics_.end())
      found->second.saved_ = std::max(found->second.saved_, saved.end);
  std::vector<Topics::value_type*> empty;
  for (const SavedTopic& saved : trimmed) {
    const auto found = topics_.find(saved.topic);
    if (found == topics_.end() || saved.first <= found->second.first()) continue;
    trim(*found, saved.first);
    found->second.trimmed_ = saved.trimmed;
    if (found->second.first() == found->second.end()) empty.push_back(&*found);
  }
  for (auto* known : empty) forget(*known);
  if (over_budget()) make_room();
}

void Histories::put_back(CheckpointCut& cut) {
  for (const SavedMessage& message : cut.history) unsaved_bytes_ += message.message->bytes();
  unsaved_.insert(unsaved_.begin(), std::make_move_iterator(cut.history.begin()), std::make_move_iterator(cut.history.end()));
  for (const SavedTopic& saved : cut.topics) {
    const bool entering = topics_entering_.contains(saved.topic);
    if (entering) topics_gone_.erase(saved.topic);
    const auto found = topics_.find(saved.topic);
    if (found == topics_.end()) continue;
    if (entering) found->second.stored_ = false;
    note_unsaved(*found);
  }
  topics_entering_.clear();
  for (std::string& topic : cut.topics_gone) {
    if (const auto found = topics_.find(topic); found != topics_.end()) found->second.stored_ = true;
    else topics_gone_.insert(std::move(topic));
  }
  drop_stale_unsaved();
}

void Histories::forget_saved() {
  unsaved_.clear();
  unsaved_bytes_ = 0;
  topics_gone_.clear();
  topics_entering_.clear();
  for (auto& known : topics_) {
    known.second.stored_ = false;
    trim(known, known.second.resident());
    known.second.saved_ = known.second.resident();
    note_unsaved(known);
  }
  for (const auto& [known, at] : residents_) {
    if (at < known->second.resident()) continue;
    const auto& message = known->second.at(at);
    unsaved_.push_back({known->first, at, message});
    unsaved_bytes_ += message->bytes();
  }
}

}  // namespace statecast::host

#include "host/streaming/change_set.hpp"

#include <algorithm>

#include "host/streaming/json.hpp"
#include "plugin-api/include/statecast/shown_text.hpp"

namespace statecast::host {

ChangeSet::ChangeSet(const InterestTable& interest, Positions& positions, const HistoryBounds& bounds, bool saved, const Clock& clock)
    : interest_(interest),
      positions_(positions),
      saved_(saved),
      clock_(clock),
      table_{},
      histories_(bounds, saved),
      dead_(positions, saved) {
  if (saved_) keys_.track();
  table_.size = sizeof table_;
  table_.ctx = this;
  table_.updated = [](void* ctx, std::size_t ev, sc_str key, const sc_str* topics, std::size_t n) {
    report(ctx, [&](ChangeSet& set) { set.on_updated(ev, view(key), topics, n); });
  };
  table_.appended = [](void* ctx, std::size_t ev, sc_str key, const sc_str* topics, std::size_t n, sc_str v, sc_str json) {
    report(ctx, [&](ChangeSet& set) { set.on_appended(ev, view(key), topics, n, view(v), view(json)); });
  };
  table_.removed = [](void* ctx, std::size_t, sc_str key, const sc_str* topics, std::size_t n) {
    report(ctx, [&](ChangeSet& set) { set.on_removed(view(key), topics, n); });
  };
  table_.ended = [](void* ctx, std::size_t, sc_str topic) { report(ctx, [&](ChangeSet& set) { set.on_ended(view(topic)); }); };
  table_.touched = [](void* ctx, std::size_t, sc_str key) { report(ctx, [&](ChangeSet& set) { set.keys_.touched(view(key)); }); };
  table_.rejected = [](void* ctx, std::size_t ev, sc_str reason) { report(ctx, [&](ChangeSet& set) { set.reject(ev, view(reason)); }); };
  table_.failed = [](void* ctx, std::size_t ev, sc_str reason) { report(ctx, [&](ChangeSet& set) { set.reject(ev, view(reason), true); }); };
  table_.settled = [](void* ctx, sc_str place) { report(ctx, [&](ChangeSet& set) { set.on_settled(view(place)); }); };
  table_.refused = [](void* ctx, sc_str place, const sc_event* event, sc_str reason) {
    report(ctx, [&](ChangeSet& set) { set.on_refused(view(place), *event, view(reason)); });
  };
}

void ChangeSet::begin(const EventBatch* batch, const std::vector<std::uint32_t>* indices, bool out_of_place) {
  fault_.forget();
  out_of_place_ = out_of_place;
  table_.held = nullptr;
  if (batch != nullptr && !out_of_place)
    table_.held = [](void* ctx, std::size_t ev, sc_str reason, const sc_sink* place) {
      report(ctx, [&](ChangeSet& set) { set.on_held(ev, view(reason), *place); });
    };
  batch_ = batch;
  indices_ = indices;
  appending_event_ = SC_NO_EVENT;
  next_ord_ = 0;
  ++calls_;
}

const sc_event* ChangeSet::event_at(std::size_t event) const {
  if (indices_ == nullptr || event >= indices_->size()) return nullptr;
  return &batch_->events()[(*indices_)[event]];
}

Moment ChangeSet::moment_of(std::size_t event) const {
  if (const sc_event* cause = event_at(event); cause != nullptr && !out_of_place_)
    return {positions_.slot_of(batch_->source(), cause->pos.partition), whole(cause->pos), false};
  return {0, positions_.slots()[0].position, true};
}

ChangeSet::Entry* ChangeSet::find_updated(std::string_view key) {
  const auto place = updated_.find(key, [this](std::uint32_t at) -> std::string_view { return entries_[at].key; });
  return place == KeyPlaces::kNone ? nullptr : &entries_[place];
}

ChangeSet::Entry& ChangeSet::entry_for(std::string_view key) {
  if (Entry* known = find_updated(key)) return *known;
  updated_.add(key, static_cast<std::uint32_t>(entries_.size()));
  entries_.emplace_back().key = key;
  return entries_.back();
}

void ChangeSet::on_updated(std::size_t event, std::string_view key, const sc_str* topics, std::size_t n) {
  const Moment moment = moment_of(event);
  keys_.changed(key, moment);
  Entry* entry = nullptr;
  for (std::size_t i = 0; i < n; ++i) {
    take_end_back(view(topics[i]));
    const auto topic = interest_.find(view(topics[i]));
    if (topic == InterestTable::npos) continue;
    if (entry == nullptr) entry = &entry_for(key);
    if (std::ranges::find(entry->topics, topic) == entry->topics.end()) entry->topics.push_back(topic);
  }
  if (entry == nullptr) {
    // An earlier change of this key may wait for a topic that this one does not name: it goes out at this place.
    entry = find_updated(key);
    if (entry == nullptr) return;
  }
  // A State may name its keys in another order than their events.
  if (sequence_of(event) < entry->sequence) return;
  entry->moment = moment;
  entry->sequence = sequence_of(event);
}

void ChangeSet::on_appended(std::size_t event, std::string_view key, const sc_str* topics, std::size_t n,
                            std::string_view view_name, std::string_view json) {
  if (!is_json_object(json)) return reject(event, "the message to append is not a JSON object: " + excerpt(json));
  if (event != appending_event_) next_ord_ = 0;
  appending_event_ = event;
  auto* message = new AppendedMessage;
  const auto shared = Ref<AppendedMessage>::adopt(message);
  message->number = ++appended_;
  message->key = key;
  message->view = view_name;
  message->json = json;
  const sc_event* cause = event_at(event);
  message->time_us = std::min(clock_.now_us(), cause != nullptr ? cause->time_us : INT64_MAX);  // a wrong clock elsewhere keeps nothing for ever
  message->moment = moment_of(event);
  Entry entry{std::string(key), {}, shared, message->moment, sequence_of(event)};
  if (!message->moment.by_refresh) message->moment.position.ord = next_ord_++;
  for (std::size_t i = 0; i < n; ++i) {
    take_end_back(view(topics[i]));
    histories_.append(view(topics[i]), shared);
    if (const auto topic = interest_.find(view(topics[i])); topic != InterestTable::npos) entry.topics.push_back(topic);
  }
  if (!entry.topics.empty()) entries_.push_back(std::move(entry));
}

void ChangeSet::on_removed(std::string_view key, const sc_str* topics, std::size_t n) {
  keys_.touched(key);
  Removed& gone = removed_.emplace_back(Removed{std::string(key), {}});
  for (std::size_t i = 0; i < n; ++i)
    if (has_ended(view(topics[i]))) gone.topics.emplace_back(view(topics[i]));
  Entry* waiting = find_updated(key);
  if (waiting == nullptr) return;
  for (std::size_t i = 0; i < n; ++i) std::erase(waiting->topics, interest_.find(view(topics[i])));
}

void ChangeSet::on_ended(std::string_view topic) {
  const auto [ended, fresh] = ended_.try_emplace(std::string(topic), false);
  if (!fresh) return;
  if (interest_.find(topic) != InterestTable::npos) newly_ended_.emplace_back(topic);
  if (!saved_) return;
  ended->second = ended_gone_.erase(ended->first) != 0;
  if (!ended->second) ended_unsaved_.insert(ended->first);
}

void ChangeSet::take_end_back(std::string_view topic) {
  if (!newly_ended_.empty()) std::erase(newly_ended_, topic);
  forget_ended(topic);
}

// Its clients are still told of its end, if they were not.
void ChangeSet::forget_ended(std::string_view topic) {
  if (ended_.empty()) return;
  const auto found = ended_.find(topic);
  if (found == ended_.end()) return;
  if (found->second) ended_gone_.insert(found->first);
  else ended_unsaved_.erase(found->first);
  ended_.erase(found);
}

void ChangeSet::reject(std::size_t event, std::string_view reason, bool failed) {
  const sc_event* cause = event_at(event);
  if (cause == nullptr || !rejections_.add(batch_->source(), cause->pos, escape_unseen(reason))) return;
  ++rejected_;
  if (failed) ++failed_;
  dead_.add(batch_->source(), *cause, reason, failed, clock_.now_us());
}

// ---- events that come too early

// A place is a cursor that names one event: it holds as long as the source has this history.
void ChangeSet::on_held(std::size_t event, std::string_view reason, const sc_sink& place) {
  const sc_event* cause = event_at(event);
  if (cause == nullptr) return;
  rejections_.hold(batch_->source(), cause->pos, escape_unseen(reason));
  ++held_.held;
  const auto& slot = positions_.slots()[positions_.slot_of(batch_->source(), cause->pos.partition)];
  std::string text;
  append_cursor_entry(text, "*", slot.epoch, whole(cause->pos));
  place.write(place.ctx, text.data(), text.size());
}

void ChangeSet::on_settled(std::string_view place) {
  const auto at = positions_.place_of(place);
  if (!at) return;
  rejections_.forget(positions_.slots()[at->slot].source, at->position);
  dead_.remove(at->slot, at->position);
  ++held_.settled;
}

void ChangeSet::on_refused(std::string_view place, const sc_event& event, std::string_view reason) {
  const auto at = positions_.place_of(place);
  refused_.push_back(rejection_sentence(event, reason));
  if (!at) return void(refused_.back() += "; it is no dead letter, since its place is unknown: '" + excerpt(place) + "'");
  const auto source = positions_.slots()[at->slot].source;
  rejections_.add(source, at->position, escape_unseen(reason));
  ++rejected_;
  ++held_.refused;
  sc_event refused = event;
  refused.pos = at->position;
  dead_.add(source, refused, reason, false, clock_.now_us());
}

std::string rejection_sentence(const sc_event& event, std::string_view reason) {
  return "rejected event '" + std::string(view(event.id)) + "' (" + std::string(view(event.type)) + ", subject '" +
         std::string(view(event.subject)) + "'): " + std::string(reason);
}

void ChangeSet::resend(std::string_view key, std::uint32_t topic) {
  Entry& entry = entry_for(key);
  if (std::ranges::find(entry.topics, topic) == entry.topics.end()) entry.topics.push_back(topic);
  if (entry.sequence != 0) return;
  entry.moment = moment_of(SC_NO_EVENT);
  entry.sequence = sequence_of(SC_NO_EVENT);
}

std::vector<ChangeSet::Entry> ChangeSet::take() {
  updated_.clear();
  auto entries = std::exchange(entries_, {});
  if (!std::ranges::is_sorted(entries, {}, &Entry::sequence)) std::ranges::stable_sort(entries, {}, &Entry::sequence);
  return entries;
}

// ---- checkpoints

void ChangeSet::restore(const StoredCheckpoint& stored) {
  entries_.clear();
  updated_.clear();
  newly_ended_.clear();
  removed_.clear();
  ended_unsaved_.clear();
  ended_gone_.clear();
  keys_ = KeyTable();
  if (saved_) keys_.track();
  histories_.restore(stored);
  appended_ = stored.messages;
  ended_.clear();
  for (const std::string& topic : stored.ended) ended_.emplace(topic, true);
}

bool ChangeSet::anything_unsaved() const {
  return keys_.unsaved() != 0 || histories_.unsaved() || dead_.unsaved() || !ended_unsaved_.empty() || !ended_gone_.empty();
}

void ChangeSet::take_unsaved(CheckpointCut& cut) {
  cut.messages = appended_;
  histories_.take_unsaved(cut);
  cut.ended.assign(ended_unsaved_.begin(), ended_unsaved_.end());
  cut.ended_gone.assign(ended_gone_.begin(), ended_gone_.end());
  for (const std::string& topic : ended_unsaved_) ended_.find(topic)->second = true;
  ended_unsaved_.clear();
  ended_gone_.clear();
  dead_.take_unsaved(cut);
}

void ChangeSet::put_back(CheckpointCut& cut) {
  histories_.put_back(cut);
  for (const std::string& topic : cut.ended) put_back_end(topic, false);
  for (const std::string& topic : cut.ended_gone) put_back_end(topic, true);
  dead_.put_back(cut);
}

// `stored`: the state file still has the topic as one that ended; else it still has not.
void ChangeSet::put_back_end(const std::string& topic, bool stored) {
  ended_unsaved_.erase(topic);
  ended_gone_.erase(topic);
  const auto found = ended_.find(topic);
  if (found != ended_.end()) {
    found->second = stored;
    if (!stored) ended_unsaved_.insert(topic);
  } else if (stored) {
    ended_gone_.insert(topic);
  }
}

void ChangeSet::forget_saved(const std::vector<DeadLetterRef>& left) {
  keys_.forget_saved();
  histories_.forget_saved();
  dead_.keep_saved(left);
  ended_gone_.clear();
  for (auto& [topic, stored] : ended_) {
    stored = false;
    ended_unsaved_.insert(topic);
  }
}

}  // namespace statecast::host

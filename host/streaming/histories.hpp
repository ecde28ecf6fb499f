// The messages of a lane's appended topics: the newest in memory, within a budget, the older ones in the lane's state file
// if there is one, at most `messages` a topic and none older than `age`.
//
// A topic's messages have places without a hole: [first, end) can be had, [resident, end) is in memory. A message leaves
// memory only when it was saved; without a state file, or when saving fails for long, the oldest go for good. A topic of
// which all is too old is forgotten, and so is one that got nothing for long, or for longest when there are too many, with
// what the file has of it; should it come back, its places lie beyond all those it had.
// Owned by its lane. [lane]
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "host/streaming/checkpoint.hpp"
#include "host/streaming/host_services.hpp"
#include "host/streaming/topic_history.hpp"

namespace statecast::host {

struct HistoryBounds {
  std::size_t messages = 1'000;        // of each topic
  std::int64_t age_us = 0;             // of each message, by its event; 0 = any
  std::size_t memory = 256 * 1024 * 1024;  // bytes of all
  std::size_t topics = 200'000;
  std::int64_t idle_us = 0;            // a topic without a message for so long is forgotten; 0 = never
};

class Histories {
 public:
  // Since the lane began; a message counts once for each of its topics.
  struct Counts {
    std::uint64_t evicted = 0;  // from memory alone
    std::uint64_t dropped = 0;  // for good, because of the memory
    std::uint64_t topics_dropped = 0;  // whole topics, because there were too many
  };

  Histories(const HistoryBounds& bounds, bool saved) : bounds_(bounds), saved_(saved) {}

  void append(std::string_view topic, Ref<AppendedMessage> message);
  // Null = there has been no message, or it is so long ago that the topic is forgotten.
  const TopicHistory* find(std::string_view topic) const;
  // Whether everything after these positions can be had, also of topics that are forgotten.
  bool reaches_back_to(std::string_view topic, const std::vector<Position>& after) const;

  // Messages of events before this are too old.
  std::int64_t oldest_kept_us(const Clock& clock) const { return bounds_.age_us == 0 ? INT64_MIN : clock.aged_us(bounds_.age_us); }
  // Lets go of what is too old, looking through all not oftener than the age asks for, of idle topics, and of what is too much
  // for the memory. A topic's idle time is up to the newest message of all, so what is at rest as a whole stays.
  // Both are judged by aged_us: a clock that jumps makes nothing old, or idle.
  void tidy(const Clock& clock);
  bool over_budget() const { return bytes_ > bounds_.memory; }

  // ---- for checkpoints
  // Forgets all but what is stored.
  void restore(const StoredCheckpoint& stored);
  bool unsaved() const { return !unsaved_topics_.empty() || !topics_gone_.empty(); }
  // So much waits that a checkpoint is due.
  bool much_unsaved() const { return unsaved_bytes_ > std::min(kUnsavedBytes, bounds_.memory / 2); }
  // Fills in history, topics, topics_gone and forgotten.
  void take_unsaved(CheckpointCut& cut);
  void on_saved(const CheckpointCut& cut, const std::vector<SavedTopic>& trimmed);
  void put_back(CheckpointCut& cut);
  // Nothing is in the state file any more: what memory has is to be saved again, the rest is gone.
  void forget_saved();

  // Bytes in memory, a message of several topics once, and the topics known.
  std::size_t bytes() const { return bytes_; }
  std::size_t topics() const { return topics_.size(); }
  const Counts& counts() const { return counts_; }

 private:
  static constexpr std::size_t kUnsavedBytes = 8 * 1024 * 1024;
  // What may be in memory beyond the budget while it is saved, at least.
  static constexpr std::size_t kSlack = 64 * 1024 * 1024;

  using Topics = std::unordered_map<std::string, TopicHistory, StringHash, std::equal_to<>>;
  struct Resident {
    Topics::value_type* topic;
    std::uint64_t at;
  };
  Topics::value_type& topic(std::string_view name);
  Ref<AppendedMessage> leave(TopicHistory& history);
  void trim(Topics::value_type& topic, std::uint64_t first);
  bool worth_a_look(std::int64_t before_us) const;
  void trim_old(std::int64_t before_us);
  void forget_idle(std::int64_t now_us, std::int64_t aged_us);
  void note_restored(std::int64_t time_us);
  void bound_topics();
  void make_room();
  bool may_drop() const { return !saved_ || bytes_ > bounds_.memory + std::max(bounds_.memory, kSlack); }
  void forget(Topics::value_type& topic);
  void sweep();
  void note_unsaved(Topics::value_type& topic);
  bool is_stale(const SavedMessage& message) const;
  void drop_stale();
  void drop_stale_unsaved();

  HistoryBounds bounds_;
  bool saved_;  // there is a state file
  Topics topics_;
  std::vector<Topics::node_type> forgotten_topics_;  // until nothing refers to them
  std::vector<Moment> forgotten_;  // the newest message of any topic that was forgotten
  std::uint64_t begin_at_ = 0;     // where a topic that is new begins: beyond the places of those forgotten
  // Each place in memory, oldest message first; some are stale: trimmed meanwhile, or of a topic that is forgotten.
  std::deque<Resident> residents_;
  std::size_t resident_ = 0;       // places in memory
  std::deque<SavedMessage> unsaved_;  // in the order in which they came; some are stale
  std::vector<Topics::value_type*> unsaved_topics_;
  std::unordered_set<std::string> topics_gone_;     // the state file has rows of them
  std::unordered_set<std::string> topics_entering_;  // it had none of them before the checkpoint under way
  TopicHistory::ByUse by_use_;
  std::int64_t newest_us_ = INT64_MIN;  // the time of the newest message of all
  bool restored_ = false;               // some topics do not know when they got their last messages
  std::size_t bytes_ = 0, unsaved_bytes_ = 0;
  std::int64_t looked_us_ = INT64_MIN;  // what was too old at the last look
  Counts counts_;
};

}  // namespace statecast::host

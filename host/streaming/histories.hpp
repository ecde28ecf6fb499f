// The messages of a lane's appended topics: the newest in memory, within a budget, the older ones in the lane's state file
// if there is one, at most `messages` a topic and none older than `age`.
//
// A topic's messages have places without a hole: [first, end) can be had, [resident, end) is in memory. A message leaves
// memory only when it was saved; without a state file, or when saving fails for long, the oldest go for good.
// Owned by its lane. [lane]
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/streaming/checkpoint.hpp"

namespace statecast::host {

struct HistoryBounds {
  std::size_t messages = 1'000;        // of each topic
  std::int64_t age_us = 0;             // of each message, by its event; 0 = any
  std::size_t memory = 256 * 1024 * 1024;  // bytes of all
};

class TopicHistory {
 public:
  std::uint64_t first() const { return first_; }
  std::uint64_t resident() const { return resident_; }
  std::uint64_t end() const { return resident_ + messages_.size(); }
  // The message at a place that is in memory.
  const Ref<AppendedMessage>& at(std::uint64_t place) const { return messages_[place - resident_]; }

  // Whether everything after these positions can still be had, and whether there is nothing after them.
  bool reaches_back_to(const std::vector<Position>& after) const { return !any_missed_by(trimmed_, after); }
  bool nothing_after(const std::vector<Position>& after) const { return !any_missed_by(newest_, after); }
  // A place from which on all messages are that a client with these positions lacks: the first such in memory, or, if
  // it lacks some that are not, the first of all.
  std::uint64_t first_after(const std::vector<Position>& after) const;

 private:
  friend class Histories;
  std::deque<Ref<AppendedMessage>> messages_;
  std::uint64_t first_ = 0, resident_ = 0;
  std::vector<Moment> trimmed_, evicted_, newest_;  // the newest message of each slot that is gone; not in memory; of all
  bool unsaved_ = false;                            // the topic's row has to be saved
};

class Histories {
 public:
  Histories(const HistoryBounds& bounds, bool saved) : bounds_(bounds), saved_(saved) {}

  void append(std::string_view topic, Ref<AppendedMessage> message);
  // Null = there has been no message, or it is so long ago that the topic is forgotten.
  const TopicHistory* find(std::string_view topic) const;
  // Whether everything after these positions can be had, also of topics that are forgotten.
  bool reaches_back_to(std::string_view topic, const std::vector<Position>& after) const;

  // Messages of events before this are too old.
  std::int64_t oldest_kept_us(std::int64_t now_us) const { return bounds_.age_us == 0 ? INT64_MIN : now_us - bounds_.age_us; }
  // Lets go of what is too old, and of what is too much for the memory.
  void tidy(std::int64_t now_us);

  // ---- for checkpoints
  void restore(const StoredCheckpoint& stored);
  bool unsaved() const { return !unsaved_topics_.empty() || !topics_gone_.empty(); }
  std::size_t unsaved_bytes() const { return unsaved_bytes_; }
  // Fills in history, topics, topics_gone and forgotten.
  void take_unsaved(CheckpointCut& cut);
  void on_saved(const CheckpointCut& cut, const std::vector<SavedTopic>& trimmed);
  void put_back(CheckpointCut& cut);
  // Bytes in memory, and the topics known.
  std::size_t bytes() const { return bytes_; }
  std::size_t topics() const { return topics_.size(); }

 private:
  using Topics = std::unordered_map<std::string, TopicHistory, StringHash, std::equal_to<>>;
  Topics::value_type& topic(std::string_view name);
  void trim(Topics::value_type& topic, std::uint64_t first);
  void note_unsaved(Topics::value_type& topic);

  HistoryBounds bounds_;
  bool saved_;  // there is a state file
  Topics topics_;
  std::vector<Moment> forgotten_;  // the newest message of any topic that was forgotten
  std::vector<SavedMessage> unsaved_;
  std::vector<Topics::value_type*> unsaved_topics_;
  std::vector<std::string> topics_gone_;
  std::size_t bytes_ = 0, unsaved_bytes_ = 0;
};

}  // namespace statecast::host

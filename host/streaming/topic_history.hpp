// The messages of one appended topic, and what is known of those that are gone: who comes back with a cursor lacks which.
// Small when none of its messages is in memory. Changed by Histories alone. [lane]
#pragma once

#include <list>
#include <string>
#include <utility>
#include <vector>

#include "host/streaming/checkpoint.hpp"

namespace statecast::host {

class TopicHistory {
 public:
  // What is known of a message that is not in memory, for one in kMarkEvery: where what is trimmed ends.
  using Mark = SavedTopic::Mark;
  // Topics with their names, the one that got nothing for longest first.
  using ByUse = std::list<std::pair<const std::string, TopicHistory>*>;
  static constexpr std::uint64_t kMarkEvery = 64;
  static std::uint64_t next_marked(std::uint64_t from) { return from | (kMarkEvery - 1); }

  std::uint64_t first() const { return first_; }
  std::uint64_t resident() const { return resident_; }
  std::uint64_t end() const { return resident_ + messages_.size() - gone_; }
  // The message at a place that is in memory.
  const Ref<AppendedMessage>& at(std::uint64_t place) const { return messages_[gone_ + (place - resident_)]; }

  // Whether everything after these positions can still be had, and whether there is nothing after them.
  bool reaches_back_to(const std::vector<Position>& after) const { return !any_missed_by(trimmed_, after); }
  bool nothing_after(const std::vector<Position>& after) const { return !any_missed_by(newest_, after); }
  // A place from which on all messages are that a client with these positions lacks: the first such in memory, or, if
  // it lacks some that are not, one not long before the first of those, or the first of all.
  std::uint64_t first_after(const std::vector<Position>& after) const;

 private:
  static constexpr std::int64_t kUnknown = INT64_MIN;
  friend class Histories;
  void append(Ref<AppendedMessage> message) { messages_.push_back(std::move(message)); }
  // The oldest in memory leaves it.
  Ref<AppendedMessage> pop_front();
  // Notes that the oldest in memory is from now on in the state file alone.
  void note_evicted(const AppendedMessage& message);
  // Notes that everything before `first` is trimmed, none of which is in memory: as little as is known for certain.
  void note_trimmed_older(std::uint64_t first);

  std::vector<Ref<AppendedMessage>> messages_;  // the first gone_ of them are empty
  std::size_t gone_ = 0;
  std::uint64_t first_ = 0, resident_ = 0;
  std::uint64_t saved_ = 0;                         // what is before this place is in the state file
  std::vector<Moment> trimmed_, evicted_, newest_;  // the newest message of each slot that is gone; not in memory; of all
  std::vector<Mark> marks_;                         // of [first, resident), ascending
  bool unsaved_ = false;                            // the topic's row has to be saved
  bool stored_ = false;                             // the state file has a row of it, or is about to
  bool forgotten_ = false;                          // nothing is left of it
  std::int64_t last_us_ = kUnknown;                 // the time of its newest message
  ByUse::iterator place_{};
};

}  // namespace statecast::host

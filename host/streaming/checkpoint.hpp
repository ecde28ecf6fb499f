// What is kept of a lane over a restart, as plain values: what a lane hands to the store, and what it gets back.
//
// A lane's checkpoint is a cut through its history: every key as it was after the events up to `positions`, none as it was
// later. It is handed over in parts, `Rows`, and takes effect as a whole with the `Cut`. Values; they move between threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "host/streaming/history.hpp"
#include "host/streaming/positions.hpp"

namespace statecast::host {

struct SavedKey {
  std::string key;
  std::optional<Moment> changed;  // its last visible change, if there was one
  std::string bytes;              // the plugin's
};

struct SavedPosition {
  std::string source, epoch;
  Position position;
  bool operator==(const SavedPosition&) const = default;
};

// One message of one appended topic, at its place in the topic.
struct SavedMessage {
  std::string topic;
  std::uint64_t at = 0;
  Ref<AppendedMessage> message;
};

// An appended topic: its messages are [first, end), and what is before `first` was trimmed.
struct SavedTopic {
  std::string topic;
  std::uint64_t first = 0, end = 0;
  std::vector<Moment> trimmed, newest;  // of the newest message trimmed, and appended, for each slot
  struct Mark {
    std::uint64_t at = 0;
    Moment moment;
  };
  // When restored:
  std::vector<Mark> marks{};            // of some messages, ascending
  std::int64_t last_us = INT64_MIN;     // the time of the newest message; INT64_MIN = it is not there
};

// An event that a State rejected, or that made it fail.
struct DeadLetter {
  std::string source;        // id of the source in the configuration
  std::string epoch;         // of its history
  Position position{};
  std::int64_t noted_us = 0;  // wall clock
  std::string reason;
  bool failed = false;       // the State failed, rather than refuse
  std::int64_t time_us = 0;  // with what follows: of the event
  std::string id, event_source, type, subject, data, extensions;
};

// Which dead letter of a lane is meant.
struct DeadLetterRef {
  std::string epoch;
  Position position{};
  bool operator<(const DeadLetterRef& other) const { return std::tie(epoch, position) < std::tie(other.epoch, other.position); }
};

struct CheckpointRows {
  bool first = false;  // begins a checkpoint: what a broken-off one left is forgotten
  bool anew = false;   // with first: nothing of the checkpoint before stays but the dead letters
  std::vector<SavedKey> keys;
  std::vector<std::string> gone;
};

struct CheckpointCut {
  std::string version;  // of the plugin
  std::vector<SavedPosition> positions;
  std::uint64_t messages = 0;  // appended so far; the next message's number is one more
  std::vector<Moment> forgotten;  // the newest message of any topic that was forgotten, for each slot
  std::vector<SavedMessage> history;
  std::vector<SavedTopic> topics;
  std::vector<std::string> topics_gone;
  std::vector<std::string> ended, ended_gone;
  std::vector<DeadLetter> dead;
  std::vector<DeadLetterRef> dead_gone;
  std::int64_t history_after_us = INT64_MIN;  // messages of older events may go, some with each checkpoint
};

// The head of a checkpoint, as it was stored.
struct StoredCheckpoint {
  std::string version;
  std::vector<SavedPosition> positions;
  std::uint64_t messages = 0;
  std::vector<Moment> forgotten;
  std::vector<SavedTopic> topics;
  std::vector<std::string> ended;
};

}  // namespace statecast::host

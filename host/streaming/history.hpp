// What a lane remembers about its past: when each key last changed, which topics have ended, the last messages of each
// appended topic, and the latest rejections. From this it knows what a client that comes back has missed.
//
// Owned by its lane; bounded by the number of keys, `history` messages a topic, and kRejections. [lane]
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include "host/streaming/interest.hpp"
#include "host/streaming/positions.hpp"
#include "host/streaming/ref.hpp"

namespace statecast::host {

// Where in history something happened: at an event, or by a refresh after it.
struct Moment {
  std::size_t slot = 0;
  Position position{};
  bool by_refresh = false;

  // Whether a client with these positions lacks it. What a refresh did has no place of its own in history, so it counts
  // as later than the position at which it was done.
  bool missed_by(const std::vector<Position>& after) const;
};

// The last change of each key.
class KeyTable {
 public:
  void changed(std::string_view key, const Moment& moment);

  // The key is gone: nobody will ask when it changed.
  void erase(std::string_view key);

  // Whether the key changed after a client's positions.
  bool changed_since(std::string_view key, const std::vector<Position>& after) const;

  std::size_t size() const { return keys_.size(); }

 private:
  std::unordered_map<std::string, Moment, StringHash, std::equal_to<>> keys_;
};

// One message of an appended topic. Shared by the topics that it went to.
struct AppendedMessage : Counted<AppendedMessage> {
  std::uint64_t number = 0;     // in the order of all of the lane's
  std::string key, view, json;  // view empty = every view
  Moment moment;                // ord = its number among the event's messages
};

// The newest messages of one appended topic, at most `bound`.
class TopicHistory {
 public:
  void append(Ref<AppendedMessage> message, std::size_t bound);

  // The number of the first message that a client with these positions lacks.
  std::uint64_t first_after(const std::vector<Position>& after) const;
  // Whether everything after these positions is still here.
  bool reaches_back_to(const std::vector<Position>& after) const;

  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + messages_.size(); }
  const AppendedMessage& at(std::uint64_t number) const { return *messages_[number - first_]; }

 private:
  std::deque<Ref<AppendedMessage>> messages_;
  std::uint64_t first_ = 0;      // number of the oldest message here
  std::vector<Moment> trimmed_;  // of the newest message trimmed, for each slot
};

// What became of recent events, for publishers that ask.
class Rejections {
 public:
  // False when the event was rejected before: the first reason stays.
  bool add(std::uint16_t source, const Position& position, std::string reason);
  const std::string* find(std::uint16_t source, const Position& position) const;

 private:
  static constexpr std::size_t kRejections = 4096;
  struct At {
    std::uint16_t source;
    std::uint32_t partition;
    std::uint64_t hi, lo;
    auto operator<=>(const At&) const = default;
  };
  static At at(std::uint16_t source, const Position& p) { return {source, p.partition, p.hi, p.lo}; }
  std::map<At, std::string> reasons_;
  std::deque<At> order_;
};

}  // namespace statecast::host

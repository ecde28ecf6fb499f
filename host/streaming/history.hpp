// What a lane remembers about its past: when each key last changed, and the latest rejections. From this, and from the
// messages of appended topics (histories.hpp), it knows what a client that comes back has missed.
//
// Owned by its lane; bounded by the number of keys and kRejections. [lane]
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

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

// Notes the moment in a list that has the newest of each slot.
void note_newest(std::vector<Moment>& newest, const Moment& moment);
// The same for moments that come in any order.
void note_if_newer(std::vector<Moment>& newest, const Moment& moment);
bool any_missed_by(const std::vector<Moment>& newest, const std::vector<Position>& after);

// The last change of each key, and which keys a checkpoint has to save.
class KeyTable {
 public:
  // Without `track`, nothing is to be saved.
  void track() { tracked_ = true; }

  void changed(std::string_view key, const Moment& moment);
  void touched(std::string_view key);

  // The key is gone: nobody will ask when it changed.
  void erase(std::string_view key);

  // Whether the key changed after a client's positions.
  bool changed_since(std::string_view key, const std::vector<Position>& after) const;

  std::size_t size() const { return visible_; }

  // ---- for checkpoints
  void restore(std::string_view key, const std::optional<Moment>& moment);
  std::size_t unsaved() const { return unsaved_.size(); }
  struct Unsaved {
    std::string key;
    std::optional<Moment> changed;
    bool gone;
    bool stored;  // before: the state file has a row of it
  };
  // Takes up to `max` keys that have to be saved; from here on they count as saved.
  std::vector<Unsaved> take_unsaved(std::size_t max);
  // The State has nothing of a key that it touched: it is forgotten, unless clients saw it change.
  void drop_unseen(std::string_view key);
  // They were not saved after all.
  struct Taken {
    std::string key;
    bool stored;  // as Unsaved said
  };
  void put_back(const std::vector<Taken>& keys);
  // None is saved any more.
  void forget_saved();

 private:
  static constexpr std::size_t kSaved = SIZE_MAX;
  struct Entry {
    Moment moment{};
    bool visible = false;  // it has a moment
    bool gone = false;     // its row has to go
    bool stored = false;   // the state file has a row of it, or is about to
    std::size_t unsaved_at = kSaved;  // its place in unsaved_
  };
  using Entries = std::unordered_map<std::string, Entry, StringHash, std::equal_to<>>;
  Entries::value_type& entry(std::string_view key);
  void note_unsaved(Entries::value_type& entry);
  void drop(Entries::iterator entry);

  Entries keys_;
  std::size_t visible_ = 0;
  bool tracked_ = false;
  std::vector<Entries::value_type*> unsaved_;
};

// One message of an appended topic. Shared by the topics that it went to.
struct AppendedMessage : Counted<AppendedMessage> {
  std::uint64_t number = 0;     // in the order of all of the lane's
  std::int64_t time_us = 0;     // of its event
  std::string key, view, json;  // view empty = every view
  Moment moment;                // ord = its number among the event's messages
  mutable std::uint32_t resident = 0;  // topics whose history has it in memory; for the lane alone (histories.hpp)
  std::size_t bytes() const { return sizeof *this + key.capacity() + view.capacity() + json.capacity(); }
};

// Which recent events were rejected, and why, for publishers that ask.
class Rejections {
 public:
  static constexpr std::size_t kRejections = 10'000;  // as many as events in one request, so that its publisher hears of each

  // False when the event was rejected before: the first reason stays.
  bool add(std::uint16_t source, const Position& position, std::string reason);
  // The event is put off, for a reason that find() gives until it is rejected or forgotten.
  void hold(std::uint16_t source, const Position& position, std::string reason);
  const std::string* find(std::uint16_t source, const Position& position) const;
  std::string reason_of(std::uint16_t source, const Position& position) const;  // says so when it was forgotten
  bool is_held(std::uint16_t source, const Position& position) const;
  void forget(std::uint16_t source, const Position& position) { reasons_.erase(at(source, position)); }

  // Whether an event that is not found was not rejected: nothing that is as old was forgotten.
  bool remembers(std::uint16_t source, const Position& position) const;
  // What was rejected up to this position is not known: another process saw it.
  void forget_until(std::uint16_t source, const Position& position);

 private:
  struct At {
    std::uint16_t source;
    std::uint32_t partition;
    std::uint64_t hi, lo;
    auto operator<=>(const At&) const = default;
  };
  static At at(std::uint16_t source, const Position& p) { return {source, p.partition, p.hi, p.lo}; }
  struct Reason {
    std::string text;
    bool held = false;
  };
  bool note(const At& where, Reason reason);
  std::map<At, Reason> reasons_;
  std::deque<At> order_;
  std::map<std::pair<std::uint16_t, std::uint32_t>, Position> forgotten_;  // the newest that was, for each source and partition
};

}  // namespace statecast::host

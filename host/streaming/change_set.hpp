// What a State reported during apply or refresh, gathered until the lane sends it: each updated key once, at the place of
// its last change, and every appended message. Also keeps the lane's past (history.hpp) up to date.
//
// Owned by its lane. [lane]
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "host/streaming/event_batch.hpp"
#include "host/streaming/history.hpp"

namespace statecast::host {

class ChangeSet {
 public:
  struct Entry {
    std::string key;
    std::vector<std::uint32_t> topics;       // the listened-to ones, as numbers of the interest table
    Ref<AppendedMessage> appended;           // null = the key was updated
    Moment moment{};                         // of the event; whole
    std::uint64_t sequence = 0;              // by call, then by event
  };

  ChangeSet(const InterestTable& interest, Positions& positions, std::size_t history_bound);

  // The events of the apply call that follows; null for refresh.
  void begin(const EventBatch* batch, const std::vector<std::uint32_t>* indices);
  const sc_changes& table() const { return table_; }

  // Notes that a key must be sent again, unchanged.
  void resend(std::string_view key, std::uint32_t topic);

  // The gathered entries, in order of their last change; the set is empty afterwards. Cursor-wise an entry is the end of
  // its event when the next one is of another event.
  std::vector<Entry> take();
  std::vector<std::string> take_ended() { return std::exchange(newly_ended_, {}); }
  bool empty() const { return entries_.empty() && newly_ended_.empty(); }
  std::size_t size() const { return entries_.size(); }

  // Whether nothing more will come on the topic.
  bool has_ended(std::string_view topic) const { return ended_.contains(topic); }

  // What left a topic in the call just made: the lane says which keys are gone, and which ended topics hold nothing more.
  struct Removed {
    std::string key;
    std::vector<std::string> topics;
  };
  std::vector<Removed> take_removed() { return std::exchange(removed_, {}); }
  void forget_key(std::string_view key) { keys_.erase(key); }
  void forget_ended(std::string_view topic);

  const KeyTable& keys() const { return keys_; }
  TopicHistory* history(std::string_view topic);
  const Rejections& rejections() const { return rejections_; }

  // How many events were rejected in the call just made, and as a whole.
  std::uint64_t rejected() const { return rejected_; }
  void reject(std::size_t event, std::string_view reason);
  std::size_t events() const { return indices_ == nullptr ? 0 : indices_->size(); }

 private:
  Moment moment_of(std::size_t event) const;
  std::uint64_t sequence_of(std::size_t event) const { return calls_ << 32 | static_cast<std::uint32_t>(event); }
  const sc_event* event_at(std::size_t event) const;
  Entry& entry_for(std::string_view key);
  void on_updated(std::size_t event, std::string_view key, const sc_str* topics, std::size_t n);
  void on_appended(std::size_t event, std::string_view key, const sc_str* topics, std::size_t n, std::string_view view,
                   std::string_view json);
  void on_removed(std::string_view key, const sc_str* topics, std::size_t n);
  void on_ended(std::string_view topic);

  const InterestTable& interest_;
  Positions& positions_;
  const std::size_t history_bound_;
  sc_changes table_;
  const EventBatch* batch_ = nullptr;
  const std::vector<std::uint32_t>* indices_ = nullptr;
  std::size_t appending_event_ = SC_NO_EVENT;  // the event whose messages are being numbered
  std::uint32_t next_ord_ = 0;

  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t, StringHash, std::equal_to<>> updated_;  // key -> entry
  std::vector<std::string> newly_ended_;
  std::unordered_set<std::string, StringHash, std::equal_to<>> ended_;
  std::vector<Removed> removed_;
  std::uint64_t calls_ = 0, appended_ = 0;

  KeyTable keys_;
  std::unordered_map<std::string, TopicHistory, StringHash, std::equal_to<>> histories_;
  Rejections rejections_;
  std::uint64_t rejected_ = 0;
};

}  // namespace statecast::host

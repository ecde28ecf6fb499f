// What a State reported during apply or refresh, gathered until the lane sends it: each updated key once, at the place of
// its last change, and every appended message. Also keeps the lane's past (history.hpp, histories.hpp, dead_letters.hpp) up to
// date, and knows what of it a checkpoint has to save.
//
// Owned by its lane. [lane]
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "host/streaming/event_batch.hpp"
#include "host/streaming/dead_letters.hpp"
#include "host/streaming/histories.hpp"
#include "host/streaming/history.hpp"
#include "host/streaming/host_fault.hpp"
#include "host/streaming/host_services.hpp"
#include "host/streaming/key_places.hpp"

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

  // `saved`: there is a store, and checkpoints are made.
  ChangeSet(const InterestTable& interest, Positions& positions, const HistoryBounds& bounds, bool saved = false,
            const Clock& clock = system_clock());

  // The events of the apply call that follows; null for refresh. What comes of events out of their place, such as dead
  // letters folded again, counts as done by a refresh.
  void begin(const EventBatch* batch, const std::vector<std::uint32_t>* indices, bool out_of_place = false);
  const sc_changes& table() const { return table_; }
  // After the call: throws what the host threw when the State reported, of which something is missing here.
  void rethrow() { fault_.rethrow(); }

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
  const Histories& histories() const { return histories_; }
  Histories& histories() { return histories_; }
  const DeadLetters& dead_letters() const { return dead_; }
  DeadLetters& dead_letters() { return dead_; }
  const Rejections& rejections() const { return rejections_; }

  // How many events were rejected so far, and how many of them because the State failed.
  std::uint64_t rejected() const { return rejected_; }
  std::uint64_t failed() const { return failed_; }
  void reject(std::size_t event, std::string_view reason, bool failed = false);
  // Another try with the event is not the one that was rejected.
  void forget_rejection(std::uint16_t source, const Position& position) { rejections_.forget(source, position); }
  // Another process folded what comes before.
  void forget_rejections_until(std::uint16_t source, const Position& position) { rejections_.forget_until(source, position); }
  // Forgets what was to be sent, but for messages of events after these positions; nothing stays when there are none.
  void keep_appended_after(const std::vector<Position>& after) {
    updated_.clear();
    std::erase_if(entries_, [&](const Entry& entry) {
      return after.empty() || !entry.appended || entry.moment.by_refresh || !entry.moment.missed_by(after);
    });
  }
  // Forgets what was to be sent of the call just made.
  void drop_call() {
    std::erase_if(entries_, [&](const Entry& entry) { return entry.sequence >> 32 == calls_; });
    updated_.clear();
  }
  // Of events that were put off: how many so far, and of how many the State said later what became of them. Those that it
  // refused are counted in rejected(), too.
  struct Held {
    std::uint64_t held = 0, settled = 0, refused = 0;
  };
  const Held& held() const { return held_; }
  // A sentence for the log on each event that was refused since the last call.
  std::vector<std::string> take_refused() { return std::exchange(refused_, {}); }
  std::size_t events() const { return indices_ == nullptr ? 0 : indices_->size(); }

  // ---- for checkpoints
  // Forgets everything, and takes over what a checkpoint says of topics; keys follow one by one.
  void restore(const StoredCheckpoint& stored);
  void restore_key(const SavedKey& key) { keys_.restore(key.key, key.changed); }
  // Whether a checkpoint would say something new, positions aside.
  bool anything_unsaved() const;
  KeyTable& key_table() { return keys_; }
  // Fills in all but the plugin's version, the positions and the time.
  void take_unsaved(CheckpointCut& cut);
  void on_saved(const CheckpointCut& cut, const std::vector<SavedTopic>& trimmed) { histories_.on_saved(cut, trimmed); }
  void put_back(CheckpointCut& cut);
  // The store has nothing any more but these dead letters: the next checkpoint has to say everything.
  void forget_saved(const std::vector<DeadLetterRef>& left);

 private:
  Moment moment_of(std::size_t event) const;
  std::uint64_t sequence_of(std::size_t event) const { return calls_ << 32 | static_cast<std::uint32_t>(event); }
  const sc_event* event_at(std::size_t event) const;
  Entry* find_updated(std::string_view key);
  Entry& entry_for(std::string_view key);
  static ChangeSet& self(void* ctx) { return *static_cast<ChangeSet*>(ctx); }
  // Of a function of the table: nothing that is thrown passes through the State.
  template <class Report>
  static void report(void* ctx, Report&& to) {
    self(ctx).fault_.keep([&] { to(self(ctx)); });
  }
  void on_updated(std::size_t event, std::string_view key, const sc_str* topics, std::size_t n);
  void on_appended(std::size_t event, std::string_view key, const sc_str* topics, std::size_t n, std::string_view view,
                   std::string_view json);
  void on_removed(std::string_view key, const sc_str* topics, std::size_t n);
  void on_ended(std::string_view topic);
  void take_end_back(std::string_view topic);
  void put_back_end(const std::string& topic, bool stored);
  void on_held(std::size_t event, std::string_view reason, const sc_sink& place);
  void on_settled(std::string_view place);
  void on_refused(std::string_view place, const sc_event& event, std::string_view reason);

  const InterestTable& interest_;
  Positions& positions_;
  const bool saved_;
  const Clock& clock_;
  sc_changes table_;
  HostFault fault_;
  bool out_of_place_ = false;
  const EventBatch* batch_ = nullptr;
  const std::vector<std::uint32_t>* indices_ = nullptr;
  std::size_t appending_event_ = SC_NO_EVENT;  // the event whose messages are being numbered
  std::uint32_t next_ord_ = 0;

  std::vector<Entry> entries_;
  KeyPlaces updated_;  // of the keys among entries_
  std::vector<std::string> newly_ended_;  // with clients that are to be told
  std::unordered_map<std::string, bool, StringHash, std::equal_to<>> ended_;  // and whether the state file has it, or is about to
  std::vector<Removed> removed_;
  std::uint64_t calls_ = 0, appended_ = 0;

  KeyTable keys_;
  Histories histories_;
  DeadLetters dead_;
  Rejections rejections_;
  std::unordered_set<std::string, StringHash, std::equal_to<>> ended_unsaved_, ended_gone_;  // the file has what is gone
  std::uint64_t rejected_ = 0, failed_ = 0;
  Held held_;
  std::vector<std::string> refused_;
};

// What the log says of an event that was rejected.
std::string rejection_sentence(const sc_event& event, std::string_view reason);

}  // namespace statecast::host

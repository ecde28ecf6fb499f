// Snapshots of the subscriptions that begin: what a client sees first, or what it missed since its cursor, in pages that
// its shard pulls as the client takes them.
//
// While keys are listed, frames carry no cursor, since a client that left half-way has not seen the rest. Histories are
// listed in the order in which they came about: where there is nothing else to list, the last frame of each page carries how
// far the client has come, so that nobody has to begin a long one again. The last frame of the last page carries the lane's.
// Updates to keys not yet listed are skipped by the shard: their page brings them. A client too slow for those that go out
// asks that what changed meanwhile is listed once more, until it has all. Messages of appended topics that are no longer in
// memory are read from the store: the page that needs them comes when they do. Owned by its lane; one entry for each group
// under way. [lane]
#pragma once

#include <deque>
#include <map>
#include <tuple>
#include <unordered_set>

#include "host/streaming/fanout.hpp"
#include "host/streaming/older_messages.hpp"

namespace statecast::host {

class Snapshots {
 public:
  Snapshots(StateInstance& state, InterestTable& interest, ChangeSet& changes, const Positions& positions, Fanout& fanout,
            const std::vector<Encoding>& encodings, Outbox& outbox, OlderMessages& older)
      : state_(state),
        interest_(interest),
        changes_(changes),
        positions_(positions),
        fanout_(fanout),
        encodings_(encodings),
        outbox_(outbox),
        older_(older) {}

  // Enters every leg and sends the first page.
  void begin(const Subscribe& request);
  void next(const Pull& request);
  void cancel(const Cancel& request);

  // Moves a leg from a channel with cursors to the same without.
  void recode(const Recode& request);

  std::size_t under_way() const { return groups_.size(); }

 private:
  struct Leg {
    std::uint32_t leg = 0, channel = 0;
    std::string topic, view;
    bool appended = false;
    bool refill = false;            // of a slow client that was live
    Resume resume = Resume::kFresh;
    std::vector<Position> after{};  // what the client has, when it resumes
    bool started = false;
    std::string after_key{};        // updated: listed so far
    // Appended:
    bool found = false;             // there is a history, and next_message is a place in it
    std::uint64_t next_message = 0;
    std::uint64_t end = 0;          // of the history, when last looked at
    std::deque<SavedMessage> older{};  // from the store: those from next_message on
    std::string_view lost{};        // why some cannot be had, until the client is told
  };
  struct Group {
    SessionRef session;
    std::uint32_t group;
    std::uint16_t encoding;
    bool own_cursor;
    std::size_t page_bytes;
    std::vector<Leg> legs;
    std::size_t at = 0;  // the leg being listed: first those of updated topics, then the others at one time
    std::unordered_set<std::string> listed{};  // keys that several legs may name
    std::vector<Position> began{};             // the lane's positions when the listing began
    bool again = false;                        // what changed since has to be listed once more
    bool owes_page = false;                    // the client waits for one
    std::uint64_t asked = 0;                   // the request for older messages under way; 0 = none
    // How far in each slot the client has come in the histories, when only those are to list; empty where that is not one
    // place for all legs, or the session gets cursors of its own.
    std::vector<Position> come_to{};
    bool in_histories = false;
  };
  struct PageUnderWay {
    Page page;
    std::size_t bytes = 0, looked_at = 0;
    std::string last_json;  // of the last frame, which may have to be encoded again with a cursor
  };
  using Key = std::tuple<std::uint16_t, std::uint32_t, std::uint32_t, std::uint32_t>;
  static Key key_of(const SessionRef& s, std::uint32_t group) { return {s.shard, s.slot, s.generation, group}; }

  static constexpr std::size_t kKeysAPage = 64;
  static constexpr std::size_t kLooksAPage = 4096;
  static constexpr std::size_t kOlderBytes = 16 * 1024 * 1024;  // kept for the next pages; beyond, they are read again

  bool full(const Group& group, const PageUnderWay& out) const;
  // What listing comes to: all is listed, the page is full, or older messages are needed to go on.
  enum class Listed { kAll, kPart, kLacking };
  Listed fill(Group& group, PageUnderWay& out);
  Listed list(Group& group, PageUnderWay& out);
  void begin_again(Group& group, PageUnderWay& out);
  Leg entered(const Subscribe& request, const Subscribe::Leg& leg);
  bool list_updated(Group& group, Leg& leg, PageUnderWay& out);   // true = the leg is done
  Listed list_appended(Group& group, PageUnderWay& out);          // of all legs of that kind together
  void begin_leg(Group& group, Leg& leg, PageUnderWay& out);
  void find_history(Group& group, Leg& leg, PageUnderWay& out);
  const AppendedMessage* next_of(const Leg& leg) const;
  bool lacks_older(const Leg& leg) const;
  void pass(Leg& leg);
  void ask(Group& group);
  void on_older(const Key& key, std::uint32_t leg, std::uint64_t end, Fetched& fetched);
  void take_older(Leg& leg, std::uint64_t end, Fetched& fetched);
  void let_go(Leg& leg);
  void add(Group& group, PageUnderWay& out, std::string_view json, std::uint32_t kind = SC_MESSAGE_DATA);
  void add_notice(Group& group, PageUnderWay& out, const Leg& leg, const std::string& type, std::string_view reason);
  void enter_histories(Group& group);
  void put_cursor(Group& group, PageUnderWay& out, const std::string& cursor);
  void finish(Group& group, PageUnderWay& out);
  bool send_page(Group& group);
  void commit(const Group& group, const Leg& leg, bool settled);

  StateInstance& state_;
  InterestTable& interest_;
  ChangeSet& changes_;
  const Positions& positions_;
  Fanout& fanout_;
  const std::vector<Encoding>& encodings_;
  Outbox& outbox_;
  OlderMessages& older_;
  std::map<Key, Group> groups_;
  std::size_t older_bytes_ = 0;  // in all legs
};

}  // namespace statecast::host

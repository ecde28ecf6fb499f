// Snapshots of the subscriptions that begin: what a client sees first, or what it missed since its cursor, in pages that
// its shard pulls as the client takes them.
//
// Until a group's last page its frames carry no cursor, since a client that left half-way has not seen the rest; the last
// frame of the last page carries the lane's. Updates to keys not yet listed are skipped by the shard: their page brings
// them. Owned by its lane; one entry for each group under way. [lane]
#pragma once

#include <map>
#include <tuple>
#include <unordered_set>

#include "host/streaming/fanout.hpp"

namespace statecast::host {

class Snapshots {
 public:
  Snapshots(StateInstance& state, InterestTable& interest, ChangeSet& changes, const Positions& positions, Fanout& fanout,
            const std::vector<Encoding>& encodings, Outbox& outbox)
      : state_(state), interest_(interest), changes_(changes), positions_(positions), fanout_(fanout), encodings_(encodings), outbox_(outbox) {}

  // Enters every leg and sends the first page.
  void begin(const Subscribe& request);
  void next(const SessionRef& session, std::uint32_t group);
  void cancel(const Cancel& request);

  // Moves a leg from a channel with cursors to the same without.
  void recode(const Recode& request);

  std::size_t under_way() const { return groups_.size(); }

 private:
  struct Leg {
    std::uint32_t leg = 0, channel = 0;
    std::string topic, view;
    bool appended = false;
    Resume resume = Resume::kFresh;
    std::vector<Position> after{};  // what the client has, when it resumes
    bool started = false;
    std::string after_key{};        // updated: listed so far
    std::uint64_t next_message = 0; // appended: the next message's number
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

  bool full(const Group& group, const PageUnderWay& out) const;
  void fill(Group& group, PageUnderWay& out);
  bool list_updated(Group& group, Leg& leg, PageUnderWay& out);   // true = the leg is done
  bool list_appended(Group& group, PageUnderWay& out);            // of all legs of that kind together
  void begin_leg(Group& group, Leg& leg, PageUnderWay& out);
  void add(Group& group, PageUnderWay& out, std::string_view json, std::uint32_t kind = SC_MESSAGE_DATA);
  void add_notice(Group& group, PageUnderWay& out, const Leg& leg, const std::string& type, std::string_view reason);
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
  std::map<Key, Group> groups_;
};

}  // namespace statecast::host

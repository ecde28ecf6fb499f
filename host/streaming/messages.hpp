// What the threads of the data path say to one another: shards to lanes, and lanes to shards. Each is a value that moves
// through a Mailbox; the order within one mailbox is what keeps snapshots and updates free of gaps and doubles.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "host/streaming/checkpoint.hpp"
#include "host/streaming/event_batch.hpp"
#include "host/streaming/frame.hpp"
#include "host/streaming/mailbox.hpp"
#include "host/streaming/positions.hpp"
#include "host/streaming/request_context.hpp"

namespace statecast::host {

// A session's place in its shard; the generation tells it from later ones in the same slot.
struct SessionRef {
  std::uint16_t shard = 0;
  std::uint32_t slot = 0, generation = 0;
  bool operator==(const SessionRef&) const = default;
};

// A request that waits on its shard for an answer.
struct RequestRef {
  std::uint16_t shard = 0;
  std::uint64_t number = 0;
};

// ---- to a lane. A "leg" is one topic of a session on one lane, numbered by the session.

struct Events {  // from a source's feed: the lane's part of a batch
  Ref<EventBatch> batch;
  std::vector<std::uint32_t> indices;
  std::uint32_t generation = 0;  // which start of the lane they are for
};

struct Joined {  // from a feed: what came before this was history; counts itself off
  std::atomic<std::size_t>* remaining = nullptr;
};

struct Admit {
  struct Leg {
    std::uint32_t leg;
    std::string topic, cursor;
    bool appended = false;
  };
  RequestRef request;
  Ref<RequestContext> context;
  std::vector<Leg> legs;
};

struct Subscribe {
  static constexpr std::uint32_t kNewLeg = 0xffffffff;
  struct Leg {
    std::uint32_t leg;
    std::string topic, view, cursor;
    bool appended;
    // A settled leg of a client that was too slow: it gets what came after the cursor, and then updates as before. Its topic
    // and view are those of this channel, which it leaves.
    std::uint32_t channel = kNewLeg;
  };
  SessionRef session;
  std::uint32_t group = 0;        // numbers the session's subscribe requests
  std::uint16_t encoding = 0;     // of the host's encodings, the one with cursors
  bool own_cursor = false;        // the session gets cursors of its own: frames without
  std::uint32_t page_bytes = 0;
  std::vector<Leg> legs;
};

struct Pull {  // the next page of a group
  SessionRef session;
  std::uint32_t group = 0;
  bool again = false;  // the client lacks updates of keys that were listed: they have to be listed once more
};

struct Cancel {  // a leg is gone before its group's last page
  SessionRef session;
  std::uint32_t group = 0, leg = 0;
};

struct Unsubscribe {  // one settled leg less on the channel
  std::uint16_t shard = 0;
  std::uint32_t channel = 0;
};

struct Recode {  // the leg's frames shall come without cursors from now on; answered by a Commit
  SessionRef session;
  std::uint32_t leg = 0, channel = 0;
};

struct ReadValue {
  RequestRef request;
  Ref<RequestContext> context;
  std::string topic, after_key;
  std::uint32_t limit = 1;
  bool appended = false;
};

struct Await {  // tell what became of these events
  struct Event {
    std::uint32_t index;
    std::uint16_t source;
    Position position;
  };
  RequestRef request;
  std::vector<Event> events;
};

struct Saved {  // from the store: it is done with the lane's checkpoint (PendingSave), or has looked at the lane's file
  bool looked = false;
  std::string lost{};  // looked: why the file is not where it belongs; empty = it is there again
};

struct Fetched {  // from the store: older messages of an appended topic
  std::uint64_t request = 0;
  std::vector<SavedMessage> messages;
  std::string why;  // they could not be read
};

struct TakenLetters {  // what became of dead letters that an operator names, by their order in the request
  std::vector<std::size_t> done;                               // folded, or dropped
  std::vector<std::size_t> unknown;                            // there is no such letter any more
  std::vector<std::pair<std::size_t, std::string>> rejected;   // again, with the reason
  std::string why;                                             // it could not be done
};

struct TakeDeadLetters {  // fold them again, or drop them
  bool redeliver = false;  // false = drop
  std::vector<std::pair<std::size_t, DeadLetter>> letters;  // each with its place in the request
  std::function<void(TakenLetters)> answer;                 // called on the lane's thread
};

using LaneMessage = std::variant<std::monostate, Events, Joined, Admit, Subscribe, Pull, Cancel, Unsubscribe, Recode, ReadValue, Await,
                                 Saved, Fetched, TakeDeadLetters>;

// ---- to a shard. A "channel" is a number that the lane gives to one (topic, view, encoding).

struct Verdict {
  struct Leg {
    std::uint32_t leg;
    sc_status status;
    std::string text;  // view when OK, else the reason
    Resume resume;
    bool finished = false;  // the topic has ended, and the cursor says that the client has all of it
  };
  RequestRef request;
  std::vector<Leg> legs;
};

// From here on, what the lane posts on this channel reaches the leg; also moves a leg to another channel. Until a leg is
// settled the lane may move it, and takes it off itself on Cancel; afterwards the shard does, by Unsubscribe.
struct Commit {
  SessionRef session;
  std::uint32_t leg = 0, channel = 0;
  bool settled = false;
  std::string cursor{};  // of the lane, in answer to Recode
};

struct Page {
  struct Progress {
    std::uint32_t leg;
    std::string listed_through;  // keys up to this one have been listed
    bool done;
  };
  SessionRef session;
  std::uint32_t group = 0;
  std::vector<Ref<Frame>> frames;  // without cursors
  // What tells the client that it has come to here, unless its session has cursors of its own by now: in place of the last
  // of the frames, or after them.
  Ref<Frame> with_cursor;
  bool in_place = false;
  std::vector<Progress> progress;
  bool last = false;

  // All that is to be sent.
  std::vector<Ref<Frame>>& frames_for(bool own_cursor) {
    if (own_cursor || !with_cursor) return frames;
    if (in_place) frames.pop_back();
    frames.push_back(std::move(with_cursor));
    return frames;
  }
  std::string cursor;  // the lane's, on the last page
  bool lost = false;   // a slow client's leg cannot go on from where it was: a snapshot follows
};

struct Delivery {  // one change: frames [first, first + count) of the batch
  Ref<Change> change;
  std::uint32_t first = 0, count = 0;
};

struct Ended {  // nothing more will come on this channel, from this lane
  std::uint32_t channel = 0;
  std::string topic;
};

struct Value {
  RequestRef request;
  sc_status status = SC_FAILED;
  std::string text;                                          // the reason when not OK
  std::vector<std::pair<std::string, std::string>> items;   // key and JSON, ascending
  bool more = false;
  std::string last;  // when there is more: the last key looked at, visible or not
};

enum class Outcome : std::uint8_t { kApplied, kRejected, kHeld, kUnknown };

struct AwaitReply {
  struct Event {
    std::uint32_t index;
    Outcome outcome;
    std::string reason;  // empty when it was applied
  };
  RequestRef request;
  std::string state;
  std::vector<Event> events;
};

struct Lost {};  // a turn of the lane failed: nobody knows who has what of it

using ShardItem = std::variant<Verdict, Commit, Page, Delivery, Ended, Value, AwaitReply, Lost>;

struct ChannelFrame {
  std::uint32_t channel;
  Ref<Frame> frame;
};

struct LaneBatch {  // all that one turn of a lane has for one shard
  std::uint16_t lane = 0;
  std::vector<ShardItem> items;
  std::vector<ChannelFrame> frames;
};

struct AppendReply {  // from a publishing source
  struct Receipt {
    sc_status status = SC_FAILED;
    bool duplicate = false;
    Position position{};
    std::string why;
  };
  RequestRef request;
  sc_status status = SC_OK;  // of the whole; not OK = nothing was stored
  std::string why;
  std::vector<Receipt> receipts;
  bool unknown = false;  // the host failed: nobody knows whether they were stored
};

struct LaneHealth {  // from main, when it changes
  std::uint16_t lane = 0;
  bool degraded = false;
  std::string reason;  // for clients: what they may expect, nothing of what is inside
};

using ShardMessage = std::variant<std::monostate, LaneBatch, AppendReply, LaneHealth>;
using ShardInbox = Mailbox<ShardMessage>;

}  // namespace statecast::host

// From a change to frames: renders a key once for each live view, encodes once for each encoding, and puts the frames into
// the outbox of every shard that has subscribers. Nothing here is done per client.
//
// Owned by its lane. [lane]
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/streaming/change_set.hpp"
#include "host/streaming/instances.hpp"
#include "host/streaming/messages.hpp"
#include "host/streaming/transport_guards.hpp"

namespace statecast::host {

// One encoding of one transport, numbered host-wide by its place in a list.
struct Encoding {
  const TransportInstance* transport = nullptr;
  std::uint32_t number = 0;  // within the transport
  std::uint16_t bare = 0;    // host-wide number of the same without cursors
};

// What the lane has for each shard, posted at the end of a turn.
class Outbox {
 public:
  Outbox(std::uint16_t lane, std::vector<ShardInbox*> shards);
  LaneBatch& to(std::uint16_t shard) { return batches_[shard]; }
  void post_all();  // waits while an inbox is full: shards always drain theirs
  void lose();      // the same, and then ends the sessions that listen to the lane
  std::uint64_t frames_posted() const { return frames_posted_.value(); }  // [any]

 private:
  std::vector<ShardInbox*> shards_;
  std::vector<LaneBatch> batches_;
  Counter frames_posted_;
};

class Fanout {
 public:
  Fanout(std::uint16_t lane, StateInstance& state, const InterestTable& interest, const std::vector<Encoding>& encodings,
         Outbox& outbox);

  void send(const ChangeSet::Entry& entry, std::string cursor);
  void send_ended(const std::string& topic);

  // One message in one encoding; null when the transport failed.
  Ref<Frame> encode(std::uint16_t encoding, std::string_view json, std::string_view cursor, Ref<Change> change = {},
                    std::uint32_t kind = SC_MESSAGE_DATA);

  std::uint64_t encodes(std::size_t encoding) const { return encodes_[encoding].value(); }  // [any]
  std::uint64_t frames() const;                                                             // of all encodings [any]
  const TransportGuards& guards() const { return guards_; }

 private:
  struct Rendering {
    std::uint32_t view = 0;
    bool visible = false;
    std::string json;
  };
  struct Encoded {
    std::uint32_t view;
    std::uint16_t encoding;
    Ref<Frame> frame;
  };
  const Rendering& rendering(const ChangeSet::Entry& entry, std::uint32_t view);
  Ref<Frame> encoded(const ChangeSet::Entry& entry, const InterestTable::Channel& channel, const Ref<Change>& change);
  void deliver(std::uint32_t channel, const Ref<Frame>& frame, const Ref<Change>& change);

  const std::uint16_t lane_;
  StateInstance& state_;
  const InterestTable& interest_;
  const std::vector<Encoding>& encodings_;
  Outbox& outbox_;
  TransportGuards guards_;
  std::uint64_t next_change_ = 0;
  std::vector<Rendering> renderings_;  // the first rendered_ are of the change under way; the others keep their memory
  std::size_t rendered_ = 0;
  std::vector<Encoded> encoded_;
  StringSink bytes_;
  std::vector<Counter> encodes_;  // by encoding
};

}  // namespace statecast::host

// A Source in C++: derive from statecast::Source and statecast::Reader and export it with plugin.hpp.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "detail/events.hpp"
#include "types.hpp"

namespace statecast {

// Takes the events of one poll. Their views may die when event() returns. [source]
class Batch {
 public:
  explicit Batch(const sc_batch* batch) : batch_(batch) {}
  void event(const Event& event) const {
    const sc_event abi = detail::to_abi(event);
    batch_->event(batch_->ctx, &abi);
  }
  // So many events, from `first` to `last`, are there, but not as they were stored. A host that is older than this is not
  // told.
  void damaged(const Position& first, const Position& last, std::uint64_t events, std::string_view why) const {
    if (batch_->size >= offsetof(sc_batch, damaged) + sizeof batch_->damaged)
      batch_->damaged(batch_->ctx, &first, &last, events, str(why));
  }

 private:
  const sc_batch* batch_;
};

// Takes one receipt for each event of an append. [append]
class Receipts {
 public:
  explicit Receipts(const sc_receipts* receipts) : receipts_(receipts) {}
  void durable(std::size_t i, const Position& position) const { give(i, SC_OK, &position, 0, {}); }
  void duplicate(std::size_t i, const Position& position) const { give(i, SC_OK, &position, 1, {}); }
  void refused(std::size_t i, sc_status status, std::string_view why) const { give(i, status, nullptr, 0, why); }

 private:
  void give(std::size_t i, sc_status status, const Position* position, std::uint32_t duplicate,
            std::string_view why) const {
    receipts_->receipt(receipts_->ctx, i, status, position, duplicate, str(why));
  }

  const sc_receipts* receipts_;
};

class Reader {
 public:
  virtual ~Reader() = default;

  // Yields up to `max` events, waiting for the first until deadline_ns (Host::mono_ns). False = none came in time.
  // Throws Failure(SC_RETRY) for a passing fault, Failure(SC_GONE) when what follows was trimmed. [source]
  virtual bool poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) = 0;

  // Makes the poll under way, or else the next, return soon. [any]
  virtual void interrupt() = 0;
};

class Source {
 public:
  virtual ~Source() = default;

  struct Epoch {
    std::string id;  // 1 to 32 characters of a-z 0-9
    std::uint32_t partitions = 1;
  };
  struct Range {
    Position oldest{}, newest{};
  };

  virtual Epoch epoch() = 0;                         // the identity of the history [main]
  virtual Range range(std::uint32_t partition) = 0;  // [any]

  // A reader after these positions, one for each partition to read; throws Failure(SC_GONE) when trimmed. [source]
  virtual std::unique_ptr<Reader> open_reader(std::span<const Position> after) = 0;

  // Makes the events durable in order and gives each its receipt. Throwing = nothing was stored. Without events it proves
  // that it could store some, or throws: the host asks so after a failure. [append]
  virtual void append(std::span<const Event> /*events*/, const Receipts& /*receipts*/) {
    throw Failure(SC_UNSUPPORTED, "this source takes no events");
  }

  // Every state has saved what it needs up to these positions; about once a second. Throws Failure when the source finds
  // that it cannot store events now. [append]
  virtual void ack(std::span<const Position> /*positions*/) {}

  virtual const void* get_extension(std::string_view /*id*/) { return nullptr; }
};

}  // namespace statecast

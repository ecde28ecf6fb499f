// The events that the memory source holds: a list of chunks, filled at one end and dropped at the other.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <statecast/types.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace statecast::memory {

// One event that owns its bytes.
class Record {
 public:
  Record() = default;
  explicit Record(const Event& event);

  Event event(std::uint64_t seq) const;
  std::string_view id() const { return piece(0); }
  std::string_view source() const { return piece(1); }
  std::size_t bytes() const { return bytes_.size(); }

 private:
  static constexpr std::size_t kPieces = 6;  // id, source, type, subject, data, extensions

  std::string_view piece(std::size_t i) const;

  std::int64_t time_us_ = 0;
  std::array<std::uint32_t, kPieces> ends_{};
  std::string bytes_;  // the pieces, one after the other
};

// Consecutive events, written once each by the append thread and read by any after they were published.
struct Chunk {
  static constexpr std::size_t kRecords = 1024;

  explicit Chunk(std::uint64_t first_seq) : first(first_seq) {}

  const std::uint64_t first;
  // Events from this number on are in the next chunk. Set when the chunk is closed.
  std::atomic<std::uint64_t> end{std::numeric_limits<std::uint64_t>::max()};
  std::array<Record, kRecords> records;
};

// Holds the newest events within two bounds. Owned by the source; the append thread writes, readers read beside it.
//
// An event is published by one store of `newest`, before which all its bytes were written; readers load it first. The
// mutex guards the list of chunks alone: each side takes it once a chunk, not once an event. A reader shares the
// chunk that it yields from, so that it is never pulled from under it, and no other: a slow reader holds no memory
// back.
class History {
 public:
  History(std::uint64_t capacity, std::uint64_t bytes) : capacity_(capacity), bytes_limit_(bytes) {}

  // Numbers start at 1; newest is 0 while there was no event, then oldest is 1.
  std::uint64_t oldest() const { return oldest_; }
  std::uint64_t newest() const { return newest_; }

  // The chunk that holds event `seq`, which is at most newest(); null when it was dropped. [source]
  std::shared_ptr<const Chunk> chunk_of(std::uint64_t seq) const;

  // The number of the event of this name, if it is held or was just added. [append]
  std::optional<std::uint64_t> find(std::string_view source, std::string_view id) const;

  // Adds an event, which readers do not see before publish(), and returns its number. [append]
  std::uint64_t add(Record record);

  // Shows readers what was added, then lets the oldest go until the bounds hold again. [append]
  void publish();

 private:
  static constexpr std::uint64_t kChunkBytes = 1024 * 1024;  // a chunk is closed when it holds so much

  using Name = std::pair<std::string_view, std::string_view>;  // source, id: views of the record
  struct NameHash {
    std::size_t operator()(const Name& name) const {
      const std::hash<std::string_view> hash;
      return hash(name.first) * 31 + hash(name.second);
    }
  };

  Chunk& chunk_for(std::uint64_t seq);
  void drop_oldest();

  const std::uint64_t capacity_, bytes_limit_;
  std::atomic<std::uint64_t> oldest_{1}, newest_{0};

  // Append thread only.
  std::uint64_t added_ = 0;
  std::uint64_t bytes_ = 0;        // of all events held
  std::uint64_t chunk_bytes_ = 0;  // of those in the last chunk
  std::unordered_map<Name, std::uint64_t, NameHash> names_;

  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<Chunk>> chunks_;  // under mutex_, but for reads by the append thread, its only writer
};

}  // namespace statecast::memory

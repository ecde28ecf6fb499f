// How much waits for all clients of the host together, and which shard has the client for which most waits: the first to go
// when it is too much.
//
// Shards add what has changed once a round of messages, and publish their largest at each tick. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace statecast::host {

class BufferBudget {
 public:
  BufferBudget(std::uint64_t bytes, std::size_t shards) : bytes_(static_cast<std::int64_t>(bytes)), shards_(shards), largest_(new Largest[shards]) {}

  void add(std::int64_t bytes) { waiting_.fetch_add(bytes, std::memory_order_relaxed); }
  bool over() const { return waiting_.load(std::memory_order_relaxed) > bytes_; }
  std::int64_t bytes() const { return bytes_; }

  void publish_largest(std::size_t shard, std::size_t bytes) { largest_[shard].bytes.store(bytes, std::memory_order_relaxed); }
  // Whether no other shard has a client for which more waits.
  bool is_largest(std::size_t shard, std::size_t bytes) const {
    for (std::size_t i = 0; i < shards_; ++i)
      if (i != shard && largest_[i].bytes.load(std::memory_order_relaxed) > bytes) return false;
    return true;
  }

 private:
  struct alignas(64) Largest {
    std::atomic<std::size_t> bytes{0};
  };
  const std::int64_t bytes_;
  const std::size_t shards_;
  std::unique_ptr<Largest[]> largest_;
  alignas(64) std::atomic<std::int64_t> waiting_{0};
};

}  // namespace statecast::host

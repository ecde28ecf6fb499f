// The source that keeps its events in memory: for tests, benches and states that may forget at a restart.
#pragma once

#include <statecast/source.hpp>
#include <statecast/waiter.hpp>
#include <string>

#include "plugins/sources/memory/history.hpp"

namespace statecast::memory {

// Holds the newest events, numbered from 1 in position.hi; each process start has an epoch of its own. Owned by the
// host; append runs on one thread beside the readers.
class MemorySource final : public Source {
 public:
  explicit MemorySource(const Instance& instance);

  Epoch epoch() override { return {epoch_, 1}; }
  Range range(std::uint32_t partition) override;
  std::unique_ptr<Reader> open_reader(std::span<const Position> after) override;
  void append(std::span<const Event> events, const Receipts& receipts) override;

 private:
  struct Settings {
    explicit Settings(std::string_view json);
    std::uint64_t capacity, bytes;
  };

  const Host host_;
  const Settings settings_;
  const std::string epoch_;
  History history_;
  Waiters waiters_;
};

}  // namespace statecast::memory

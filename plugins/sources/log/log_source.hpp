// The embedded log: the default Source. Durable events in one SQLite file, for one machine.
#pragma once

#include <atomic>
#include <statecast/source.hpp>
#include <statecast/waiter.hpp>
#include <string>
#include <vector>

#include "plugins/sources/log/log_file.hpp"

namespace statecast::log {

// How far the log reaches. Written by append after each commit, read by readers and range.
struct Extent {
  std::atomic<std::uint64_t> oldest{1}, newest{0};  // newest 0 = no event yet
};

// Owned by the host. The append thread owns the writing connection and commits once an append; each reader has a
// read-only connection of its own, so that neither waits for the other.
class LogSource final : public Source {
 public:
  explicit LogSource(const Instance& instance);

  Epoch epoch() override { return {file_.epoch(), 1}; }
  Range range(std::uint32_t partition) override;
  std::unique_ptr<Reader> open_reader(std::span<const Position> after) override;
  void append(std::span<const Event> events, const Receipts& receipts) override;

 private:
  struct Stored {
    std::uint64_t seq;
    bool duplicate;
  };
  std::vector<Stored> store(std::span<const Event> events);
  Stored store_one(const Event& event, std::uint64_t seq);

  const Host host_;
  LogFile file_;
  Statement find_, insert_;
  Extent extent_;
  Waiters waiters_;
};

}  // namespace statecast::log

// The embedded log: the default Source. Durable events in one SQLite file, for one machine.
#pragma once

#include <optional>
#include <statecast/source.hpp>
#include <statecast/waiter.hpp>
#include <string>
#include <vector>

#include "plugins/sources/log/log_file.hpp"
#include "plugins/sources/log/names.hpp"
#include "plugins/sources/log/retention.hpp"

namespace statecast::log {

// Owned by the host. The append thread owns the writing connection and commits once an append; each reader has a
// read-only connection of its own, so that neither waits for the other.
class LogSource final : public Source {
 public:
  explicit LogSource(const Instance& instance);

  Epoch epoch() override { return {file_.epoch(), 1}; }
  Range range(std::uint32_t partition) override;
  std::unique_ptr<Reader> open_reader(std::span<const Position> after) override;
  void append(std::span<const Event> events, const Receipts& receipts) override;
  void ack(std::span<const Position> positions) override;

 private:
  struct Stored {
    std::uint64_t seq;
    bool duplicate;
  };
  // What an append that failed had to store, and why it could not if that was no passing fault.
  struct Refused {
    std::size_t bytes;
    std::optional<Failure> damage;
  };

  LogSource(const Instance& instance, const Settings& settings);
  std::uint64_t oldest();
  std::vector<Stored> store(std::span<const Event> events);
  std::vector<Stored> commit(std::span<const Event> events);
  Stored store_one(const Event& event, std::uint64_t seq);
  void prove();

  const Host host_;
  LogFile file_;
  Names names_;
  Statement insert_, take_back_, fill_;
  Extent extent_;
  Retention retention_;
  Waiters waiters_;
  Refused refused_{};
  bool astray_ = false;  // events beyond the extent are in the file
};

}  // namespace statecast::log

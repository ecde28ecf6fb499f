// Counts what each client got, message by message: what is missing, what came twice, and what in the wrong order. Only
// what was published before it came is known; all else is foreign.
//
// Where a later message of a topic has come, one before it was skipped; where none has, it is missing. A server may skip:
// of an updated topic only the latest value counts. It may never leave the last one out.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/bench/load/plan.hpp"

namespace statecast::bench {

class Tally {
 public:
  struct Sums {
    std::uint64_t expected = 0, received = 0, skipped = 0, missing = 0, doubled = 0, disordered = 0, foreign = 0;
  };

  // Clients before `first` are not counted: they do not read.
  Tally(const Plan& plan, std::uint64_t messages, std::size_t first = 0);

  // Messages are published in the order of their numbers, from 0.
  void on_published();
  // True when it is the first time that the client gets this message.
  bool on_message(std::size_t client, std::uint64_t number);

  // Every client has the newest message of each of its topics.
  bool complete() const { return progress_ == sums_.expected; }
  std::uint64_t published() const { return published_; }
  std::uint64_t progress() const { return progress_; }
  Sums sums() const;

 private:
  const Plan plan_;
  const std::size_t first_, rows_;
  std::uint64_t published_ = 0;
  std::uint64_t progress_ = 0;             // received and skipped
  std::vector<std::uint32_t> followers_;   // of each topic, that are counted
  std::vector<std::uint32_t> next_row_;    // of each subscription: one beyond the newest
  std::vector<bool> seen_;                 // of each subscription and row
  Sums sums_;
};

}  // namespace statecast::bench

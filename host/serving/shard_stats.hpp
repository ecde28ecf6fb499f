// What one shard counts of its connections' requests and of its streaming clients.
//
// Written by the shard alone, read by anyone who reports.
#pragma once

#include <array>
#include <vector>

#include "host/ops/counter.hpp"
#include "host/serving/session_end.hpp"

namespace statecast::host {

// What a request was for. Routes of transports follow, in the order of the configuration.
enum Route : std::size_t { kUnmatchedRoute, kEventsRoute, kTopicsRoute, kSubscribersRoute, kFirstStreamRoute };

struct ShardStats {
  ShardStats(std::size_t prefixes, std::size_t transports_, std::size_t stream_routes)
      : subscriptions(prefixes), transports(transports_), answers(kFirstStreamRoute + stream_routes) {}

  struct alignas(64) Transport {
    Gauge sessions;
    Counter opened;
    std::array<Counter, kEndedBy.size()> ended;
  };
  using Answers = std::array<Counter, 5>;  // 1xx to 5xx

  std::vector<Gauge> subscriptions;   // by place in StreamService::prefixes()
  std::vector<Transport> transports;  // by place in StreamService::transports()
  std::vector<Answers> answers;       // by route

  // Each frame that was queued for a client was sent, dropped or is waiting.
  Counter frames_queued, frames_sent;
  std::array<Counter, kDroppedBy.size()> frames_held_back;  // while their session was slow
  std::array<Counter, kEndedBy.size()> frames_dropped;  // that waited when their session ended
  Counter bytes, writes;                                // sent; attempts to send
  Counter batched_writes;                               // of these, those that shared a system call with others
  Gauge waiting_bytes;
  Gauge topics;   // of its sessions, each once
  Gauge details;  // sessions that hold more than their record (SessionDetails)

  void count_held_back(DroppedBy why, std::uint64_t frames = 1) { frames_held_back[static_cast<std::size_t>(why)].add(frames); }
  void count_answer(std::size_t route, unsigned status) {
    if (status >= 100 && status < 600) answers[route][status / 100 - 1].add();
  }
  void count_end(std::size_t transport, EndedBy why, std::size_t frames_waiting) {
    transports[transport].sessions.add(-1);
    transports[transport].ended[static_cast<std::size_t>(why)].add();
    frames_dropped[static_cast<std::size_t>(why)].add(frames_waiting);
  }

  std::uint64_t held_back() const {
    std::uint64_t sum = 0;
    for (const Counter& frames : frames_held_back) sum += frames.value();
    return sum;
  }
  std::int64_t sessions() const {
    std::int64_t sum = 0;
    for (const Transport& transport : transports) sum += transport.sessions.value();
    return sum;
  }
  std::uint64_t requests() const {
    std::uint64_t sum = 0;
    for (const Answers& route : answers)
      for (const Counter& answered : route) sum += answered.value();
    return sum;
  }
  std::uint64_t ended(EndedBy why) const {
    std::uint64_t sum = 0;
    for (const Transport& transport : transports) sum += transport.ended[static_cast<std::size_t>(why)].value();
    return sum;
  }
};

}  // namespace statecast::host

// What the parts of one shard share: who it is, what it serves, its clock, its counters, and the way to the lanes.
//
// Owned by its Shard. [shard], except the counters, which any thread may read.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "host/access/access_control.hpp"
#include "host/config/settings.hpp"
#include "host/ops/turn_guard.hpp"
#include "host/serving/buffer_budget.hpp"
#include "host/serving/degraded_lanes.hpp"
#include "host/serving/session.hpp"
#include "host/serving/shard_stats.hpp"
#include "host/streaming/stream_service.hpp"

namespace statecast::host {

// Messages to lanes, in order. What finds the lane's mailbox full waits here: of what clients ask up to a bound, of what
// keeps the lane's books all, which is at most a few messages for each session of the shard.
class LanePosts {
 public:
  LanePosts(StreamService& service, std::uint16_t shard)
      : service_(service), shard_(shard), waiting_(service.lanes().size()) {}

  // For what a client asks: false when too much waits already.
  bool try_post(std::uint16_t lane, LaneMessage message);
  // For the lane's books.
  void post(std::uint16_t lane, LaneMessage message);
  // Sends what waits; the lane wakes this shard when it has room again.
  void retry();

 private:
  static constexpr std::size_t kWaitingAtMost = 16'384;

  StreamService& service_;
  const std::uint16_t shard_;
  std::vector<std::deque<LaneMessage>> waiting_;
};

struct ShardContext {
  ShardContext(std::uint16_t number_, boost::asio::io_context& io_, StreamService& service_, const Config& config_, const AccessControl& access_,
               BufferBudget& buffers_)
      : number(number_),
        io(io_),
        service(service_),
        config(config_),
        access(access_),
        buffers(buffers_),
        stats(service_.prefixes().size(), service_.transports().size(), stream_routes(config_)),
        posts(service_, number_),
        degraded(degraded_lanes(service_)),
        turns(ThreadRole::kShard, "shard " + std::to_string(number_)) {}
  static DegradedLanes degraded_lanes(const StreamService& service) {
    std::vector<std::string> states;
    std::vector<std::size_t> state_of(service.lanes().size());
    for (const auto& state : service.states()) {
      for (const Lane* lane : state.lanes) state_of[lane->number()] = states.size();
      states.push_back(state.settings.id);
    }
    return {std::move(states), std::move(state_of)};
  }
  static std::size_t stream_routes(const Config& config) {
    std::size_t sum = 0;
    for (const TransportSettings& transport : config.transports) sum += transport.routes.size();
    return sum;
  }

  // At the beginning of each handler.
  void note_time() {
    now_ms = system_clock().mono_ns() / 1'000'000;
    now = static_cast<Tenths>(now_ms / kTenthMs);
  }

  const std::uint16_t number;
  boost::asio::io_context& io;
  StreamService& service;
  const Config& config;
  const AccessControl& access;
  BufferBudget& buffers;
  ShardStats stats;
  LanePosts posts;
  DegradedLanes degraded;
  TurnGuard turns;
  bool draining = false;
  std::int64_t now_ms = 0;  // monotonic; read once a wake-up
  Tenths now = 0;           // the same
};

}  // namespace statecast::host

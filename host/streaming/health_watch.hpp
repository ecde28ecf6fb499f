// Watches every lane from outside, and tells everybody when one becomes degraded and when it has recovered: the log, and
// each shard, which tells its clients. A lane is never asked, so one that hangs keeps nobody waiting here.
//
// Owned by main, which has it look once a tick. [main]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/streaming/degradation.hpp"
#include "host/streaming/messages.hpp"

namespace statecast::host {

// A lane, by its number's place in a list.
struct WatchedLane {
  std::string title;  // "state 'runs' (plugin delivery 0.1.0)"
  std::uint64_t hang_after_ms = 0;
  bool restart_on_hang = false;
};

class HealthWatch {
 public:
  HealthWatch(std::vector<WatchedLane> lanes, std::vector<ShardInbox*> shards);

  // Looks hold one entry for each lane. False when a state hangs whose on_hang is restart: the process is to end.
  bool on_tick(const std::vector<LaneLook>& looks, std::int64_t now_ns, std::int64_t now_us);

 private:
  struct Watch {
    WatchedLane lane;
    std::optional<Degradation> degradation;
    std::vector<bool> told;  // by shard: that the lane is degraded
  };
  void judge(Watch& watch, std::optional<Degradation> now, std::int64_t now_ns, std::int64_t now_us);
  void tell_shards(std::uint16_t lane);

  std::vector<Watch> watches_;
  const std::vector<ShardInbox*> shards_;
};

}  // namespace statecast::host

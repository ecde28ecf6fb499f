#include "host/streaming/health_watch.hpp"

#include "host/ops/log.hpp"

namespace statecast::host {

namespace {

std::string milliseconds(std::int64_t ns) { return std::to_string(ns / 1'000'000) + " ms"; }

}  // namespace

HealthWatch::HealthWatch(std::vector<WatchedLane> lanes, std::vector<ShardInbox*> shards) : shards_(std::move(shards)) {
  for (WatchedLane& lane : lanes) watches_.push_back({std::move(lane), {}, std::vector<bool>(shards_.size())});
}

bool HealthWatch::on_tick(const std::vector<LaneLook>& looks, std::int64_t now_ns, std::int64_t now_us) {
  bool go_on = true;
  for (std::uint16_t lane = 0; lane < watches_.size(); ++lane) {
    Watch& watch = watches_[lane];
    judge(watch, degradation_of(looks[lane], watch.lane.hang_after_ms, now_ns), now_ns, now_us);
    tell_shards(lane);
    if (!watch.lane.restart_on_hang || !watch.degradation || !watch.degradation->hangs) continue;
    log::error("main", watch.lane.title + " hangs, and its 'on_hang' is restart: the host ends, to be started anew");
    go_on = false;
  }
  return go_on;
}

void HealthWatch::judge(Watch& watch, std::optional<Degradation> now, std::int64_t now_ns, std::int64_t now_us) {
  if (now && !watch.degradation) log::error("main", sentence_of(*now, watch.lane.title, now_ns, now_us));
  if (!now && watch.degradation)
    log::warning("main", watch.lane.title + " has recovered; it was degraded for " + milliseconds(now_ns - watch.degradation->since_ns));
  watch.degradation = std::move(now);
}

// A shard whose inbox is full is told at the next tick, of what is true then.
void HealthWatch::tell_shards(std::uint16_t lane) {
  Watch& watch = watches_[lane];
  const bool degraded = watch.degradation.has_value();
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
    if (watch.told[shard] == degraded) continue;
    const bool taken = shards_[shard]->try_push(LaneHealth{lane, degraded, degraded ? watch.degradation->for_clients : std::string()});
    if (taken) watch.told[shard] = degraded;
  }
}

}  // namespace statecast::host

#include "host/streaming/lag.hpp"

#include <algorithm>
#include <tuple>

namespace statecast::host {

namespace {

void add_partition(Lag& lag, const Progress::At& mine, const Progress::At& newest, std::int64_t now_us) {
  const bool counts = mine.lo == 0 && newest.lo == 0;
  const bool behind = std::tie(mine.hi, mine.lo) < std::tie(newest.hi, newest.lo);
  // The lane may be ahead: its catch-up reader saw events that the tail has not.
  if (!counts) lag.events.reset();
  else if (lag.events && behind) *lag.events += newest.hi - mine.hi;
  if (!behind || !lag.seconds) return;
  if (mine.time_us == 0) lag.seconds.reset();
  else lag.seconds = std::max(*lag.seconds, static_cast<double>(now_us - mine.time_us) / 1e6);
}

}  // namespace

std::vector<Lag> lags_of(const LaneStatus& lane, std::span<const std::unique_ptr<Feed>> feeds, std::int64_t now_us) {
  std::vector<Lag> out;
  std::vector<Progress::At> newest;  // of the source whose partitions are looked at; they stand together
  for (const Progress::At& mine : lane.positions) {
    if (newest.empty() || newest.front().source != mine.source) {
      const auto feed = std::ranges::find_if(feeds, [&](const auto& f) { return f->source().number == mine.source; });
      newest = (*feed)->newest();
      out.push_back({(*feed)->source().id(), 0, 0.0});
    }
    add_partition(out.back(), mine, newest[mine.partition], now_us);
  }
  return out;
}

}  // namespace statecast::host

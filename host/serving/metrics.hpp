// The page of GET /metrics: what shards, lanes, sources and plugins have counted, read at the time of the request. Every
// label comes from the configuration or a plugin's manifest, none from a client.
//
// Owned by AdminApi; the first shard runs it. It reads counters only, so no lane or plugin can hold it up. [shard]
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/ops/exposition.hpp"
#include "host/serving/door.hpp"
#include "host/streaming/stream_service.hpp"

namespace statecast::host {

class Shard;

class Metrics {
 public:
  using Shards = std::vector<std::unique_ptr<Shard>>;
  Metrics(const StreamService& service, const Config& config, const Shards& shards, const Door& door);

  std::string page() const;
  double uptime_seconds() const;

 private:
  void show_host(Exposition& page) const;
  void show_connections(Exposition& page) const;
  void show_sessions(Exposition& page) const;
  void show_subscriptions(Exposition& page) const;
  void show_requests(Exposition& page) const;
  void show_frames(Exposition& page) const;

  const StreamService& service_;
  const Config& config_;
  const Shards& shards_;
  const Door& door_;
  const std::int64_t started_ns_;
};

}  // namespace statecast::host

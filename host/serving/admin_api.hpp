// The requests of the admin listener: liveness, readiness, metrics, status, the topics that are listened to. Reads only
// counters, so it answers whatever the lanes are doing; events of a source it leaves to SourceEventsApi, dead letters to
// DeadLettersApi. It runs on the first shard. [shard]
#pragma once

#include <functional>
#include <memory>

#include "host/serving/dead_letters_api.hpp"
#include "host/serving/http_connection.hpp"
#include "host/serving/metrics.hpp"
#include "host/serving/source_events_api.hpp"
#include "host/streaming/stream_service.hpp"

namespace statecast::host {

class Shard;

class AdminApi : public HttpHandler {
 public:
  AdminApi(StreamService& service, const Config& config, const Door& door, const std::vector<std::unique_ptr<Shard>>& shards,
           const std::atomic<bool>& stopping);

  void handle(std::shared_ptr<HttpConnection> connection, HttpRequest request) override;
  bool draining() const override { return false; }
  void on_open(HttpConnection&) override {}
  void on_close(HttpConnection&) override {}

  // Why this host is not ready; empty when it is. [any]
  std::vector<std::string> not_ready() const;

  // What waits holds sockets of the first shard. [main]
  void clear() { source_events_.clear(), dead_letters_.clear(); }

 private:
  std::vector<std::string> not_ready_or_damaged() const;
  HttpResponse health() const;
  HttpResponse readiness() const;
  HttpResponse status() const;
  HttpResponse topics() const;

  StreamService& service_;
  const Door& door_;
  const std::vector<std::unique_ptr<Shard>>& shards_;
  const std::atomic<bool>& stopping_;
  const Metrics metrics_;
  SourceEventsApi source_events_;
  DeadLettersApi dead_letters_;
};

}  // namespace statecast::host

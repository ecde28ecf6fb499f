#include "host/serving/admin_api.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/serving/position_text.hpp"
#include "host/serving/shard.hpp"
#include "host/streaming/lag.hpp"

namespace statecast::host {

namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kShardTooLong = 5 * kSecond;

double in_seconds(std::int64_t ns) { return static_cast<double>(ns / 1'000'000) / 1000; }

ordered_json positions_json(const std::vector<Progress::At>& positions) {
  ordered_json out = ordered_json::array();
  for (const Progress::At& at : positions)
    out.push_back({{"partition", at.partition}, {"position", position_text(at.hi, at.lo)}});
  return out;
}

ordered_json checkpoint_json(const CheckpointStatus& status, std::int64_t now) {
  ordered_json out{{"checkpoints", status.checkpoints}, {"keys", status.keys}, {"failures", status.failures}, {"failing", status.failing_since_ns != 0}};
  if (status.saved_ns != 0) out["seconds"] = in_seconds(now - status.saved_ns);
  out["positions"] = positions_json(status.positions);
  return out;
}

ordered_json lag_json(const LaneStatus& status, const StreamService& service) {
  ordered_json out = ordered_json::array();
  for (const Lag& lag : lags_of(status, service.feeds(), service.clock().now_us())) {
    ordered_json& of_source = out.emplace_back(ordered_json{{"source", lag.source}});
    if (lag.events) of_source["events"] = *lag.events;
    if (lag.seconds) of_source["seconds"] = *lag.seconds;
  }
  return out;
}

// null while the lane is well
ordered_json degraded_json(const StreamService& service, const StreamService::State& state, const Lane& lane, std::int64_t now) {
  const auto degradation = service.degradation(state, lane);
  if (!degradation) return nullptr;
  return {{"since", since_text(*degradation, now, service.clock().now_us())}, {"reason", degradation->reason}};
}

ordered_json lane_json(const Lane& lane, const StreamService& service, const StreamService::State& state, std::int64_t now) {
  const LaneStatus status = lane.status();
  return {{"state", state.settings.id}, {"type", state.plugin->id}, {"version", state.plugin->version},
          {"partition", lane.partition()}, {"events", status.events}, {"rejected", status.rejected},
          {"failures", status.failures}, {"keys", status.keys}, {"renders", status.renders}, {"frames", status.frames},
          {"frames_posted", status.frames_posted}, {"waiting", status.waiting}, {"busy_seconds", status.busy_since_ns == 0 ? 0.0 : in_seconds(now - status.busy_since_ns)},
          {"degraded", degraded_json(service, state, lane, now)}, {"positions", positions_json(status.positions)}, {"lag", lag_json(status, service)},
          {"dead_letters", status.dead_letters}, {"checkpoint", service.keeps() ? checkpoint_json(status.checkpoints, now) : ordered_json()}};
}

}  // namespace

AdminApi::AdminApi(StreamService& service, const Config& config, const Door& door, const std::vector<std::unique_ptr<Shard>>& shards,
                   const std::atomic<bool>& stopping)
    : service_(service), door_(door), shards_(shards), stopping_(stopping), metrics_(service, config, shards, door), source_events_(service), dead_letters_(service) {}

void AdminApi::handle(std::shared_ptr<HttpConnection> connection, HttpRequest request) {
  if (auto refusal = door_.admin_origin.refuse(request)) return connection->respond(std::move(*refusal));
  if (DeadLettersApi::is_path(request.path)) return dead_letters_.handle(std::move(connection), request, shards_.front()->io().get_executor());
  const bool events = SourceEventsApi::is_path(request.path);
  const bool known = events || request.path == "/healthz" || request.path == "/readyz" || request.path == "/metrics" ||
                     request.path == "/api/v1/status" || request.path == "/api/v1/topics";
  if (!known)
    return connection->respond(problem(404, "There is nothing at this path: /healthz, /readyz, /metrics, /api/v1/status, /api/v1/topics, "
                                            "/api/v1/dead-letters and /api/v1/sources/<id>/events are here."));
  if (request.method != "GET" && request.method != "HEAD") {
    auto response = problem(405, "This resource takes GET and HEAD.");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return connection->respond(std::move(response));
  }
  if (events) return source_events_.handle(std::move(connection), request, shards_.front()->io().get_executor());
  if (request.path == "/healthz") return connection->respond(health());
  if (request.path == "/readyz") return connection->respond(readiness());
  if (request.path == "/metrics") return connection->respond({200, Exposition::kContentType, metrics_.page(), {}});
  if (request.path == "/api/v1/topics") return connection->respond(topics());
  connection->respond(status());
}

HttpResponse AdminApi::health() const {
  const auto now = system_clock().mono_ns();
  for (std::size_t i = 0; i < shards_.size(); ++i)
    if (now - shards_[i]->alive_ns() > kShardTooLong)
      return json_response(ordered_json{{"status", "failing"}, {"reason", "shard " + std::to_string(i) + " does not come round"}}.dump(-1, ' ', false, ordered_json::error_handler_t::replace), 503);
  return json_response(R"({"status":"ok"})");
}

std::vector<std::string> AdminApi::not_ready() const {
  auto reasons = service_.not_ready();
  if (stopping_) reasons.insert(reasons.begin(), "the host is stopping");
  return reasons;
}

// The service manager is not told of damage: a start that waits until the host is ready would never end.
std::vector<std::string> AdminApi::not_ready_or_damaged() const {
  auto reasons = not_ready();
  for (std::string& damage : service_.damage()) reasons.push_back(std::move(damage));
  return reasons;
}

HttpResponse AdminApi::readiness() const {
  const auto reasons = not_ready_or_damaged();
  if (reasons.empty()) return json_response(R"({"status":"ready"})");
  return json_response(ordered_json{{"status", "not ready"}, {"reasons", reasons}}.dump(-1, ' ', false, ordered_json::error_handler_t::replace), 503);
}

HttpResponse AdminApi::status() const {
  const auto now = system_clock().mono_ns();
  ordered_json out;
  out["version"] = STATECAST_VERSION;
  out["uptime_seconds"] = metrics_.uptime_seconds();
  out["ready"] = not_ready_or_damaged().empty();
  out["states"] = ordered_json::array();
  for (const auto& state : service_.states())
    for (const Lane* lane : state.lanes) out["states"].push_back(lane_json(*lane, service_, state, now));
  out["sources"] = ordered_json::array();
  for (const auto& feed : service_.feeds()) {
    ordered_json source{{"source", feed->source().id()}, {"type", feed->source().plugin().id}, {"epoch", feed->source().epoch()},
                        {"partitions", feed->source().partitions()}, {"events_read", feed->read_by_tail()}, {"unconsumed", feed->unconsumed()},
                        {"lanes_behind", feed->behind()}, {"failing", feed->failing_since_ns() != 0}};
    for (const auto& appender : service_.appenders()) {
      if (&appender->source() != &feed->source()) continue;
      source["published_events"] = appender->events();
      source["duplicates"] = appender->duplicates();
      source["refused"] = appender->refused() + appender->failed();
      source["commits"] = appender->commits();
    }
    out["sources"].push_back(std::move(source));
  }
  for (const auto& feeder : service_.feeders())
    out["sources"].push_back({{"source", feeder->source().id()}, {"type", feeder->source().plugin().id}, {"into", feeder->target().source().id()},
                              {"fed_events", feeder->fed()}, {"duplicates", feeder->duplicates()}, {"refused", feeder->refused()},
                              {"failing", feeder->failing_since_ns() != 0}});
  out["transports"] = ordered_json::array();
  for (const auto& transport : service_.transports())
    out["transports"].push_back({{"transport", transport->id()}, {"type", transport->plugin().id}, {"version", transport->plugin().version}});
  ordered_json& shards = out["shards"] = ordered_json::array();
  for (const auto& shard : shards_) {
    const ShardStats& stats = shard->stats();
    shards.push_back({{"sessions", stats.sessions()}, {"requests", stats.requests()}, {"frames", stats.frames_queued.value()},
                      {"frames_sent", stats.frames_sent.value()}, {"bytes", stats.bytes.value()}, {"writes", stats.writes.value()},
                      {"held_back", stats.held_back()}, {"waiting_bytes", stats.waiting_bytes.value()},
                      {"closed_slow", stats.ended(EndedBy::kBuffer) + stats.ended(EndedBy::kWriteTimeout)}});
  }
  return json_response(out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

HttpResponse AdminApi::topics() const {
  ordered_json out = ordered_json::array();
  for (std::size_t i = 0; i < service_.prefixes().size(); ++i) {
    const auto& prefix = service_.prefixes()[i];
    std::int64_t subscriptions = 0;
    for (const auto& shard : shards_) subscriptions += shard->stats().subscriptions[i].value();
    out.push_back({{"prefix", prefix.name}, {"state", service_.states()[prefix.state].settings.id},
                   {"kind", prefix.manifest.appended ? "appended" : "updated"}, {"subscriptions", subscriptions}});
  }
  return json_response(ordered_json{{"topics", out}}.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace statecast::host

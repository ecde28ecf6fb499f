#include "host/serving/metrics.hpp"

#include "host/ops/log.hpp"
#include "host/ops/turn_guard.hpp"
#include "host/serving/shard.hpp"
#include "host/streaming/stream_metrics.hpp"

namespace statecast::host {

namespace {

double number(std::uint64_t n) { return static_cast<double>(n); }

// Over all shards.
template <class Count>
double sum(const Metrics::Shards& shards, Count&& count) {
  double total = 0;
  for (const auto& shard : shards) total += static_cast<double>(count(shard->stats()));
  return total;
}

// The paths that requests are counted under, by number of the route.
std::vector<std::string> route_names(const Config& config) {
  std::vector<std::string> out(kFirstStreamRoute);
  out[kUnmatchedRoute] = "unmatched";
  out[kEventsRoute] = "/api/v1/events";
  out[kTopicsRoute] = "/api/v1/topics/{topic}";
  out[kSubscribersRoute] = "/api/v1/realtime/subscribers";
  for (const TransportSettings& transport : config.transports)
    for (const RouteSettings& route : transport.routes) out.push_back(route.path);
  return out;
}

}  // namespace

Metrics::Metrics(const StreamService& service, const Config& config, const Shards& shards, const Door& door)
    : service_(service), config_(config), shards_(shards), door_(door), started_ns_(system_clock().mono_ns()) {}

double Metrics::uptime_seconds() const { return static_cast<double>((system_clock().mono_ns() - started_ns_) / 1'000'000) / 1000; }

std::string Metrics::page() const {
  Exposition page;
  PluginMetrics plugins;
  show_host(page);
  show_connections(page);
  show_sessions(page);
  show_subscriptions(page);
  show_requests(page);
  show_frames(page);
  show_stream_metrics(service_, service_.clock(), page, plugins);
  for (const auto& shard : shards_)
    shard->transport_guards().for_each([&](const PluginGuard& guard) { plugins.add(SC_KIND_TRANSPORT, guard); });
  plugins.show(page);
  return page.text();
}

void Metrics::show_host(Exposition& page) const {
  page.gauge("statecast_build_info", "Always 1: the version that runs, and of the plugin ABI.")
      .add({{"version", STATECAST_VERSION}, {"abi", std::to_string(SC_ABI_VERSION)}}, 1);
  page.gauge("statecast_uptime_seconds", "Time since the start.").add({}, uptime_seconds());
  page.counter("statecast_log_lines_dropped_total", "Log lines dropped because the log could not keep up.").add({}, number(log::dropped()));
  auto& failed = page.counter("statecast_failed_turns_total", "Turns of the host's own threads that ended because something was thrown; the log says what.");
  for (std::size_t role = 0; role < kThreadRoles.size(); ++role)
    failed.add({{"thread", std::string(kThreadRoles[role])}}, number(failed_turns(static_cast<ThreadRole>(role))));
}

void Metrics::show_connections(Exposition& page) const {
  const ConnectionLimits::Counts counts = door_.clients.counts();
  page.gauge("statecast_connections", "Open client connections, streaming or not.").add({}, number(counts.open));
  page.counter("statecast_connections_accepted_total", "Client connections that were within the limits.").add({}, number(counts.accepted));
  auto& refused = page.counter("statecast_connections_refused_total", "Client connections beyond a limit: connections, per_ip, or the files that this process may open.");
  refused.add({{"limit", "connections"}}, number(counts.refused_in_all));
  refused.add({{"limit", "per_ip"}}, number(counts.refused_per_ip));
  refused.add({{"limit", "open_files"}}, number(door_.files.refused()));
  page.counter("statecast_accept_failures_total", "Times that the system gave no connection for want of a file, or for another reason.")
      .add({}, number(door_.files.accept_failures()));
}

void Metrics::show_sessions(Exposition& page) const {
  auto& open = page.gauge("statecast_sessions", "Streaming clients.");
  auto& opened = page.counter("statecast_sessions_opened_total", "Streams that were opened.");
  auto& closed = page.counter("statecast_sessions_closed_total", "Streams that ended, by reason.");
  for (std::size_t i = 0; i < service_.transports().size(); ++i) {
    const std::string& transport = service_.transports()[i]->id();
    open.add({{"transport", transport}}, sum(shards_, [&](const ShardStats& s) { return s.transports[i].sessions.value(); }));
    opened.add({{"transport", transport}}, sum(shards_, [&](const ShardStats& s) { return s.transports[i].opened.value(); }));
    for (std::size_t why = 0; why < kEndedBy.size(); ++why)
      closed.add({{"transport", transport}, {"reason", std::string(kEndedBy[why])}},
                 sum(shards_, [&](const ShardStats& s) { return s.transports[i].ended[why].value(); }));
  }
  page.gauge("statecast_sessions_detailed", "Streaming clients that hold more memory than an idle one with one topic does.")
      .add({}, sum(shards_, [](const ShardStats& s) { return s.details.value(); }));
}

void Metrics::show_subscriptions(Exposition& page) const {
  auto& subscriptions = page.gauge("statecast_subscriptions", "Topics that sessions are subscribed to, by prefix.");
  for (std::size_t i = 0; i < service_.prefixes().size(); ++i)
    subscriptions.add({{"prefix", service_.prefixes()[i].name}}, sum(shards_, [&](const ShardStats& s) { return s.subscriptions[i].value(); }));
  page.gauge("statecast_topics", "Topics that sessions are subscribed to, each once for each shard.")
      .add({}, sum(shards_, [](const ShardStats& s) { return s.topics.value(); }));
}

void Metrics::show_requests(Exposition& page) const {
  auto& requests = page.counter("statecast_http_requests_total", "Answers to requests of clients; unmatched = the page, no route, or not readable.");
  const auto routes = route_names(config_);
  for (std::size_t route = 0; route < routes.size(); ++route)
    for (std::size_t status = 0; status < ShardStats::Answers{}.size(); ++status)
      requests.add({{"route", routes[route]}, {"status", std::to_string(status + 1) + "xx"}},
                   sum(shards_, [&](const ShardStats& s) { return s.answers[route][status].value(); }));
}

void Metrics::show_frames(Exposition& page) const {
  page.counter("statecast_frames_queued_total", "Frames queued for clients, each counted for each client.")
      .add({}, sum(shards_, [](const ShardStats& s) { return s.frames_queued.value(); }));
  page.counter("statecast_frames_sent_total", "Frames that the kernel took whole.")
      .add({}, sum(shards_, [](const ShardStats& s) { return s.frames_sent.value(); }));
  auto& dropped = page.counter("statecast_frames_dropped_total",
                               "Frames that were not sent: what becomes of a slow client's, or why the session ended.");
  for (std::size_t why = 0; why < kDroppedBy.size(); ++why)
    dropped.add({{"reason", std::string(kDroppedBy[why])}}, sum(shards_, [&](const ShardStats& s) { return s.frames_held_back[why].value(); }));
  for (std::size_t why = 0; why < kEndedBy.size(); ++why)
    dropped.add({{"reason", std::string(kEndedBy[why])}}, sum(shards_, [&](const ShardStats& s) { return s.frames_dropped[why].value(); }));
  page.gauge("statecast_waiting_bytes", "What waits for streaming clients, of limits.buffers.")
      .add({}, sum(shards_, [](const ShardStats& s) { return s.waiting_bytes.value(); }));
  page.counter("statecast_sent_bytes_total", "Bytes sent to streaming clients.")
      .add({}, sum(shards_, [](const ShardStats& s) { return s.bytes.value(); }));
  page.counter("statecast_writes_total", "Sends to streaming clients, each of one or more frames.")
      .add({}, sum(shards_, [](const ShardStats& s) { return s.writes.value(); }));
  page.counter("statecast_batched_writes_total", "Of them, those that shared a system call with others, by io_uring.")
      .add({}, sum(shards_, [](const ShardStats& s) { return s.batched_writes.value(); }));
}

}  // namespace statecast::host

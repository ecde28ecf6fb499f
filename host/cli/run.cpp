// The composition root: the one place that knows every part, makes them in order, and ends them in the reverse.

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include "host/cli/commands.hpp"
#include "host/config/load_config.hpp"
#include "host/config/report.hpp"
#include "host/ops/log.hpp"
#include "host/ops/service_watch.hpp"
#include "host/ops/turn_guard.hpp"
#include "host/serving/open_files.hpp"
#include "host/serving/server.hpp"
#include "host/streaming/trusted_clock.hpp"

namespace statecast::host {

namespace {

// A stop for the sake of a state that hangs waits for clients alone: the state would only use up the time.
constexpr std::chrono::milliseconds kRestartDrain{2000};

log::Level level_of(const std::string& name) {
  if (name == "debug") return log::Level::kDebug;
  if (name == "warning") return log::Level::kWarning;
  return name == "error" ? log::Level::kError : log::Level::kInfo;
}

// Each client is an open file: take what the system grants.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Blocked before any thread starts, so that only await_stop() sees them.
sigset_t block_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  return stops;
}

// The threads that nobody can do without: one that hangs, in a disk that does not answer for instance, is cured by a
// restart or not at all.
Vitals vitals_of(const Server& server, const StreamService& service) {
  Vitals vitals{system_clock().mono_ns(), server.not_ready(), server.sessions(), {}};
  for (const std::int64_t alive_ns : server.shards_alive_ns())
    vitals.threads.push_back({"shard " + std::to_string(vitals.threads.size()), alive_ns});
  for (const auto& appender : service.appenders()) vitals.threads.push_back({"append " + appender->source().id(), appender->alive_ns()});
  return vitals;
}

// One of the signals, or 0 when none comes in that time.
int signal_within(const sigset_t& signals, std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const timespec wait{seconds.count(), (time - seconds).count()};
  return std::max(0, ::sigtimedwait(&signals, nullptr, &wait));
}

// Beside the states, whose ages go by it.
std::string clock_file(const Config& config) {
  return config.store.path.empty() ? std::string() : (std::filesystem::path(config.store.path) / "clock").string();
}

// The status to exit with, once a signal has come, or a state hangs for whose sake the host is to be started anew.
int await_stop(const sigset_t& stops, const Server& server, const StreamService& service, ServiceWatch& watch,
               const TrustedClock& clock) {
  HealthWatch health = service.health_watch();
  TurnGuard turns(ThreadRole::kMain, "main");
  bool goes_on = true;
  int signal = 0;
  while (signal == 0) {
    turns([&] {
      watch.on_tick(vitals_of(server, service));
      clock.look();
      goes_on = health.on_tick(service.look_at_lanes(), clock.mono_ns(), clock.now_us());
    });
    if (!goes_on) return kExitFailed;
    signal = signal_within(stops, watch.period());
  }
  log::info("main", std::string(signal == SIGTERM ? "SIGTERM" : "SIGINT") + ": stopping");
  return kExitOk;
}

// For people as a sentence by itself; for programs as the last line of the log, so that every line has its format.
int fail(const Error& error) {
  const bool text = log::format() == log::Format::kText;
  if (!text) log::error("main", error.what, {{"fix", error.fix}});
  log::stop();
  if (text) std::cerr << "statecast: " << log::without_secrets(error.text()) << "\n";
  return kExitFailed;
}

// From the outside in: clients are told and leave, then the lanes end, then the shards.
void stop(Server& server, StreamService& service, std::chrono::milliseconds drain, int exit_status) {
  const auto deadline = std::chrono::steady_clock::now() + drain;
  if (!server.drain(deadline - drain / 4)) log::warning("main", "some clients were still connected at the end of server.drain");
  if (!service.stop(deadline)) {
    log::error("main", "a plugin did not return from a call; it is left behind");
    log::stop();
    // Its thread still uses everything here: end without destroying anything.
    std::_Exit(exit_status);
  }
  server.stop();
}

}  // namespace

int run_command(const std::filesystem::path& file) {
  const ConfigFile config_file = ConfigFile::open(file);
  const PluginCatalog catalog = PluginCatalog::load(config_file.plugin_search());
  const LoadResult loaded = config_file.check(catalog);
  if (!loaded.config) {
    std::cerr << format_text(loaded.diagnostics);
    return kExitConfig;
  }
  const Config& config = *loaded.config;
  const sigset_t stops = block_signals();
  raise_file_limit();
  log::start({level_of(config.server.log_level), log::format_of(config.server.log_format), config.secrets});
  for (const Error& refused : catalog.refused()) log::warning("plugins", refused.what, {{"fix", refused.fix}});

  const std::size_t shards = config.server.shards != 0 ? config.server.shards : std::max(1u, std::thread::hardware_concurrency());
  if (auto enough = OpenFiles::check(config, shards); !enough) return fail(enough.error());
  TrustedClock clock(clock_file(config));
  auto service = StreamService::create(config, catalog, shards, clock);
  if (!service) return fail(service.error());
  if (Store* store = (*service)->store()) store->set_upkeep([&clock] { clock.keep(); });
  auto server = Server::create(config, **service, shards);
  if (!server) return fail(server.error());
  (*service)->start();
  (*server)->start();
  log::info("main", "statecast " STATECAST_VERSION " started with " + file.string());

  ServiceWatch watch(service_manager());
  const int exit_status = await_stop(stops, **server, **service, watch, clock);
  std::chrono::milliseconds drain(config.server.drain_ms);
  if (exit_status != kExitOk) drain = std::min(drain, kRestartDrain);
  watch.on_stop(drain);
  stop(**server, **service, drain, exit_status);
  server->reset();
  service->reset();
  clock.keep(true);
  log::info("main", "stopped");
  log::stop();
  return exit_status;
}

}  // namespace statecast::host

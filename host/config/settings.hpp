// The configuration after it was checked: plain values with units applied, nothing left to validate.
//
// Made once by load_config, owned by main, read-only afterwards. Durations are milliseconds, sizes bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/config/secrets.hpp"

namespace statecast::host {

struct Endpoint {
  std::string address;  // numeric IP: "127.0.0.1", "::1"
  std::uint16_t port = 0;
};

struct ServerSettings {
  std::vector<Endpoint> listen;          // at least one; default 127.0.0.1:8080
  std::vector<Endpoint> admin;           // loopback only; empty = no admin listener; default 127.0.0.1:9180
  std::vector<std::string> hosts;        // names that requests may come under, beside addresses and localhost: "*.example.org"
  std::vector<std::string> origins;      // whose web pages may come, beside the host's own: "https://shop.example"
  std::string publish;                   // id of the source that takes published events; empty = publishing is off
  bool page = true;                      // whether the listener serves the page at `/`
  std::string log_level = "info";        // debug, info, warning, error
  std::string log_format = "auto";       // auto, text, json, journald
  std::uint32_t shards = 0;              // 0 = one for each core
  std::uint64_t drain_ms = 10'000;       // greatest time from SIGTERM to exit
};

struct LimitSettings {
  std::uint32_t connections = 50'000;
  std::uint32_t per_ip = 0;                  // 0 = no limit
  std::uint32_t topics_per_session = 100;
  std::uint64_t header_bytes = 16 * 1024;
  std::uint64_t body_bytes = 1024 * 1024;
  std::uint64_t header_timeout_ms = 10'000;
  std::uint64_t body_timeout_ms = 30'000;
  std::uint64_t idle_timeout_ms = 60'000;    // between two requests of one connection
  std::uint64_t history_memory = 256 * 1024 * 1024;  // of all states' appended messages; older ones are read from the store
  std::uint64_t history_topics = 200'000;            // appended topics of all states; beyond, those idle for longest are forgotten
  std::uint64_t buffers = 256 * 1024 * 1024;         // what may wait for all clients together
};

// Where states are kept over a restart.
struct StoreSettings {
  std::string path;              // a folder; empty = nothing is kept, and history is replayed from its start
  std::uint64_t every_ms = 5'000;  // between two checkpoints of a lane
};

struct SourceSettings {
  std::string id, type;
  std::string into;             // id of the source that it feeds; empty unless its plugin's events are not kept
  std::string settings = "{}";  // the plugin's own keys, JSON, defaults filled in
};

struct StateSettings {
  std::string id, type;
  std::vector<std::string> sources;   // at least one
  std::uint64_t refresh_ms = 5'000;
  std::uint32_t partitions = 1;
  bool send_always = false;           // send: always | on_change
  std::uint32_t history = 1'000;      // messages kept for each appended topic
  std::uint64_t hang_after_ms = 10'000;  // a lane's turn that lasts so long is a hang
  bool restart_on_hang = false;       // on_hang: restart | degrade
  std::uint64_t history_age_ms = 0;   // how long each of them is kept, by its event's time; 0 = no bound
  std::uint64_t history_idle_ms = 7 * 86'400'000;  // an appended topic without a message for so long is forgotten; 0 = never
  std::string settings = "{}";
};

struct RouteSettings {
  std::string path;   // "/api/v1/realtime/orders/{id}/stream"
  std::string topic;  // "orders/{id}"; empty = topics come from the query
};

// What becomes of a client for which more waits than its buffer takes, by kind of topic.
enum class SlowUpdated : std::uint8_t { kConflate, kDropOldest, kDropNewest, kDisconnect };
enum class SlowAppended : std::uint8_t { kDisconnect, kBlock };

struct TransportSettings {
  std::string id, type;
  bool expose_all = true;
  std::vector<std::string> expose;        // topic prefixes, when not all
  std::uint64_t buffer_bytes = 256 * 1024;  // buffer: what one client may have waiting
  std::uint32_t buffer_messages = 1024;
  SlowUpdated slow_updated = SlowUpdated::kConflate;      // slow_clients: updated: conflate | drop_oldest | drop_newest | disconnect
  SlowAppended slow_appended = SlowAppended::kDisconnect;  // slow_clients: appended: disconnect | block
  std::uint64_t heartbeat_ms = 15'000;
  std::uint64_t flush_window_ms = 0;        // flush_window: how long changes may wait for others to the same client; 0 = not at all
  std::uint64_t write_timeout_ms = 30'000;  // a client that takes nothing for so long is closed
  std::uint64_t max_age_ms = 0;             // 0 = a session may last for ever
  std::vector<RouteSettings> routes;        // routes: or path:, else the plugin's defaults; never empty
  std::string settings = "{}";
};

struct TokenSettings {
  std::string token;
  std::string claims;  // JSON object with sub and roles
};

struct AccessSettings {
  bool none = false;      // access: none
  bool insecure = false;  // allows `none` on other than loopback listeners
  std::vector<TokenSettings> tokens;
};

struct Config {
  std::filesystem::path file;
  ServerSettings server;
  LimitSettings limits;
  StoreSettings store;
  std::vector<std::filesystem::path> plugin_search;
  std::vector<SourceSettings> sources;        // enabled ones only, as are states and transports
  std::vector<StateSettings> states;
  std::vector<TransportSettings> transports;
  AccessSettings access;
  std::vector<Secret> secrets;                // what must not be logged
};

}  // namespace statecast::host

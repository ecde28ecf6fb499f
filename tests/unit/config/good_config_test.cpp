#include <nlohmann/json.hpp>

#include "config_fixture.hpp"
#include "host/config/install_paths.hpp"

namespace statecast::host {
namespace {

using Json = nlohmann::json;

TEST(GoodConfig, FillsInEveryDefault) {
  const Config config = config_of(kMinimal);
  EXPECT_EQ(config.file, "/etc/statecast/statecast.yaml");
  ASSERT_EQ(config.server.listen.size(), 1u);
  EXPECT_EQ(config.server.listen[0].address, "127.0.0.1");
  EXPECT_EQ(config.server.listen[0].port, 8080);
  ASSERT_EQ(config.server.admin.size(), 1u);
  EXPECT_EQ(config.server.admin[0].port, 9180);
  EXPECT_EQ(config.server.log_level, "info");
  EXPECT_EQ(config.server.log_format, "auto");
  EXPECT_EQ(config.plugin_search, std::vector<std::filesystem::path>{install_paths().plugins});
  EXPECT_TRUE(config.access.none);
  EXPECT_FALSE(config.access.insecure);
  ASSERT_EQ(config.states.size(), 1u);
  EXPECT_EQ(config.states[0].id, "orders");
  EXPECT_EQ(config.states[0].type, "order");
  EXPECT_EQ(config.states[0].sources, std::vector<std::string>{"events"});
  ASSERT_EQ(config.transports.size(), 1u);
  EXPECT_TRUE(config.transports[0].expose_all);
  ASSERT_EQ(config.transports[0].routes.size(), 2u);
  EXPECT_EQ(config.transports[0].routes[0].topic, "orders/{id}");
}

// The schemas repeat the defaults that settings.hpp promises.
TEST(GoodConfig, HasTheDefaultsOfTheSettings) {
  const Config config = config_of(kMinimal);
  EXPECT_EQ(config.server.drain_ms, ServerSettings{}.drain_ms);
  EXPECT_EQ(config.server.shards, ServerSettings{}.shards);
  EXPECT_EQ(config.server.page, ServerSettings{}.page);
  const LimitSettings limits;
  EXPECT_EQ(config.limits.connections, limits.connections);
  EXPECT_EQ(config.limits.per_ip, limits.per_ip);
  EXPECT_EQ(config.limits.topics_per_session, limits.topics_per_session);
  EXPECT_EQ(config.limits.header_bytes, limits.header_bytes);
  EXPECT_EQ(config.limits.body_bytes, limits.body_bytes);
  EXPECT_EQ(config.limits.header_timeout_ms, limits.header_timeout_ms);
  EXPECT_EQ(config.limits.body_timeout_ms, limits.body_timeout_ms);
  EXPECT_EQ(config.limits.idle_timeout_ms, limits.idle_timeout_ms);
  EXPECT_EQ(config.limits.buffers, limits.buffers);
  const StateSettings state;
  EXPECT_EQ(config.states[0].refresh_ms, state.refresh_ms);
  EXPECT_EQ(config.states[0].partitions, state.partitions);
  EXPECT_EQ(config.states[0].send_always, state.send_always);
  EXPECT_EQ(config.states[0].history, state.history);
  EXPECT_EQ(config.states[0].hang_after_ms, state.hang_after_ms);
  EXPECT_EQ(config.states[0].restart_on_hang, state.restart_on_hang);
  const TransportSettings transport;
  EXPECT_EQ(config.transports[0].buffer_bytes, transport.buffer_bytes);
  EXPECT_EQ(config.transports[0].buffer_messages, transport.buffer_messages);
  EXPECT_EQ(config.transports[0].slow_updated, transport.slow_updated);
  EXPECT_EQ(config.transports[0].slow_appended, transport.slow_appended);
  EXPECT_EQ(config.transports[0].heartbeat_ms, transport.heartbeat_ms);
  EXPECT_EQ(config.transports[0].flush_window_ms, transport.flush_window_ms);
  EXPECT_EQ(config.transports[0].write_timeout_ms, transport.write_timeout_ms);
  EXPECT_EQ(config.transports[0].max_age_ms, transport.max_age_ms);
}

TEST(GoodConfig, TakesEveryHostKey) {
  const Config config = config_of(R"(
version: 1
server:
  listen: ["0.0.0.0:80", "[::1]:0"]
  admin: off
  hosts: [orders.example, "*.example.org"]
  origins: https://shop.example
  publish: events
  page: false
  log: { level: debug, format: text }
  shards: 2
  drain: 1m
plugins:
  search: [/opt/plugins, more, ../up]
  require: { statecast: ">=0.1", log: ">=1.0.0" }
access: none
insecure: true
limits: { connections: 10, per_ip: 5, topics_per_session: 3, header: 4KiB, body: 64KB, header_timeout: 1s, body_timeout: 2s, idle_timeout: 3s, buffers: 1MiB }
sources: { events: { type: log, path: data/events.db } }
states:
  orders: { type: order, sources: [events], refresh: 250ms, send: always, history: 0, hang_after: 1s, on_hang: restart }
transports:
  sse:
    type: sse
    expose: [orders]
    buffer: 64KiB
    buffer_messages: 10
    slow_clients: { updated: drop_newest, appended: block }
    heartbeat: 1s
    flush_window: 20ms
    write_timeout: 5s
    max_age: 1h
    routes: [{ path: "/orders/{id}", topic: "orders/{id}" }, { path: /stream }]
  websocket: { type: websocket, path: /live }
)");
  ASSERT_EQ(config.server.listen.size(), 2u);
  EXPECT_EQ(config.server.listen[0].address, "0.0.0.0");
  EXPECT_EQ(config.server.listen[1].address, "::1");
  EXPECT_EQ(config.server.listen[1].port, 0);
  EXPECT_TRUE(config.server.admin.empty());
  EXPECT_EQ(config.server.hosts, (std::vector<std::string>{"orders.example", "*.example.org"}));
  EXPECT_EQ(config.server.origins, std::vector<std::string>{"https://shop.example"});
  EXPECT_EQ(config.server.publish, "events");
  EXPECT_FALSE(config.server.page);
  EXPECT_EQ(config.server.log_level, "debug");
  EXPECT_EQ(config.server.log_format, "text");
  EXPECT_EQ(config.server.shards, 2u);
  EXPECT_EQ(config.server.drain_ms, 60'000u);
  EXPECT_EQ(config.plugin_search,
            (std::vector<std::filesystem::path>{"/opt/plugins", "/etc/statecast/more", "/etc/up"}));
  EXPECT_TRUE(config.access.insecure);
  EXPECT_EQ(config.limits.connections, 10u);
  EXPECT_EQ(config.limits.per_ip, 5u);
  EXPECT_EQ(config.limits.topics_per_session, 3u);
  EXPECT_EQ(config.limits.header_bytes, 4096u);
  EXPECT_EQ(config.limits.body_bytes, 64'000u);
  EXPECT_EQ(config.limits.header_timeout_ms, 1000u);
  EXPECT_EQ(config.limits.body_timeout_ms, 2000u);
  EXPECT_EQ(config.limits.idle_timeout_ms, 3000u);
  EXPECT_EQ(config.limits.buffers, 1024u * 1024);
  EXPECT_EQ(config.states[0].refresh_ms, 250u);
  EXPECT_TRUE(config.states[0].send_always);
  EXPECT_EQ(config.states[0].history, 0u);
  EXPECT_EQ(config.states[0].hang_after_ms, 1'000u);
  EXPECT_TRUE(config.states[0].restart_on_hang);
  const TransportSettings& sse = config.transports[0];
  EXPECT_FALSE(sse.expose_all);
  EXPECT_EQ(sse.expose, std::vector<std::string>{"orders"});
  EXPECT_EQ(sse.buffer_bytes, 65'536u);
  EXPECT_EQ(sse.buffer_messages, 10u);
  EXPECT_EQ(sse.slow_updated, SlowUpdated::kDropNewest);
  EXPECT_EQ(sse.slow_appended, SlowAppended::kBlock);
  EXPECT_EQ(sse.heartbeat_ms, 1000u);
  EXPECT_EQ(sse.flush_window_ms, 20u);
  EXPECT_EQ(sse.write_timeout_ms, 5000u);
  EXPECT_EQ(sse.max_age_ms, 3'600'000u);
  ASSERT_EQ(sse.routes.size(), 2u);
  EXPECT_EQ(sse.routes[0].path, "/orders/{id}");
  EXPECT_EQ(sse.routes[0].topic, "orders/{id}");
  EXPECT_EQ(sse.routes[1].topic, "");
  ASSERT_EQ(config.transports[1].routes.size(), 1u);
  EXPECT_EQ(config.transports[1].routes[0].path, "/live");
}

TEST(GoodConfig, HandsPluginsTheirSettingsWithDefaultsUnitsAndAbsolutePaths) {
  const Config config =
      config_of(minimal_with(3, "sources: { events: { type: log, path: ../data/events.db, retention: { age: 2d } } }"));
  EXPECT_EQ(Json::parse(config.sources[0].settings),
            (Json{{"path", "/etc/data/events.db"}, {"retention", {{"age", 172'800'000}, {"size", 21'474'836'480}}}}));
}

TEST(GoodConfig, FillsInTheDefaultsOfAMapThatIsAbsent) {
  const Config config = config_of(kMinimal);
  EXPECT_EQ(Json::parse(config.sources[0].settings),
            (Json{{"path", "/tmp/events.db"}, {"retention", {{"age", 259'200'000}, {"size", 21'474'836'480}}}}));
  EXPECT_EQ(Json::parse(config.states[0].settings), (Json{{"keep", 86'400'000}, {"strict", false}}));
  EXPECT_EQ(Json::parse(config.transports[0].settings), Json::object());
}

TEST(GoodConfig, ReadsYaml12Scalars) {
  const Config config = config_of(minimal_with(4,
                                               "states: { orders: { type: order, sources: [events], strict: True, "
                                               "ratio: 1e-1, code: \"0x1F\", lifecycle: { NEW: [yes, no] } } }"));
  EXPECT_EQ(Json::parse(config.states[0].settings), (Json{{"keep", 86'400'000},
                                                          {"strict", true},
                                                          {"ratio", 0.1},
                                                          {"code", "0x1F"},
                                                          {"lifecycle", {{"NEW", {"yes", "no"}}}}}));
}

TEST(GoodConfig, DropsWhatIsDisabledEvenWithoutItsPlugin) {
  const Config config = config_of(minimal_and("") + "limits:\n");
  EXPECT_EQ(config.states.size(), 1u);
  const Config with_disabled =
      config_of(minimal_with(4,
                             "states: { runs: { type: delivery, sources: [events], enabled: false, anything: 5 }, "
                             "orders: { type: order, sources: [events] } }"));
  ASSERT_EQ(with_disabled.states.size(), 1u);
  EXPECT_EQ(with_disabled.states[0].id, "orders");
}

TEST(GoodConfig, PublishesToTheOnlySourceThatTakesEvents) {
  EXPECT_EQ(config_of(kMinimal).server.publish, "events");
  EXPECT_EQ(config_of(minimal_and("server: { publish: off }\n")).server.publish, "");
  const std::string two = "sources: { events: { type: log, path: /a }, more: { type: log, path: /b } }";
  EXPECT_EQ(config_of(minimal_with(3, two)).server.publish, "");
}

TEST(GoodConfig, ReadsTokensWithTheirClaims) {
  const Config config =
      config_of(minimal_with(2, "access: { tokens: { demo-staff: { sub: s-1, roles: [staff], region: eu } } }"));
  ASSERT_EQ(config.access.tokens.size(), 1u);
  EXPECT_FALSE(config.access.none);
  EXPECT_EQ(config.access.tokens[0].token, "demo-staff");
  EXPECT_EQ(Json::parse(config.access.tokens[0].claims),
            (Json{{"sub", "s-1"}, {"roles", {"staff"}}, {"region", "eu"}}));
}

TEST(GoodConfig, SaysWhereToLookForPluginsBeforeThereIsACatalog) {
  const auto search = [](const std::string& text) {
    return ConfigFile::from_text("/etc/statecast/statecast.yaml", text).plugin_search();
  };
  EXPECT_EQ(search("plugins: { search: [mine, /opt/plugins] }"),
            (std::vector<std::filesystem::path>{"/etc/statecast/mine", "/opt/plugins"}));
  EXPECT_EQ(search("version: 1"), std::vector<std::filesystem::path>{install_paths().plugins});
  EXPECT_EQ(search("plugins: { search: 5 }"), std::vector<std::filesystem::path>{install_paths().plugins});
  EXPECT_TRUE(search("a: [").empty());
}

}  // namespace
}  // namespace statecast::host

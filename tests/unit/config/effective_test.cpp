#include <cstdlib>

#include "config_folder.hpp"
#include "host/config/install_paths.hpp"

namespace statecast::host {
namespace {

class Effective : public ConfigFolder {
 protected:
  ~Effective() override { ::unsetenv("STATECAST_TEST_VALUE"); }

  std::string effective(const std::string& main) const {
    const ConfigFile file = open(main);
    const LoadResult loaded = file.check(catalog());
    EXPECT_TRUE(loaded.config) << format_text(loaded.diagnostics);
    return loaded.config ? replaced(file.effective(catalog()), folder().string() + "/", "") : "";
  }
};

// Without the comments, which name other places the second time.
std::string without_comments(const std::string& yaml) {
  std::string all;
  std::istringstream in(yaml);
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with('#')) all += line.substr(0, line.find("  #")) + "\n";
  return all;
}

TEST_F(Effective, HasEveryDefaultAndThePlaceOfWhatWasWritten) {
  EXPECT_EQ(effective(kMinimal), replaced(R"(# The configuration in effect, of statecast.yaml
version: 1  # statecast.yaml:1
server:
  listen: 127.0.0.1:8080
  admin: 127.0.0.1:9180
  hosts: []
  origins: []
  publish: events
  page: true
  log:
    level: info
    format: auto
  shards: 0
  drain: 10s
plugins:
  search: [PLUGINS]
store:
  path: ""
  every: 5s
sources:
  events:
    type: log  # statecast.yaml:3
    path: /tmp/events.db  # statecast.yaml:3
    retention:
      age: 3d
      size: 20GiB
    enabled: true
states:
  orders:
    type: order  # statecast.yaml:4
    sources: [events]  # statecast.yaml:4
    refresh: 5s
    partitions: 1
    send: on_change
    history: 1000
    history_age: 0ms
    history_idle: 7d
    hang_after: 10s
    on_hang: degrade
    keep: 1d
    strict: false
    enabled: true
transports:
  sse:
    type: sse  # statecast.yaml:5
    expose: all
    routes:
      - path: /api/v1/realtime/orders/{id}/stream
        topic: orders/{id}
      - path: /api/v1/stream
        topic: ""
    buffer: 256KiB
    buffer_messages: 1024
    slow_clients:
      updated: conflate
      appended: disconnect
    heartbeat: 15s
    flush_window: 0ms
    write_timeout: 30s
    max_age: 0ms
    enabled: true
access: none  # statecast.yaml:2
insecure: false
limits:
  connections: 50000
  per_ip: 0
  topics_per_session: 100
  header: 16KiB
  body: 1MiB
  header_timeout: 10s
  body_timeout: 30s
  idle_timeout: 1m
  history_memory: 256MiB
  history_topics: 200000
  buffers: 256MiB
)", "PLUGINS", install_paths().plugins.string()));
}

TEST_F(Effective, ReadsBackAsTheSame) {
  write("conf.d/a.yaml", "sources: { more: { type: log, path: data/more.db, retention: { age: 90m } } }\n");
  const std::string once = effective(
      minimal_and("include: [conf.d/*.yaml]\n"
                  "server: { listen: [\"[::1]:0\", \"0.0.0.0:0\"], admin: off, publish: off }\n"
                  "insecure: true\n"));
  const std::string again = effective(once);
  EXPECT_EQ(without_comments(again), without_comments(once));
  EXPECT_NE(once.find("age: 90m  # conf.d/a.yaml:1"), std::string::npos) << once;
  EXPECT_EQ(once.substr(0, once.find('\n')), "# The configuration in effect, of statecast.yaml with conf.d/a.yaml");
}

TEST_F(Effective, LeavesOutRoutesOfAPluginThatLeadToNoState) {
  std::vector<std::unique_ptr<Plugin>> all;
  all.push_back(state("order", {"orders"}));
  all.push_back(transport("sse", {{"/orders/{id}", "orders/{id}"}, {"/runs/{id}", "runs/{id}"}, {"/stream", ""}}));
  all.push_back(source("log", true, kLogSchema));
  const PluginCatalog few(std::move(all), {}, {"/opt/plugins"});
  const std::string once = open(kMinimal).effective(few);
  EXPECT_NE(once.find("- path: /orders/{id}\n"), std::string::npos) << once;
  EXPECT_NE(once.find("- path: /stream\n"), std::string::npos) << once;
  EXPECT_EQ(once.find("/runs/"), std::string::npos) << once;
  EXPECT_TRUE(open(once).check(few).config) << format_text(open(once).check(few).diagnostics);
}

TEST_F(Effective, KeepsTextThatLooksLikeSomethingElse) {
  const std::string text = effective(minimal_with(
      4, "states: { orders: { type: order, sources: [events], code: \"0x1F\", ratio: 0.5, lifecycle: { B: [\"1\"], A: [\"true\", x] } } }"));
  EXPECT_NE(text.find("    code: \"0x1F\"  # statecast.yaml:4\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    ratio: 0.5  # statecast.yaml:4\n"), std::string::npos) << text;
  EXPECT_NE(text.find("      B: [\"1\"]  # statecast.yaml:4\n      A: [\"true\", x]  # statecast.yaml:4\n"), std::string::npos) << text;
}

TEST_F(Effective, ShowsNoSecret) {
  ::setenv("STATECAST_TEST_VALUE", "hunter2", 1);
  const std::string text = effective(
      "version: 1\n"
      "access:\n"
      "  tokens:\n"
      "    demo-customer: { sub: c-1, roles: [customer] }\n"
      "    demo-staff: { sub: !env STATECAST_TEST_VALUE, roles: [staff] }\n"
      "sources: { events: { type: log, path: !env STATECAST_TEST_VALUE } }\n"
      "states: { orders: { type: order, sources: [events], code: !env STATECAST_TEST_VALUE } }\n"
      "transports: { sse: { type: sse } }\n");
  for (const char* secret : {"hunter2", "demo-customer", "demo-staff"}) EXPECT_EQ(text.find(secret), std::string::npos) << text;
  EXPECT_NE(text.find("    code: <redacted>  # statecast.yaml:7, !env STATECAST_TEST_VALUE\n"), std::string::npos) << text;
  EXPECT_NE(text.find(R"(access:
  tokens:
    - token: <redacted>  # statecast.yaml:4
      sub: c-1  # statecast.yaml:4
      roles: [customer]  # statecast.yaml:4
    - token: <redacted>  # statecast.yaml:5
      sub: <redacted>  # statecast.yaml:5, !env STATECAST_TEST_VALUE
      roles: [staff]  # statecast.yaml:5
)"), std::string::npos) << text;
}

TEST_F(Effective, ListsTokensThatWereListed) {
  const std::string text = effective(
      minimal_with(2, "access: { tokens: [ { token: demo-customer, sub: c-1, roles: [] } ] }"));
  EXPECT_NE(text.find("    - token: <redacted>  # statecast.yaml:2\n      sub: c-1  # statecast.yaml:2\n      roles: []  # statecast.yaml:2\n"),
            std::string::npos)
      << text;
}

TEST_F(Effective, KeepsWhatIsDisabledAndTheSinglePathOfATransport) {
  const std::string text = effective(
      minimal_with(5, "transports: { sse: { type: sse, path: /live }, far: { type: unknown, enabled: false, any: { thing: 1 } } }"));
  EXPECT_NE(text.find("    path: /live  # statecast.yaml:5\n    buffer: 256KiB\n"), std::string::npos) << text;
  EXPECT_NE(text.find("    enabled: false  # statecast.yaml:5\n    any:\n      thing: 1  # statecast.yaml:5\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace statecast::host

#include "config_fixture.hpp"

namespace statecast::host {
namespace {

// The file of the design's example, as far as its plugins go; its lines keep their numbers.
constexpr const char* kExample = R"(version: 1

server:
  listen: 127.0.0.1:8080
  admin: 127.0.0.1:9180
  publish: events
access:
  tokens: { demo-customer: { sub: c-1, roles: [customer] }, demo-staff: { sub: s-1, roles: [staff] } }





sources:
    events: { type: log, path: /var/lib/statecast/events.db, retention: { age: 72h, size: 20GiB } }

states:
    orders:    { type: order, sources: [events], refesh: 5s }
    runs:      { type: delivery, sources: [events] }
transports:
    sse:       { type: sse, heartbeat: 15s, expose: [orders, customers, runs, drivers], buffer: 256KiB }
)";

PluginCatalog catalog_of_the_example() {
  const std::string folder = "/usr/lib/x86_64-linux-gnu/statecast/plugins";
  std::vector<std::unique_ptr<Plugin>> all;
  all.push_back(state("order", {"orders", "customers"}));
  all.push_back(transport("sse", {{"/api/v1/stream", ""}}));
  all.push_back(transport("websocket", {{"/ws", ""}}));
  all.push_back(source("log", true, kLogSchema));
  for (auto& p : all) p->library = folder + "/" + p->id + ".so";
  return PluginCatalog(std::move(all), {}, {folder});
}

TEST(DiagnosticText, ShowsEveryErrorWithItsLineAndWhatToDo) {
  EXPECT_EQ(format_text(load(kExample, catalog_of_the_example()).diagnostics),
            R"(/etc/statecast/statecast.yaml:18:50: error[unknown-key]: states.orders: unknown key 'refesh'
   18 |     orders:    { type: order, sources: [events], refesh: 5s }
      |                                                  ^^^^^^ did you mean 'refresh'?
   = keys of order 1.0.0: sources, refresh, partitions, send, history, history_age, history_idle, hang_after, on_hang, type, enabled   (statecast explain state/order)

/etc/statecast/statecast.yaml:19:5: error[plugin-not-found]: states.runs: no plugin provides state 'delivery'
   searched: /usr/lib/x86_64-linux-gnu/statecast/plugins (4 plugins: order, sse, websocket, log)
   = fix: install the package that ships it, or set 'enabled: false'

2 errors. Nothing was started.
)");
}

TEST(DiagnosticText, CountsOneErrorAsOne) {
  EXPECT_EQ(format_text(load("a: b: c").diagnostics),
            R"(/etc/statecast/statecast.yaml:1:5: error[yaml]: illegal map value
   1 | a: b: c
     |     ^

1 error. Nothing was started.
)");
}

TEST(DiagnosticText, KeepsTabsSoThatTheCaretStandsUnderItsWord) {
  const std::string text = errors_of(minimal_and("limits: {\tper_ib: 1 }\n"));
  EXPECT_EQ(text,
            "/etc/statecast/statecast.yaml:6:11: error[unknown-key]: limits: unknown key 'per_ib'\n"
            "   6 | limits: {\tper_ib: 1 }\n"
            "     |          \t^^^^^^ did you mean 'per_ip'?\n"
            "   = keys of limits: connections, per_ip, topics_per_session, header, body, header_timeout, body_timeout, "
            "idle_timeout, history_memory, history_topics, buffers\n");
}

TEST(DiagnosticText, CountsColumnsInCharacters) {
  const auto diagnostics = load(minimal_and("limits: { \"pér_ip\": 1, per_ip: x }\n")).diagnostics;
  ASSERT_EQ(diagnostics.size(), 2u);
  EXPECT_EQ(diagnostics[0].column, 11);
  EXPECT_EQ(diagnostics[0].length, 8);
  EXPECT_EQ(diagnostics[1].column, 32);
}

TEST(DiagnosticText, ComesInTheOrderOfTheFile) {
  const auto diagnostics = load(R"(transports: { sse: { type: sse, buffer: 1 } }
states: { orders: { type: order, sources: [event] } }
sources: { events: { type: log } }
server: { listen: nowhere }
access: all
)")
                               .diagnostics;
  std::vector<std::string> codes;
  for (const Diagnostic& d : diagnostics) codes.push_back(std::to_string(d.line) + " " + d.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"0 missing-key", "1 missing-unit", "2 unknown-source", "3 missing-key",
                                             "4 address", "5 access"}));
}

TEST(DiagnosticJson, HasEveryMemberForEveryError) {
  EXPECT_EQ(format_json("a.yaml", load(minimal_with(1, "vrsion: 1")).diagnostics), R"({
  "file": "a.yaml",
  "ok": false,
  "diagnostics": [
    {
      "file": "/etc/statecast/statecast.yaml",
      "line": null,
      "column": null,
      "length": null,
      "severity": "error",
      "code": "missing-key",
      "path": "",
      "message": "the key 'version' is missing",
      "hint": null,
      "fix": "write 'version: 1' at the top",
      "notes": []
    },
    {
      "file": "/etc/statecast/statecast.yaml",
      "line": 1,
      "column": 1,
      "length": 6,
      "severity": "error",
      "code": "unknown-key",
      "path": "",
      "message": "unknown key 'vrsion'",
      "hint": "did you mean 'version'?",
      "fix": null,
      "notes": [
        "keys of the file: version, include, server, plugins, store, sources, states, transports, access, insecure, limits"
      ]
    }
  ]
}
)");
}

TEST(DiagnosticJson, SaysThatNothingIsWrong) {
  EXPECT_EQ(format_json("a.yaml", {}), "{\n  \"file\": \"a.yaml\",\n  \"ok\": true,\n  \"diagnostics\": []\n}\n");
}

}  // namespace
}  // namespace statecast::host

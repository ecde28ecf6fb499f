// A catalog as if loaded from /opt/plugins, and what a configuration text comes to with it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "host/config/load_config.hpp"
#include "host/config/secrets.hpp"

namespace statecast::host {

inline std::unique_ptr<Plugin> plugin(std::uint32_t kind, std::string id, std::string schema = "{}") {
  auto p = std::make_unique<Plugin>();
  p->kind = kind;
  p->id = std::move(id);
  p->version = "1.0.0";
  p->package = "statecast";
  p->package_version = "0.1.0";
  p->library = "/opt/plugins/" + p->id + ".so";
  p->manifest.settings_schema = std::move(schema);
  return p;
}

inline std::unique_ptr<Plugin> state(std::string id, std::vector<std::string> prefixes, std::string schema = "{}") {
  auto p = plugin(SC_KIND_STATE, std::move(id), std::move(schema));
  for (std::string& prefix : prefixes) p->manifest.topics.push_back({std::move(prefix), false, false, {"all"}});
  return p;
}

inline std::unique_ptr<Plugin> transport(std::string id, std::vector<Manifest::Route> routes,
                                         std::string schema = "{}") {
  auto p = plugin(SC_KIND_TRANSPORT, std::move(id), std::move(schema));
  p->manifest.routes = std::move(routes);
  return p;
}

inline std::unique_ptr<Plugin> source(std::string id, bool appends, std::string schema = "{}") {
  auto p = plugin(SC_KIND_SOURCE, std::move(id), std::move(schema));
  p->manifest.appends = appends;
  return p;
}

constexpr const char* kLogSchema = R"({
  "type": "object",
  "required": ["path"],
  "properties": {
    "path": {"type": "string", "format": "path"},
    "retention": {"properties": {
      "age": {"type": "integer", "format": "duration", "minimum": 1000, "default": 259200000},
      "size": {"type": "integer", "format": "size", "default": "20GiB"}
    }}
  }
})";

constexpr const char* kOrderSchema = R"({
  "type": "object",
  "properties": {
    "keep": {"type": "integer", "format": "duration", "default": 86400000},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "strict": {"type": "boolean", "default": false},
    "ratio": {"type": "number", "maximum": 1},
    "code": {"type": "string"},
    "lifecycle": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
  }
})";

inline PluginCatalog catalog(std::vector<Error> refused = {}) {
  std::vector<std::unique_ptr<Plugin>> all;
  all.push_back(state("order", {"orders", "customers"}, kOrderSchema));
  all.push_back(transport("sse", {{"/api/v1/realtime/orders/{id}/stream", "orders/{id}"}, {"/api/v1/stream", ""}}));
  all.push_back(
      transport("websocket", {{"/ws", ""}},
                R"({"properties": {"max_message": {"type": "integer", "format": "size", "default": 65536}}})"));
  all.push_back(source("log", true, kLogSchema));
  all.push_back(source("tail", false));
  return PluginCatalog(std::move(all), std::move(refused), {"/opt/plugins"});
}

inline LoadResult load(const std::string& yaml, const PluginCatalog& plugins = catalog()) {
  return ConfigFile::from_text("/etc/statecast/statecast.yaml", yaml).check(plugins);
}

// What an operator reads, without the count of errors; empty when nothing is wrong.
inline std::string errors_of(const std::string& yaml, const PluginCatalog& plugins = catalog()) {
  const LoadResult loaded = load(yaml, plugins);
  if (loaded.config) return {};
  const std::string text = format_text(loaded.diagnostics);
  return text.substr(0, text.rfind("\n\n") + 1);
}

// Five lines that are right; tests add to them.
constexpr const char* kMinimal =
    "version: 1\n"
    "access: none\n"
    "sources: { events: { type: log, path: /tmp/events.db } }\n"
    "states: { orders: { type: order, sources: [events] } }\n"
    "transports: { sse: { type: sse } }\n";

inline std::string minimal_and(const std::string& more) { return kMinimal + more; }

// The five lines with one of them replaced.
inline std::string minimal_with(int line, const std::string& text) {
  std::string all;
  std::istringstream in(kMinimal);
  int number = 0;
  for (std::string old; std::getline(in, old);) all += (++number == line ? text : old) + "\n";
  return all;
}

inline Config config_of(const std::string& yaml, const PluginCatalog& plugins = catalog()) {
  LoadResult loaded = load(yaml, plugins);
  EXPECT_TRUE(loaded.config) << format_text(loaded.diagnostics);
  return loaded.config.value_or(Config{});
}

}  // namespace statecast::host

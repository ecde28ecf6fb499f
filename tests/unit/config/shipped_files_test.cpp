#include "config_fixture.hpp"

namespace statecast::host {
namespace {

constexpr const char* kWindowSchema = R"({
  "properties": {
    "size": {"type": "integer", "format": "duration"},
    "allowed_lateness": {"type": "integer", "format": "duration"}
  }
})";

// The plugins that come with statecast, as far as the shipped files use them.
PluginCatalog shipped_plugins() {
  std::vector<std::unique_ptr<Plugin>> all;
  all.push_back(state("order", {"orders", "customers"}));
  all.push_back(state("delivery", {"runs", "drivers"}));
  all.push_back(state("merchant", {"merchants"}));
  all.push_back(state("window", {"windows"}, kWindowSchema));
  all.push_back(state("job", {"jobs", "nodes"}));
  all.push_back(transport("sse", {{"/api/v1/realtime/orders/{id}/stream", "orders/{id}"}}));
  all.push_back(transport("websocket", {{"/ws", ""}}));
  all.push_back(source("log", true, kLogSchema));
  all.push_back(source("simulator", false, R"({"properties": {"pace": {"type": "number"}}})"));
  all.back()->manifest.feeds = true;
  return PluginCatalog(std::move(all), {}, {"/opt/plugins"});
}

Config shipped(const std::string& name) {
  const ConfigFile file = ConfigFile::open(std::string(STATECAST_CONFIG_FOLDER) + "/" + name);
  LoadResult loaded = file.check(shipped_plugins());
  EXPECT_TRUE(loaded.config) << format_text(loaded.diagnostics);
  return loaded.config.value_or(Config{});
}

TEST(ShippedFiles, DefaultIsRight) {
  const Config config = shipped("statecast.yaml");
  EXPECT_EQ(config.server.publish, "events");
  ASSERT_EQ(config.sources.size(), 1u);
  EXPECT_NE(config.sources[0].settings.find("\"/var/lib/statecast/events.db\""), std::string::npos);
}

TEST(ShippedFiles, MinimalIsRight) { EXPECT_EQ(shipped("minimal.yaml").transports.size(), 1u); }

TEST(ShippedFiles, DemoIsRight) {
  const Config config = shipped("demo.yaml");
  EXPECT_EQ(config.access.tokens.size(), 4u);
  EXPECT_EQ(config.sources.size(), 2u);
  EXPECT_EQ(config.transports.size(), 2u);
  EXPECT_EQ(config.plugin_search.at(0).filename(), "plugins");
}

}  // namespace
}  // namespace statecast::host

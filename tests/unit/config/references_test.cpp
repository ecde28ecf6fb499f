#include "config_fixture.hpp"

namespace statecast::host {
namespace {

std::string with_shops_disabled(std::string yaml) {
  const std::string end = " } }\ntransports";
  return yaml.replace(yaml.find(end), 2, " }, shops: { type: merchant, sources: [events], enabled: false }");
}

PluginCatalog with_merchants() {
  std::vector<std::unique_ptr<Plugin>> all;
  all.push_back(state("order", {"orders"}));
  all.push_back(state("merchant", {"merchants"}));
  all.push_back(transport("sse", {{"/api/v1/stream", ""}}));
  all.push_back(source("log", true, kLogSchema));
  return PluginCatalog(std::move(all), {}, {"/opt/plugins"});
}

TEST(References, NameADeclaredSource) {
  EXPECT_EQ(
      errors_of(minimal_with(4, R"(states: { orders: { type: order, sources: [event] } })")),
      R"(/etc/statecast/statecast.yaml:4:44: error[unknown-source]: states.orders.sources[0]: there is no source 'event'
   4 | states: { orders: { type: order, sources: [event] } }
     |                                            ^^^^^ did you mean 'events'?
   = sources: events
)");
}

TEST(References, NameAnEnabledSource) {
  EXPECT_EQ(
      errors_of(minimal_with(3, R"(sources: { events: { type: log, path: /tmp/events.db, enabled: false } })")),
      R"(/etc/statecast/statecast.yaml:4:44: error[disabled-source]: states.orders.sources[0]: the source 'events' is disabled
   4 | states: { orders: { type: order, sources: [events] } }
     |                                            ^^^^^^
   declared: /etc/statecast/statecast.yaml:3:12
   = fix: remove its 'enabled: false', or name another source
)");
}

TEST(References, NameASourceOnce) {
  EXPECT_EQ(
      errors_of(minimal_with(4, R"(states: { orders: { type: order, sources: [events, events] } })")),
      R"(/etc/statecast/statecast.yaml:4:52: error[unknown-source]: states.orders.sources[1]: the source 'events' is named twice
   4 | states: { orders: { type: order, sources: [events, events] } }
     |                                                    ^^^^^^
)");
}

TEST(References, NameASourceAtLeast) {
  EXPECT_EQ(
      errors_of(minimal_with(4, R"(states: { orders: { type: order, sources: [] } })")),
      R"(/etc/statecast/statecast.yaml:4:34: error[unknown-source]: states.orders.sources: there must be a source to read
   4 | states: { orders: { type: order, sources: [] } }
     |                                  ^^^^^^^ write [id of a source]
)");
}

TEST(References, PublishToADeclaredSource) {
  EXPECT_EQ(errors_of(minimal_and(R"(server: { publish: evnts }
)")),
            R"(/etc/statecast/statecast.yaml:6:20: error[unknown-source]: server.publish: there is no source 'evnts'
   6 | server: { publish: evnts }
     |                    ^^^^^ did you mean 'events'?
   = sources: events
)");
}

TEST(References, PublishToASourceThatTakesEvents) {
  EXPECT_EQ(
      errors_of(minimal_with(3, "sources: { events: { type: tail } }\nserver: { publish: events }")),
      R"(/etc/statecast/statecast.yaml:4:20: error[publish]: server.publish: the source 'events' takes no events: its plugin 'tail' only reads
   4 | server: { publish: events }
     |                    ^^^^^^
   = fix: name a source of another type, or write 'publish: off'
)");
}

TEST(References, ExposeOfferedTopics) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, expose: [orders, custmers] } })")),
      R"(/etc/statecast/statecast.yaml:5:50: error[unknown-prefix]: transports.sse.expose[1]: no enabled state offers the topics 'custmers/...'
   5 | transports: { sse: { type: sse, expose: [orders, custmers] } }
     |                                                  ^^^^^^^^ did you mean 'customers'?
   = prefixes: orders, customers
)");
}

TEST(References, ExposeAListOrAll) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, expose: orders } })")),
      R"(/etc/statecast/statecast.yaml:5:41: error[wrong-type]: transports.sse.expose: expected 'all' or a list of topic prefixes, found the text 'orders'
   5 | transports: { sse: { type: sse, expose: orders } }
     |                                         ^^^^^^ write [orders]
)");
}

TEST(References, ExposeSomething) {
  EXPECT_EQ(errors_of(minimal_with(5, R"(transports: { sse: { type: sse, expose: [] } })")),
            R"(/etc/statecast/statecast.yaml:5:41: error[unknown-prefix]: transports.sse.expose: exposes nothing
   5 | transports: { sse: { type: sse, expose: [] } }
     |                                         ^ write all, or a list of topic prefixes
)");
}

TEST(References, ExposeTopicsOfEnabledStates) {
  EXPECT_EQ(
      errors_of(with_shops_disabled(minimal_with(5, R"(transports: { sse: { type: sse, expose: [merchants] } })")),
                with_merchants()),
      R"(/etc/statecast/statecast.yaml:5:42: error[unknown-prefix]: transports.sse.expose[0]: no enabled state offers the topics 'merchants/...'
   5 | transports: { sse: { type: sse, expose: [merchants] } }
     |                                          ^^^^^^^^^
   = prefixes: orders
   states.shops does, and is disabled
)");
}

PluginCatalog with_simulator() {
  std::vector<std::unique_ptr<Plugin>> all;
  all.push_back(state("order", {"orders"}));
  all.push_back(transport("sse", {{"/api/v1/stream", ""}}));
  all.push_back(source("log", true, kLogSchema));
  all.push_back(source("tail", false));
  all.push_back(source("simulator", false));
  all.back()->manifest.feeds = true;
  return PluginCatalog(std::move(all), {}, {"/opt/plugins"});
}

std::string with_sources(const std::string& more, const std::string& read = "events") {
  return "version: 1\naccess: none\nsources:\n  events: { type: log, path: /tmp/events.db }\n" + more +
         "\nstates: { orders: { type: order, sources: [" + read + "] } }\ntransports: { sse: { type: sse } }\n";
}

TEST(References, FeedASourceThatKeepsEvents) {
  const Config config = config_of(with_sources("  demo: { type: simulator, into: events }"), with_simulator());
  ASSERT_EQ(config.sources.size(), 2u);
  EXPECT_EQ(config.sources[0].into, "");
  EXPECT_EQ(config.sources[1].into, "events");
}

TEST(References, AreNeededByASourceWhoseEventsAreNotKept) {
  EXPECT_EQ(errors_of(with_sources("  demo: { type: simulator }"), with_simulator()),
            R"(/etc/statecast/statecast.yaml:5:3: error[into]: sources.demo: the events of simulator 1.0.0 are not kept: it must feed a source that keeps them
   5 |   demo: { type: simulator }
     |   ^^^^
   = fix: add 'into: <id of the log>'
)");
}

TEST(References, FeedADeclaredSource) {
  EXPECT_EQ(errors_of(with_sources("  demo: { type: simulator, into: evnts }"), with_simulator()),
            R"(/etc/statecast/statecast.yaml:5:34: error[unknown-source]: sources.demo.into: there is no source 'evnts'
   5 |   demo: { type: simulator, into: evnts }
     |                                  ^^^^^ did you mean 'events'?
   = sources: events, demo
)");
}

TEST(References, FeedASourceThatTakesEvents) {
  EXPECT_EQ(errors_of(with_sources("  demo: { type: simulator, into: other }\n  other: { type: tail }"), with_simulator()),
            R"(/etc/statecast/statecast.yaml:5:34: error[into]: sources.demo.into: the source 'other' takes no events: its plugin 'tail' only reads
   5 |   demo: { type: simulator, into: other }
     |                                  ^^^^^
   = fix: name a source of another type, such as a log
)");
}

TEST(References, FeedNothingFromASourceThatKeepsEvents) {
  EXPECT_EQ(errors_of(with_sources("  other: { type: tail, into: events }"), with_simulator()),
            R"(/etc/statecast/statecast.yaml:5:24: error[unknown-key]: sources.other: unknown key 'into'
   5 |   other: { type: tail, into: events }
     |                        ^^^^
   = keys of tail 1.0.0: type, enabled   (statecast explain source/tail)
)");
}

TEST(References, NameNoSourceWhoseEventsAreNotKept) {
  EXPECT_EQ(errors_of(with_sources("  demo: { type: simulator, into: events }", "demo"), with_simulator()),
            R"(/etc/statecast/statecast.yaml:6:44: error[not-kept]: states.orders.sources[0]: the events of source 'demo' are not kept
   6 | states: { orders: { type: order, sources: [demo] } }
     |                                            ^^^^
   = fix: name the source that it feeds, 'events'
)");
}

}  // namespace
}  // namespace statecast::host

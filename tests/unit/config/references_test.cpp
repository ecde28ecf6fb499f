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

}  // namespace
}  // namespace statecast::host

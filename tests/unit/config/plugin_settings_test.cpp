#include "config_fixture.hpp"

namespace statecast::host {
namespace {

PluginCatalog with_state_schema(std::string schema) {
  std::vector<std::unique_ptr<Plugin>> all;
  all.push_back(state("order", {"orders"}, std::move(schema)));
  all.push_back(transport("sse", {{"/api/v1/stream", ""}}));
  all.push_back(source("log", true, kLogSchema));
  return PluginCatalog(std::move(all), {}, {"/opt/plugins"});
}

TEST(PluginSettings, RequireWhatTheSchemaRequires) {
  EXPECT_EQ(errors_of(minimal_with(3, R"(sources: { events: { type: log } })")),
            R"(/etc/statecast/statecast.yaml:3:12: error[missing-key]: sources.events: the key 'path' is missing
   3 | sources: { events: { type: log } }
     |            ^^^^^^
)");
}

TEST(PluginSettings, ListTheKeysOfAnInnerMap) {
  EXPECT_EQ(errors_of(minimal_with(3, R"(sources: { events: { type: log, path: /x, retention: { agee: 1h } } })")),
            R"(/etc/statecast/statecast.yaml:3:56: error[unknown-key]: sources.events.retention: unknown key 'agee'
   3 | sources: { events: { type: log, path: /x, retention: { agee: 1h } } }
     |                                                        ^^^^ did you mean 'age'?
   = keys of sources.events.retention: age, size
)");
}

TEST(PluginSettings, NeedUnitsToo) {
  EXPECT_EQ(
      errors_of(minimal_with(3, R"(sources: { events: { type: log, path: /x, retention: { age: 72 } } })")),
      R"(/etc/statecast/statecast.yaml:3:61: error[missing-unit]: sources.events.retention.age: the duration '72' has no unit
   3 | sources: { events: { type: log, path: /x, retention: { age: 72 } } }
     |                                                             ^^ write 72s, for instance
   = units: ms, s, m, h, d
)");
}

TEST(PluginSettings, ShowLimitsInUnits) {
  EXPECT_EQ(
      errors_of(minimal_with(3, R"(sources: { events: { type: log, path: /x, retention: { age: 10ms } } })")),
      R"(/etc/statecast/statecast.yaml:3:61: error[out-of-range]: sources.events.retention.age: 10ms is too little: at least 1s
   3 | sources: { events: { type: log, path: /x, retention: { age: 10ms } } }
     |                                                             ^^^^
)");
}

TEST(PluginSettings, HaveTypes) {
  EXPECT_EQ(
      errors_of(minimal_with(3, R"(sources: { events: { type: log, path: 5 } })")),
      R"(/etc/statecast/statecast.yaml:3:39: error[wrong-type]: sources.events.path: expected text, found the number 5
   3 | sources: { events: { type: log, path: 5 } }
     |                                       ^ write "5", in quotes
)");
}

TEST(PluginSettings, SuggestAListWhereOneIsMeant) {
  EXPECT_EQ(
      errors_of(minimal_with(4, R"(states: { orders: { type: order, sources: events } })")),
      R"(/etc/statecast/statecast.yaml:4:43: error[wrong-type]: states.orders.sources: expected a list, found the text 'events'
   4 | states: { orders: { type: order, sources: events } }
     |                                           ^^^^^^ write [events]
)");
}

TEST(PluginSettings, AreHeldToTheRestOfTheSchema) {
  EXPECT_EQ(
      errors_of(minimal_with(4, R"(states: { orders: { type: order, sources: [events], currency: euro } })")),
      R"(/etc/statecast/statecast.yaml:4:63: error[not-allowed]: states.orders.currency: order 1.0.0 refuses this: failed to match regex specified by 'pattern' constraint
   4 | states: { orders: { type: order, sources: [events], currency: euro } }
     |                                                               ^^^^
   = fix: see 'statecast explain state/order' for what it takes
)");
}

TEST(PluginSettings, PointIntoListsOfMaps) {
  EXPECT_EQ(
      errors_of(
          minimal_with(4, R"(states: { orders: { type: order, sources: [events], lifecycle: { NEW: [A, 5] } } })")),
      R"(/etc/statecast/statecast.yaml:4:75: error[wrong-type]: states.orders.lifecycle.NEW[1]: expected text, found the number 5
   4 | states: { orders: { type: order, sources: [events], lifecycle: { NEW: [A, 5] } } }
     |                                                                           ^ write "5", in quotes
)");
}

TEST(PluginSettings, SayThatTheSchemaCantBeUsed) {
  EXPECT_EQ(
      errors_of(std::string(kMinimal), with_state_schema(R"({"properties": {"x": {"type": 5}}})")),
      R"(/etc/statecast/statecast.yaml:4:27: error[plugin-schema]: states.orders.type: the settings schema of this plugin can't be used: JSON value is not a string.
   4 | states: { orders: { type: order, sources: [events] } }
     |                           ^^^^^
   = fix: ask whoever ships /opt/plugins/order.so
)");
}

}  // namespace
}  // namespace statecast::host

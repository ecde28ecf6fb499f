#include "config_fixture.hpp"

namespace statecast::host {
namespace {

TEST(Instances, AreAMap) {
  EXPECT_EQ(errors_of(minimal_with(4, R"(states: [orders])")),
            R"(/etc/statecast/statecast.yaml:4:9: error[wrong-type]: states: expected a map of ids
   4 | states: [orders]
     |         ^
)");
}

TEST(Instances, HaveIds) {
  EXPECT_EQ(errors_of(minimal_with(4, R"(states: { Orders: { type: order, sources: [events] } })")),
            R"(/etc/statecast/statecast.yaml:4:11: error[id]: states.Orders: 'Orders' is no id
   4 | states: { Orders: { type: order, sources: [events] } }
     |           ^^^^^^
   = fix: use a-z, 0-9, '_' and '-', begin with a letter, and at most 63 characters
)");
}

TEST(Instances, NameAType) {
  EXPECT_EQ(errors_of(minimal_with(4, R"(states: { orders: { sources: [events] } })")),
            R"(/etc/statecast/statecast.yaml:4:11: error[missing-key]: states.orders: the key 'type' is missing
   4 | states: { orders: { sources: [events] } }
     |           ^^^^^^
)");
}

TEST(Instances, AreMapsThemselves) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: sse })")),
      R"(/etc/statecast/statecast.yaml:5:20: error[wrong-type]: transports.sse: expected a map, found the text 'sse'
   5 | transports: { sse: sse }
     |                    ^^^
)");
}

TEST(Instances, NameAnInstalledPlugin) {
  EXPECT_EQ(
      errors_of(minimal_with(
          4, R"(states: { orders: { type: order, sources: [events] }, runs: { type: delivery, sources: [events] } })")),
      R"(/etc/statecast/statecast.yaml:4:55: error[plugin-not-found]: states.runs: no plugin provides state 'delivery'
   searched: /opt/plugins (5 plugins: order, sse, websocket, log, tail)
   = fix: install the package that ships it, or set 'enabled: false'
)");
}

TEST(Instances, SuggestThePluginThatWasMeant) {
  EXPECT_EQ(
      errors_of(minimal_with(4, R"(states: { orders: { type: ordr, sources: [events] } })")),
      R"(/etc/statecast/statecast.yaml:4:27: error[plugin-not-found]: states.orders: no plugin provides state 'ordr'
   4 | states: { orders: { type: ordr, sources: [events] } }
     |                           ^^^^ did you mean 'order'?
   searched: /opt/plugins (5 plugins: order, sse, websocket, log, tail)
   = fix: install the package that ships it, or set 'enabled: false'
)");
}

TEST(Instances, SayThatThePluginIsOfAnotherKind) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: order } })")),
      R"(/etc/statecast/statecast.yaml:5:15: error[plugin-not-found]: transports.sse: no plugin provides transport 'order'
   searched: /opt/plugins (5 plugins: order, sse, websocket, log, tail)
   'order' is a state
   = fix: install the package that ships it, or set 'enabled: false'
)");
}

TEST(Instances, MentionRefusedLibraries) {
  EXPECT_EQ(
      errors_of(minimal_with(4, R"(states: { runs: { type: delivery, sources: [events] } })"),
                catalog({{"/opt/plugins/delivery.so: built for ABI 2, this host has 1", "upgrade statecast"}})),
      R"(/etc/statecast/statecast.yaml:4:11: error[plugin-not-found]: states.runs: no plugin provides state 'delivery'
   searched: /opt/plugins (5 plugins: order, sse, websocket, log, tail)
   refused, and may be the one: /opt/plugins/delivery.so: built for ABI 2, this host has 1: upgrade statecast
   = fix: install the package that ships it, or set 'enabled: false'
)");
}

TEST(Instances, SayThatNowhereWasSearched) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: gopher } })"), PluginCatalog()),
      R"(/etc/statecast/statecast.yaml:3:12: error[plugin-not-found]: sources.events: no plugin provides source 'log'
   searched: no folder
   = fix: install the package that ships it, or set 'enabled: false'

/etc/statecast/statecast.yaml:4:11: error[plugin-not-found]: states.orders: no plugin provides state 'order'
   searched: no folder
   = fix: install the package that ships it, or set 'enabled: false'

/etc/statecast/statecast.yaml:5:15: error[plugin-not-found]: transports.sse: no plugin provides transport 'gopher'
   searched: no folder
   = fix: install the package that ships it, or set 'enabled: false'
)");
}

TEST(Instances, AreCheckedThoughDisabled) {
  EXPECT_EQ(
      errors_of(minimal_with(
          4,
          R"(states: { orders: { type: order, sources: [events] }, old: { type: order, sources: [events], enabled: false, refesh: 5s } })")),
      R"(/etc/statecast/statecast.yaml:4:110: error[unknown-key]: states.old: unknown key 'refesh'
   4 | states: { orders: { type: order, sources: [events] }, old: { type: order, sources: [events], enabled: false, refesh: 5s } }
     |                                                                                                              ^^^^^^ did you mean 'refresh'?
   = keys of order 1.0.0: sources, refresh, partitions, send, history, history_age, history_idle, hang_after, on_hang, keep, currency, strict, ratio, code, lifecycle, type, enabled   (statecast explain state/order)
)");
}

TEST(Instances, AreCheckedByTheHostThoughDisabledAndMissing) {
  EXPECT_EQ(
      errors_of(minimal_with(
          4,
          R"(states: { orders: { type: order, sources: [events] }, old: { type: gone, sources: [events], enabled: false, refresh: 5 } })")),
      R"(/etc/statecast/statecast.yaml:4:118: error[missing-unit]: states.old.refresh: the duration '5' has no unit
   4 | states: { orders: { type: order, sources: [events] }, old: { type: gone, sources: [events], enabled: false, refresh: 5 } }
     |                                                                                                                      ^ write 5s, for instance
   = units: ms, s, m, h, d
)");
}

TEST(Instances, TakeNoKeyOfAnotherKind) {
  EXPECT_EQ(errors_of(minimal_with(3, R"(sources: { events: { type: log, path: /tmp/events.db, into: other } })")),
            R"(/etc/statecast/statecast.yaml:3:55: error[unknown-key]: sources.events: unknown key 'into'
   3 | sources: { events: { type: log, path: /tmp/events.db, into: other } }
     |                                                       ^^^^
   = keys of log 1.0.0: path, retention, type, enabled   (statecast explain source/log)
)");
}

TEST(Instances, RefuseMoreThan64Partitions) {
  EXPECT_EQ(
      errors_of(minimal_with(4, R"(states: { orders: { type: order, sources: [events], partitions: 65 } })")),
      R"(/etc/statecast/statecast.yaml:4:65: error[out-of-range]: states.orders.partitions: 65 is too much: at most 64
   4 | states: { orders: { type: order, sources: [events], partitions: 65 } }
     |                                                                 ^^
)");
}

TEST(Instances, RefusePartitionsOfAStateThatCantBeSplit) {
  EXPECT_EQ(
      errors_of(minimal_with(4, R"(states: { orders: { type: order, sources: [events], partitions: 2 } })")),
      R"(/etc/statecast/statecast.yaml:4:65: error[not-partitionable]: states.orders.partitions: order 1.0.0 can't be split into partitions
   4 | states: { orders: { type: order, sources: [events], partitions: 2 } }
     |                                                                 ^
   = fix: write 'partitions: 1', or leave it out
)");
}

TEST(Instances, IncludeAState) {
  EXPECT_EQ(errors_of(minimal_with(4, R"(states: {})")),
            R"(/etc/statecast/statecast.yaml:4:1: error[nothing-to-serve]: states: no state is enabled
   4 | states: {}
     | ^^^^^^
   = fix: declare one under 'states', such as 'orders: { type: order, sources: [events] }'
)");
}

TEST(Instances, IncludeATransport) {
  EXPECT_EQ(errors_of(minimal_with(5, R"(transports: { sse: { type: sse, enabled: false } })")),
            R"(/etc/statecast/statecast.yaml:5:1: error[nothing-to-serve]: transports: no transport is enabled
   5 | transports: { sse: { type: sse, enabled: false } }
     | ^^^^^^^^^^
   = fix: declare one under 'transports', such as 'sse: { type: sse }'
)");
}

TEST(Instances, OfferEachTopicOnce) {
  EXPECT_EQ(
      errors_of(minimal_with(
          4, R"(states: { orders: { type: order, sources: [events] }, again: { type: order, sources: [events] } })")),
      R"(/etc/statecast/statecast.yaml:4:55: error[duplicate-prefix]: states.again: offers the topics 'orders/...', as states.orders does
   4 | states: { orders: { type: order, sources: [events] }, again: { type: order, sources: [events] } }
     |                                                       ^^^^^
   first: /etc/statecast/statecast.yaml:4:11
   = fix: set 'enabled: false' on one of them

/etc/statecast/statecast.yaml:4:55: error[duplicate-prefix]: states.again: offers the topics 'customers/...', as states.orders does
   4 | states: { orders: { type: order, sources: [events] }, again: { type: order, sources: [events] } }
     |                                                       ^^^^^
   first: /etc/statecast/statecast.yaml:4:11
   = fix: set 'enabled: false' on one of them
)");
}

}  // namespace
}  // namespace statecast::host

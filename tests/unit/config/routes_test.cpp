#include "config_fixture.hpp"

namespace statecast::host {
namespace {

PluginCatalog without_routes() {
  std::vector<std::unique_ptr<Plugin>> all;
  all.push_back(state("order", {"orders"}));
  all.push_back(transport("sse", {}));
  all.push_back(source("log", true, kLogSchema));
  return PluginCatalog(std::move(all), {}, {"/opt/plugins"});
}

TEST(Routes, BeginWithASlash) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, path: stream } })")),
      R"(/etc/statecast/statecast.yaml:5:39: error[route]: transports.sse.path: the path 'stream' must begin with '/' and name something
   5 | transports: { sse: { type: sse, path: stream } }
     |                                       ^^^^^^
)");
}

TEST(Routes, HaveWholePlaceholders) {
  EXPECT_EQ(
      errors_of(minimal_with(
          5, R"(transports: { sse: { type: sse, routes: [{ path: "/orders/o-{id}", topic: "orders/{id}" }] } })")),
      R"(/etc/statecast/statecast.yaml:5:50: error[route]: transports.sse.routes[0].path: the path '/orders/o-{id}' has a part 'o-{id}' that is neither plain text nor a placeholder such as {id}
   5 | transports: { sse: { type: sse, routes: [{ path: "/orders/o-{id}", topic: "orders/{id}" }] } }
     |                                                  ^^^^^^^^^^^^^^^^
)");
}

TEST(Routes, NameEachPlaceholderOnce) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, routes: [{ path: "/a/{id}/{id}" }] } })")),
      R"(/etc/statecast/statecast.yaml:5:50: error[route]: transports.sse.routes[0].path: the path names {id} twice
   5 | transports: { sse: { type: sse, routes: [{ path: "/a/{id}/{id}" }] } }
     |                                                  ^^^^^^^^^^^^^^
)");
}

TEST(Routes, FillTheTopicFromThePath) {
  EXPECT_EQ(
      errors_of(minimal_with(
          5, R"(transports: { sse: { type: sse, routes: [{ path: "/orders/{order}", topic: "orders/{id}" }] } })")),
      R"(/etc/statecast/statecast.yaml:5:50: error[route]: transports.sse.routes[0].path: the topic's {id} does not occur in the path
   5 | transports: { sse: { type: sse, routes: [{ path: "/orders/{order}", topic: "orders/{id}" }] } }
     |                                                  ^^^^^^^^^^^^^^^^^
)");
}

TEST(Routes, LeadToTopics) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, routes: [{ path: /orders, topic: orders }] } })")),
      R"(/etc/statecast/statecast.yaml:5:50: error[route]: transports.sse.routes[0].path: the topic 'orders' is not of the form prefix/name, such as orders/{id}
   5 | transports: { sse: { type: sse, routes: [{ path: /orders, topic: orders }] } }
     |                                                  ^^^^^^^
)");
}

TEST(Routes, LeadToOfferedTopics) {
  EXPECT_EQ(
      errors_of(
          minimal_with(5, R"(transports: { sse: { type: sse, routes: [{ path: "/o/{id}", topic: "order/{id}" }] } })")),
      R"(/etc/statecast/statecast.yaml:5:68: error[unknown-prefix]: transports.sse.routes[0].topic: no enabled state offers the topics 'order/...'
   5 | transports: { sse: { type: sse, routes: [{ path: "/o/{id}", topic: "order/{id}" }] } }
     |                                                                    ^^^^^^^^^^^^ did you mean 'orders'?
   = prefixes: orders, customers
)");
}

TEST(Routes, NeedAPath) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, routes: [{ topic: "orders/{id}" }] } })")),
      R"(/etc/statecast/statecast.yaml:5:42: error[missing-key]: transports.sse.routes[0]: the key 'path' is missing
   5 | transports: { sse: { type: sse, routes: [{ topic: "orders/{id}" }] } }
     |                                          ^
)");
}

TEST(Routes, LeaveTheHostItsTopics) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, path: /api/v1/topics/all } })")),
      R"(/etc/statecast/statecast.yaml:5:39: error[route]: transports.sse.path: the path '/api/v1/topics/all' is taken by the host's own /api/v1/topics/
   5 | transports: { sse: { type: sse, path: /api/v1/topics/all } }
     |                                       ^^^^^^^^^^^^^^^^^^
)");
}

TEST(Routes, LeaveTheHostItsOwnPaths) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, path: "/api/v1/{what}" } })")),
      R"(/etc/statecast/statecast.yaml:5:39: error[route]: transports.sse.path: the path '/api/v1/{what}' is taken by the host's own /api/v1/events
   5 | transports: { sse: { type: sse, path: "/api/v1/{what}" } }
     |                                       ^^^^^^^^^^^^^^^^
)");
}

TEST(Routes, DontOverlapBetweenTransports) {
  EXPECT_EQ(
      errors_of(minimal_with(
          5, R"(transports: { sse: { type: sse }, other: { type: sse, path: "/api/v1/{any}/orders/{id}/stream" } })")),
      R"(/etc/statecast/statecast.yaml:5:61: error[route-overlap]: transports.other.path: the path '/api/v1/{any}/orders/{id}/stream' also belongs to transports.sse
   5 | transports: { sse: { type: sse }, other: { type: sse, path: "/api/v1/{any}/orders/{id}/stream" } }
     |                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   first: /etc/statecast/statecast.yaml:5:15: /api/v1/realtime/orders/{id}/stream
   = fix: give one of them another path
)");
}

TEST(Routes, DontOverlapWithinATransport) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, routes: [{ path: "/a/{x}" }, { path: /a/b }] } })")),
      R"(/etc/statecast/statecast.yaml:5:70: error[route-overlap]: transports.sse.routes[1].path: the path '/a/b' also belongs to another of its routes
   5 | transports: { sse: { type: sse, routes: [{ path: "/a/{x}" }, { path: /a/b }] } }
     |                                                                      ^^^^
   first: /etc/statecast/statecast.yaml:5:44: /a/{x}
   = fix: give one of them another path
)");
}

TEST(Routes, AreAPathOrAList) {
  EXPECT_EQ(
      errors_of(minimal_with(5, R"(transports: { sse: { type: sse, path: /a, routes: [{ path: /b }] } })")),
      R"(/etc/statecast/statecast.yaml:5:33: error[route]: transports.sse.path: 'path' and 'routes' exclude each other
   5 | transports: { sse: { type: sse, path: /a, routes: [{ path: /b }] } }
     |                                 ^^^^
   = fix: write the path as one of the routes
)");
}

TEST(Routes, AreNeededWhereThePluginHasNone) {
  EXPECT_EQ(errors_of(std::string(kMinimal), without_routes()),
            R"(/etc/statecast/statecast.yaml:5:15: error[route]: transports.sse: sse has no route of its own
   5 | transports: { sse: { type: sse } }
     |               ^^^
   = fix: write 'path: /...' or 'routes:'
)");
}

}  // namespace
}  // namespace statecast::host

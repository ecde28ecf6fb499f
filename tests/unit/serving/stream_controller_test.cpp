#include "host/serving/stream_controller.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

using Topics = std::vector<std::string>;

Config config() {
  TransportSettings sse;
  sse.routes = {{"/api/v1/realtime/orders/{id}/stream", "orders/{id}"},
                {"/api/v1/jobs/{job}/nodes/{node}", "nodes/{job}.{node}"},
                {"/api/v1/stream", ""},
                {"/everything", "orders/all"}};
  TransportSettings websocket;
  websocket.routes = {{"/ws", ""}, {"/", ""}};
  Config config;
  config.transports = {sse, websocket};
  return config;
}

std::optional<StreamController::Resolved> resolve(std::string path, std::string query = {}, std::string last_event_id = {}) {
  static const StreamController controller(config());
  HttpRequest request;
  request.path = std::move(path);
  request.query = std::move(query);
  if (!last_event_id.empty()) request.headers.emplace_back("last-event-id", last_event_id);
  return controller.resolve(request);
}

TEST(StreamController, FillsTheTopicFromThePath) {
  const auto plan = resolve("/api/v1/realtime/orders/o-17/stream");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->transport, 0);
  EXPECT_EQ(plan->topics, Topics{"orders/o-17"});
  EXPECT_EQ(plan->cursor, "");
  EXPECT_EQ(resolve("/api/v1/jobs/j1/nodes/n2")->topics, Topics{"nodes/j1.n2"});
  EXPECT_EQ(resolve("/everything")->topics, Topics{"orders/all"});
}

TEST(StreamController, TakesTopicsFromTheQueryWhereTheRouteNamesNone) {
  EXPECT_EQ(resolve("/api/v1/stream", "topic=orders/o-1&topic=runs%2Fr-3")->topics, (Topics{"orders/o-1", "runs/r-3"}));
  EXPECT_EQ(resolve("/api/v1/stream")->topics, Topics{});
  EXPECT_EQ(resolve("/ws", "topic=orders/o-1")->transport, 1);
}

TEST(StreamController, IgnoresTopicsOfTheQueryWhereTheRouteNamesOne) {
  EXPECT_EQ(resolve("/api/v1/realtime/orders/o-1/stream", "topic=orders/o-2")->topics, Topics{"orders/o-1"});
}

TEST(StreamController, PrefersTheHeadersCursorToTheQuerys) {
  EXPECT_EQ(resolve("/ws", "last_event_id=old", "new")->cursor, "new");
  EXPECT_EQ(resolve("/ws", "last_event_id=old")->cursor, "old");
  EXPECT_EQ(resolve("/ws", "last_event_id=first&last_event_id=second")->cursor, "first");
  EXPECT_EQ(resolve("/ws", "", "new")->cursor, "new");
}

TEST(StreamController, MatchesWholePathsOnly) {
  for (const char* path : {"", "/api/v1/realtime/orders/stream", "/api/v1/realtime/orders//stream",
                           "/api/v1/realtime/orders/o-1/stream/", "/api/v1/realtime/orders/o-1/stream/more",
                           "/api/v1/realtime/orders/a/b/stream", "/api/v1/realtime/runs/o-1/stream", "/WS", "/ws/"})
    EXPECT_FALSE(resolve(path)) << path;
  EXPECT_TRUE(resolve("/"));
}

}  // namespace
}  // namespace statecast::host

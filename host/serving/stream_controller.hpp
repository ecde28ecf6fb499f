// Turns an HTTP request into (transport, topics, cursor): which transport's route the path matches, which topics the route
// and the query name.
//
// Built from the configuration, then read-only. [any]
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/config/settings.hpp"
#include "host/serving/http.hpp"

namespace statecast::host {

class StreamController {
 public:
  explicit StreamController(const Config& config);

  struct Resolved {
    std::uint16_t transport = 0;
    std::vector<std::string> topics;
    std::string cursor;
    std::size_t route = 0;  // its place among all transports' routes
  };
  // Nothing when no route matches the path.
  std::optional<Resolved> resolve(const HttpRequest& request) const;

 private:
  struct Route {
    std::uint16_t transport;
    std::vector<std::string> path;  // segments; "{id}" matches one
    std::string topic;
  };
  std::vector<Route> routes_;
};

}  // namespace statecast::host

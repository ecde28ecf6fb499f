#include "host/serving/stream_controller.hpp"

namespace statecast::host {

namespace {

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find('/'), path.size());
    out.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

bool is_placeholder(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

// The topic with the route's placeholders filled in; nothing when the path does not match.
std::optional<std::string> match(const std::vector<std::string>& route, std::string topic, const std::vector<std::string>& path) {
  if (route.size() != path.size()) return std::nullopt;
  for (std::size_t i = 0; i < route.size(); ++i) {
    if (!is_placeholder(route[i])) {
      if (route[i] != path[i]) return std::nullopt;
      continue;
    }
    if (path[i].empty()) return std::nullopt;
    if (const auto at = topic.find(route[i]); at != topic.npos) topic.replace(at, route[i].size(), path[i]);
  }
  return topic;
}

}  // namespace

StreamController::StreamController(const Config& config) {
  for (std::size_t i = 0; i < config.transports.size(); ++i)
    for (const RouteSettings& route : config.transports[i].routes)
      routes_.push_back({static_cast<std::uint16_t>(i), segments(route.path), route.topic});
}

std::optional<StreamController::Resolved> StreamController::resolve(const HttpRequest& request) const {
  const auto path = segments(request.path);
  for (const Route& route : routes_) {
    const auto topic = match(route.path, route.topic, path);
    if (!topic) continue;
    Resolved out{route.transport, {}, std::string(request.header("last-event-id")), static_cast<std::size_t>(&route - routes_.data())};
    if (!topic->empty()) out.topics.push_back(*topic);
    for (const QueryParameter& parameter : parse_query(request.query)) {
      if (parameter.name == "topic" && route.topic.empty()) out.topics.push_back(parameter.value);
      // A browser that reconnects sends the header, which is newer than what stands in its URL.
      if (parameter.name == "last_event_id" && out.cursor.empty()) out.cursor = parameter.value;
    }
    return out;
  }
  return std::nullopt;
}

}  // namespace statecast::host

#include <algorithm>

#include "host/config/cross_checks.hpp"
#include "host/config/routes.hpp"
#include "host/config/words.hpp"

namespace statecast::host {
namespace {

using Transport = Declared<TransportSettings>;

struct PlacedRoute {
  const RouteSettings* route;
  const Transport* transport;
  Path whole;  // the route as written; the instance when it is the plugin's default
  Path path;   // its path
  bool written;
};

std::vector<PlacedRoute> routes_of(const Transport& transport, const Document& document) {
  const Path listed = transport.path / "routes", single = transport.path / "path";
  std::vector<PlacedRoute> placed;
  for (std::size_t i = 0; i < transport.settings.routes.size(); ++i) {
    const bool in_list = document.find(listed[i]), alone = document.find(single);
    const Path whole = in_list ? listed[i] : alone ? single : transport.path;
    placed.push_back(
        {&transport.settings.routes[i], &transport, whole, in_list ? whole / "path" : whole, in_list || alone});
  }
  return placed;
}

void check_prefix(const PlacedRoute& placed, const Instances& instances, Report& report) {
  const std::string prefix = placed.route->topic.substr(0, placed.route->topic.find('/'));
  if (!placed.written || prefix.empty() || prefixes_unknown(instances)) return;
  const auto known = offered_prefixes(instances);
  if (std::find(known.begin(), known.end(), prefix) != known.end()) return;
  Diagnostic& d = report.at_value(placed.whole / "topic", "unknown-prefix",
                                  "no enabled state offers the topics '" + prefix + "/...'");
  d.hint = did_you_mean(prefix, known);
  d.notes.push_back("= prefixes: " + (known.empty() ? "none" : joined(known)));
}

void check_syntax(const PlacedRoute& placed, Report& report) {
  const std::string fault = route_fault(*placed.route);
  if (!fault.empty()) report.at_value(placed.path, "route", fault);
}

void check_overlaps(const std::vector<PlacedRoute>& routes, Report& report) {
  for (auto later = routes.begin(); later != routes.end(); ++later) {
    const auto earlier = std::find_if(routes.begin(), later,
                                      [&](const PlacedRoute& r) { return overlap(r.route->path, later->route->path); });
    if (earlier == later) continue;
    const std::string other =
        earlier->transport == later->transport ? "another of its routes" : earlier->transport->path.text();
    Diagnostic& d =
        report.at_value(later->path, "route-overlap", "the path '" + later->route->path + "' also belongs to " + other);
    d.notes.push_back("first: " + report.where(earlier->path) + ": " + earlier->route->path);
    d.fix = "give one of them another path";
  }
}

}  // namespace

void check_routes(const Instances& instances, const Document& document, Report& report) {
  std::vector<PlacedRoute> sound;
  for (const Transport& transport : instances.transports) {
    const Path path = transport.path;
    const auto routes = routes_of(transport, document);
    if (document.find(path / "path") && document.find(path / "routes"))
      report.at_key(path / "path", "route", "'path' and 'routes' exclude each other").fix =
          "write the path as one of the routes";
    else if (routes.empty() && transport.plugin && !report.has_error_in(path))
      report.at_key(path, "route", transport.plugin->id + " has no route of its own").fix =
          "write 'path: /...' or 'routes:'";
    for (const PlacedRoute& placed : routes) {
      if (placed.written && report.has_error_in(placed.whole)) continue;
      check_syntax(placed, report);
      check_prefix(placed, instances, report);
      if (transport.enabled && route_fault(*placed.route).empty()) sound.push_back(placed);
    }
  }
  check_overlaps(sound, report);
}

}  // namespace statecast::host

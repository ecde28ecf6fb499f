#include "host/serving/request_origin.hpp"

#include <algorithm>
#include <iterator>

#include "host/config/endpoints.hpp"
#include "host/ops/log.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

std::string foreign_name(std::string_view name) {
  return "This host does not answer to the name '" + excerpt(name) +
         "': ask for it by its address or as localhost, or add the name to server.hosts in its configuration.";
}

// "127.0.0.1:8080", "localhost", "localhost:8080"
std::vector<std::string> usual_hosts(const ServerSettings& server) {
  std::vector<std::string> names{"localhost"}, out;
  std::ranges::copy_if(server.hosts, std::back_inserter(names), [](const std::string& host) { return !host.starts_with('*'); });
  out = names;
  for (const auto* endpoints : {&server.listen, &server.admin})
    for (const Endpoint& endpoint : *endpoints) {
      out.push_back(text_of(endpoint));
      for (const std::string& name : names) out.push_back(name + ":" + std::to_string(endpoint.port));
    }
  return out;
}

}  // namespace

RequestPlace place_of(const HttpRequest& request) {
  return {request.method, request.host, request.header("origin"), request.header("sec-fetch-site"), request.header("sec-fetch-mode")};
}

RequestOrigin::RequestOrigin(const ServerSettings& server, At listener) : listener_(listener), hosts_(server.hosts), usual_(usual_hosts(server)) {
  if (listener_ == At::kAdmin) return;
  for (const std::string& origin : server.origins)
    if (auto read = parse_origin(origin)) origins_.push_back(std::move(*read));
}

std::optional<Wrong> RequestOrigin::refusal(const RequestPlace& request) const {
  if (!answers_to(request.host)) return Wrong{421, foreign_name(request.host)};
  if (!may_come(request)) return Wrong{403, foreign_page(request.origin)};
  return std::nullopt;
}

std::optional<HttpResponse> RequestOrigin::refuse(const HttpRequest& request) const {
  const auto wrong = refusal(place_of(request));
  if (!wrong) return std::nullopt;
  if (told_.now()) log::warning("server", "refused a request from " + request.remote + ": " + wrong->detail);
  return answer_to(*wrong);
}

std::string_view RequestOrigin::listed_page(std::string_view origin) const {
  if (origin.empty() || origins_.empty()) return {};
  const auto read = parse_origin(origin);
  return read && is_listed(*read) ? origin : std::string_view{};
}

bool RequestOrigin::is_listed(const WebOrigin& origin) const {
  return std::ranges::any_of(origins_, [&](const WebOrigin& listed) { return same(listed, origin); });
}

std::string RequestOrigin::foreign_page(std::string_view origin) const {
  if (listener_ == At::kAdmin) return "A web page may not use the admin listener, unless it came from there.";
  if (origin.empty()) return "A web page of another site may not use this host: add its origin to server.origins in its configuration, and let the page ask by CORS.";
  if (!parse_origin(origin)) return "A web page that has no origin of its own (Origin: " + excerpt(origin) + ") may not use this host.";
  return "A web page of '" + excerpt(origin) + "' may not use this host: add that origin to server.origins in its configuration.";
}

bool RequestOrigin::answers_to(std::string_view host) const {
  if (host.empty() || std::ranges::find(usual_, host) != usual_.end()) return true;  // empty: HTTP/1.0, and no browser
  const auto asked = parse_authority(host);
  return asked && (asked->is_address || asked->name == "localhost" ||
                   std::ranges::any_of(hosts_, [&](const std::string& pattern) { return matches_host_pattern(asked->name, pattern); }));
}

bool RequestOrigin::may_come(const RequestPlace& request) const {
  // The browser compared what the page and the request were asked for by, before any proxy wrote another Host.
  if (request.fetch_site == "same-origin" || request.fetch_site == "none") return true;
  const bool follows_a_link = request.fetch_mode == "navigate" && (request.method == "GET" || request.method == "HEAD");
  if (request.origin.empty()) return request.fetch_site.empty() || follows_a_link;
  const auto origin = parse_origin(request.origin);
  if (!origin) return false;
  const auto asked = parse_authority(request.host);
  if (request.fetch_site.empty() && asked && is_from(*origin, *asked)) return true;
  return is_listed(*origin);
}

}  // namespace statecast::host

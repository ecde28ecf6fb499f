#include "host/config/routes.hpp"

#include <algorithm>
#include <boost/algorithm/string/classification.hpp>
#include <boost/algorithm/string/split.hpp>
#include <vector>

namespace statecast::host {
namespace {

// What the host itself answers, and the folder that it keeps for itself.
constexpr std::string_view kReserved[] = {"/api/v1/events", "/api/v1/realtime/subscribers",
                                          "/api/v1/topics/{prefix}/{name}"};
constexpr std::string_view kReservedFolder = "/api/v1/topics/";

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> parts;
  boost::split(parts, path.substr(1), boost::is_any_of("/"));
  return parts;
}

bool is_placeholder(std::string_view segment) {
  const auto is_name = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return false;
  segment = segment.substr(1, segment.size() - 2);
  return std::all_of(segment.begin(), segment.end(), is_name);
}

bool is_literal(std::string_view segment) {
  constexpr std::string_view kForbidden = "{}?#%\"<>\\^`|";
  const auto may_stand = [&](char c) { return c > 0x20 && c < 0x7F && kForbidden.find(c) == std::string_view::npos; };
  return !segment.empty() && std::all_of(segment.begin(), segment.end(), may_stand);
}

// The host's own path that the pattern would take, or empty.
std::string_view reserved_by_host(std::string_view pattern) {
  if (pattern.starts_with(kReservedFolder)) return kReservedFolder;
  for (const std::string_view own : kReserved)
    if (overlap(own, pattern)) return own;
  return {};
}

std::string topic_fault(const std::string& topic, const std::vector<std::string>& path) {
  const std::size_t slash = topic.find('/');
  if (slash == 0 || slash == std::string::npos || slash + 1 == topic.size())
    return "the topic '" + topic + "' is not of the form prefix/name, such as orders/{id}";
  for (std::size_t begin = topic.find('{'); begin != std::string::npos; begin = topic.find('{', begin + 1)) {
    const std::size_t end = topic.find('}', begin);
    const std::string name = topic.substr(begin, end == std::string::npos ? end : end - begin + 1);
    if (std::find(path.begin(), path.end(), name) == path.end())
      return "the topic's " + name + " does not occur in the path";
  }
  return {};
}

}  // namespace

std::string route_fault(const RouteSettings& route) {
  if (!route.path.starts_with('/') || route.path.size() < 2)
    return "the path '" + route.path + "' must begin with '/' and name something";
  const auto parts = segments(route.path);
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    if (!is_placeholder(*part) && !is_literal(*part))
      return "the path '" + route.path + "' has a part '" + *part +
             "' that is neither plain text nor a placeholder such as {id}";
    if (is_placeholder(*part) && std::find(parts.begin(), part, *part) != part)
      return "the path names " + *part + " twice";
  }
  const std::string_view own = reserved_by_host(route.path);
  if (!own.empty()) return "the path '" + route.path + "' is taken by the host's own " + std::string(own);
  return route.topic.empty() ? std::string{} : topic_fault(route.topic, parts);
}

bool overlap(std::string_view pattern, std::string_view other) {
  const auto a = segments(pattern), b = segments(other);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const std::string& x, const std::string& y) {
    return x == y || is_placeholder(x) || is_placeholder(y);
  });
}

}  // namespace statecast::host

#include "host/config/web_origin.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/url/parse.hpp>

namespace statecast::host {

namespace urls = boost::urls;

namespace {

constexpr std::string_view kAnyBelow = "*.";

std::string in_lower_case(boost::core::string_view text) { return boost::to_lower_copy(std::string(text.data(), text.size())); }

std::string_view port_of(std::string_view scheme) {
  if (scheme == "https" || scheme == "wss") return "443";
  return scheme == "http" || scheme == "ws" ? "80" : "";
}

std::optional<Authority> authority_of(const urls::authority_view& read) {
  if (read.has_userinfo() || read.host_type() == urls::host_type::none || read.encoded_host().empty()) return std::nullopt;
  Authority out{in_lower_case(read.encoded_host()), std::string(read.port().data(), read.port().size()), false};
  out.is_address = read.host_type() == urls::host_type::ipv4 || read.host_type() == urls::host_type::ipv6;
  if (out.name.size() > 1 && out.name.ends_with('.')) out.name.pop_back();
  return out;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  const auto read = urls::parse_authority(boost::core::string_view(text.data(), text.size()));
  return read ? authority_of(*read) : std::nullopt;
}

std::optional<WebOrigin> parse_origin(std::string_view text) {
  const auto read = urls::parse_uri(boost::core::string_view(text.data(), text.size()));
  if (!read || !read->has_authority() || !read->encoded_path().empty() || read->has_query() || read->has_fragment()) return std::nullopt;
  auto at = authority_of(read->authority());
  if (!at) return std::nullopt;
  WebOrigin out{in_lower_case(read->scheme()), std::move(*at)};
  if (out.at.port.empty()) out.at.port = port_of(out.scheme);
  return out;
}

bool same(const WebOrigin& one, const WebOrigin& other) {
  return one.scheme == other.scheme && one.at.name == other.at.name && one.at.port == other.at.port;
}

bool is_from(const WebOrigin& origin, const Authority& asked) {
  return (origin.scheme == "http" || origin.scheme == "https") && origin.at.name == asked.name && origin.at.port == (asked.port.empty() ? port_of(origin.scheme) : asked.port);
}

bool is_host_pattern(std::string_view text) {
  if (text.starts_with(kAnyBelow)) text.remove_prefix(kAnyBelow.size());
  const auto name = parse_authority(text);
  return name && name->port.empty() && !text.ends_with(':') && text.find_first_of("*%") == text.npos;
}

bool matches_host_pattern(std::string_view name, std::string_view pattern) {
  if (!pattern.starts_with(kAnyBelow)) return boost::iequals(name, pattern);
  pattern.remove_prefix(1);  // the dot has to be there, and something before it
  return name.size() > pattern.size() && boost::iends_with(name, pattern);
}

}  // namespace statecast::host

#include "host/cli/client/url.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/grammar/lut_chars.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <charconv>

namespace statecast::host::client {

namespace {

Error wrong(std::string_view text, std::string_view option, std::string_view why) {
  return {std::string(option) + " " + std::string(text) + ": " + std::string(why),
          "write http://<host>:<port> or https://<host>, for instance " + std::string(option) + " http://127.0.0.1:8080"};
}

// 0 when it is none.
std::uint16_t port_in(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() ? port : 0;
}

}  // namespace

std::string Url::authority() const {
  return (host.find(':') == host.npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text, std::string_view option) {
  while (text.ends_with('/')) text.remove_suffix(1);
  const auto parsed = boost::urls::parse_uri(boost::core::string_view(text.data(), text.size()));
  if (!parsed) return wrong(text, option, "is not a URL");
  const auto& url = *parsed;
  if (url.scheme() != "http" && url.scheme() != "https") return wrong(text, option, "is neither http nor https");
  if (url.has_userinfo()) return wrong(text, option, "holds a user name, which no host takes: an access token goes into --token");
  if (url.has_query() || url.has_fragment()) return wrong(text, option, "holds more than the place of a host");
  Url out;
  out.tls = url.scheme() == "https";
  out.host = url.host_address();
  out.port = url.has_port() ? port_in({url.port().data(), url.port().size()}) : out.tls ? 443 : 80;
  out.prefix = std::string(url.encoded_path().data(), url.encoded_path().size());
  out.text = text;
  if (out.host.empty()) return wrong(text, option, "names no host");
  if (url.has_port() && out.port == 0) return wrong(text, option, "has no port from 1 to 65535");
  return out;
}

std::string encode_query(std::string_view value) {
  static constexpr auto kPlain = boost::urls::unreserved_chars + boost::urls::grammar::lut_chars("/:");
  return boost::urls::encode(boost::core::string_view(value.data(), value.size()), kPlain);
}

}  // namespace statecast::host::client

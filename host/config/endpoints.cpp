#include "host/config/endpoints.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace statecast::host {

namespace ip = boost::asio::ip;

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);

  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed) return std::nullopt;

  const std::string_view digits = text.substr(colon + 1);
  Endpoint endpoint{address.to_string(), 0};
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return endpoint;
}

bool is_loopback(const Endpoint& endpoint) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(endpoint.address, error);
  return !error && address.is_loopback();
}

std::string text_of(const Endpoint& endpoint) {
  const bool v6 = endpoint.address.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" + std::to_string(endpoint.port);
}

}  // namespace statecast::host

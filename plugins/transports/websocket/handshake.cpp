#include "plugins/transports/websocket/handshake.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace statecast::websocket {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Does a comma-separated header (RFC 9110 5.6.1) hold an element that satisfies `matches`?
template <class Matches>
bool any_element(std::string_view list, Matches matches) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (matches(trim(list.substr(0, comma)))) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

bool has_token(std::string_view list, std::string_view token) {
  return any_element(list, [token](std::string_view element) { return same_ignoring_case(element, token); });
}

// Base64 of 16 bytes: 22 digits and two '='.
bool is_key(std::string_view key) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return key.size() == 24 && key.ends_with("==") && key.find_first_not_of(kDigits) == 22;
}

// The proof that the server speaks WebSocket (RFC 6455 4.2.2, 5.4).
std::string accept_value(std::string_view key) {
  const std::string proof = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(proof.data(), proof.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    throw Failure(SC_FAILED, "OpenSSL does not offer SHA-1, which the WebSocket handshake needs");
  }
  std::array<unsigned char, 4 * ((EVP_MAX_MD_SIZE + 2) / 3) + 1> text;
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length)};
}

void require(bool holds, const char* otherwise) {
  if (!holds) throw Failure(SC_REJECTED, otherwise);
}

void check(const Client& client, std::string_view key) {
  require(client.method() == "GET", "a WebSocket is opened with GET");
  require(has_token(client.header("upgrade"), "websocket"),
          "a WebSocket is opened with the header 'Upgrade: websocket'");
  require(has_token(client.header("connection"), "upgrade"),
          "a WebSocket is opened with the header 'Connection: Upgrade'");
  require(is_key(key), "the header 'Sec-WebSocket-Key' must be the base64 of 16 bytes");
  const auto version = trim(client.header("sec-websocket-version"));
  require(!version.empty(), "a WebSocket is opened with the header 'Sec-WebSocket-Version: 13'");
  if (version != "13")
    throw Failure(SC_UNSUPPORTED, "only version 13 of WebSocket is spoken here: send 'Sec-WebSocket-Version: 13'");
}

}  // namespace

std::string accept_handshake(const Client& client) {
  const auto key = trim(client.header("sec-websocket-key"));
  check(client, key);
  std::string response =
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_value(key) + "\r\n";
  const auto offered = client.header("sec-websocket-protocol");
  if (any_element(offered, [](std::string_view element) { return element == kSubprotocol; })) {
    response.append("Sec-WebSocket-Protocol: ").append(kSubprotocol).append("\r\n");
  }
  return response + "\r\n";
}

}  // namespace statecast::websocket

// How a client's address is written: "192.0.2.7:50312", "[2001:db8::7]:50312".
#pragma once

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace statecast::host {

inline std::string remote_text(const boost::asio::ip::tcp::endpoint& peer) {
  const auto text = peer.address().to_string();
  return (peer.address().is_v6() ? "[" + text + "]" : text) + ":" + std::to_string(peer.port());
}

// Of a connected socket; empty when its connection is broken.
inline std::string remote_of(int fd) {
  boost::asio::ip::tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  if (::getpeername(fd, peer.data(), &size) != 0) return {};
  peer.resize(size);
  return remote_text(peer);
}

}  // namespace statecast::host

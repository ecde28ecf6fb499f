// One connection to a host, plain or by TLS with the system's trusted certificates. Everything on it has a deadline.
//
// Owned by HttpClient. [main]
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <string>
#include <variant>

#include "host/cli/client/client_loop.hpp"
#include "host/cli/client/url.hpp"

namespace statecast::host::client {

class Connection {
 public:
  Connection(ClientLoop& loop, const Url& url) : loop_(loop), url_(url) {}

  // Connects, or says why not: "Connection refused".
  ErrorCode open(SteadyTime deadline, std::string& why);
  bool is_open() { return socket_.index() != 0; }
  void close() { socket_.emplace<std::monostate>(); }

  // Awaits start(stream, handler), an operation of Asio or Beast on the plain or the encrypted stream.
  template <class Start>
  ErrorCode await(SteadyTime deadline, Start start) {
    if (auto* tls = std::get_if<Tls>(&socket_)) return await_on(deadline, *tls, tls->next_layer(), start);
    auto& tcp = std::get<Tcp>(socket_);
    return await_on(deadline, tcp, tcp, start);
  }

 private:
  using Tcp = boost::asio::ip::tcp::socket;
  using Tls = boost::asio::ssl::stream<Tcp>;

  template <class Stream, class Start>
  ErrorCode await_on(SteadyTime deadline, Stream& stream, Tcp& socket, const Start& start) {
    return loop_.await(deadline, [&](auto done) { start(stream, std::move(done)); }, [&] {
      ErrorCode ignored;
      socket.close(ignored);
    });
  }
  ErrorCode resolve(SteadyTime deadline, boost::asio::ip::tcp::resolver::results_type& out);
  ErrorCode connect(SteadyTime deadline, Tcp& socket);
  ErrorCode encrypt(SteadyTime deadline, Tcp socket, std::string& why);

  ClientLoop& loop_;
  const Url& url_;
  std::optional<boost::asio::ssl::context> context_;  // before the socket that uses it
  std::variant<std::monostate, Tcp, Tls> socket_;
};

}  // namespace statecast::host::client

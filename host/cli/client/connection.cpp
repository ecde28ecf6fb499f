#include "host/cli/client/connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

namespace statecast::host::client {

namespace asio = boost::asio;
using asio::ip::tcp;

ErrorCode Connection::open(SteadyTime deadline, std::string& why) {
  close();
  Tcp socket(loop_.io());
  ErrorCode error = connect(deadline, socket);
  why = error.message();
  if (error) return error;
  if (url_.tls) return encrypt(deadline, std::move(socket), why);
  socket_.emplace<Tcp>(std::move(socket));
  return {};
}

ErrorCode Connection::resolve(SteadyTime deadline, tcp::resolver::results_type& out) {
  ErrorCode error;
  const auto address = asio::ip::make_address(url_.host, error);
  if (!error) {
    out = tcp::resolver::results_type::create(tcp::endpoint(address, url_.port), url_.host, std::to_string(url_.port));
    return {};
  }
  tcp::resolver resolver(loop_.io());
  return loop_.await(
      deadline,
      [&](auto done) {
        resolver.async_resolve(url_.host, std::to_string(url_.port), [&out, done](ErrorCode failed, tcp::resolver::results_type found) mutable {
          out = std::move(found);
          done(failed);
        });
      },
      [&] { resolver.cancel(); });
}

ErrorCode Connection::connect(SteadyTime deadline, Tcp& socket) {
  tcp::resolver::results_type places;
  if (const ErrorCode error = resolve(deadline, places)) return error;
  const ErrorCode error = loop_.await(
      deadline, [&](auto done) { asio::async_connect(socket, places, std::move(done)); },
      [&] {
        ErrorCode ignored;
        socket.close(ignored);
      });
  ErrorCode ignored;
  if (!error) socket.set_option(tcp::no_delay(true), ignored);
  return error;
}

ErrorCode Connection::encrypt(SteadyTime deadline, Tcp socket, std::string& why) {
  if (!context_) {
    context_.emplace(asio::ssl::context::tls_client);
    context_->set_default_verify_paths();
    context_->set_verify_mode(asio::ssl::verify_peer);
  }
  auto& tls = socket_.emplace<Tls>(std::move(socket), *context_);
  tls.set_verify_callback(asio::ssl::host_name_verification(url_.host));
  ErrorCode address;
  asio::ip::make_address(url_.host, address);
  // RFC 6066 3: a name, never an address.
  if (address) SSL_set_tlsext_host_name(tls.native_handle(), url_.host.c_str());
  const auto handshake = [](Tls& stream, auto done) { stream.async_handshake(Tls::client, std::move(done)); };
  const ErrorCode error = await_on(deadline, tls, tls.next_layer(), handshake);
  if (!error) return {};
  why = error.message();
  if (const long verdict = SSL_get_verify_result(tls.native_handle()); verdict != X509_V_OK)
    why = std::string("its certificate is not trusted: ") + X509_verify_cert_error_string(verdict);
  close();
  return error;
}

}  // namespace statecast::host::client

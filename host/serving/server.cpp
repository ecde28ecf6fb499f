#include "host/serving/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>

#include "host/ops/log.hpp"

namespace statecast::host {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

std::string text_of(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

// A bound and listening socket, or why there is none.
Result<tcp::acceptor> bind(asio::io_context& io, const Endpoint& where) {
  boost::system::error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(where.address), where.port);
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(4096, error);
  if (!error) return acceptor;
  const std::string what = "cannot listen on " + text_of(endpoint) + ": " + error.message();
  if (error == asio::error::address_in_use) return Error{what, "stop what listens there, or choose another port under 'server'"};
  if (error == asio::error::access_denied) return Error{what, "choose a port above 1023, or give the service CAP_NET_BIND_SERVICE"};
  return Error{what, "choose an address of this machine under 'server'"};
}

}  // namespace

Result<std::unique_ptr<Server>> Server::create(const Config& config, StreamService& service, std::size_t shards) {
  std::unique_ptr<Server> server(new Server(config, service));
  server->buffers_ = std::make_unique<BufferBudget>(config.limits.buffers, shards);
  for (std::size_t i = 0; i < shards; ++i)
    server->shards_.push_back(std::make_unique<Shard>(static_cast<std::uint16_t>(i), service, config, server->access_, server->door_,
                                                      server->controller_, *server, *server->buffers_));
  server->admin_ = std::make_unique<AdminApi>(service, config, server->door_, server->shards_, server->stopping_);
  for (const Endpoint& endpoint : config.server.listen)
    if (auto listening = server->listen(endpoint); !listening) return listening.error();
  for (const Endpoint& endpoint : config.server.admin)
    if (auto listening = server->listen_admin(endpoint); !listening) return listening.error();
  return server;
}

Server::Server(const Config& config, StreamService& service)
    : config_(config), service_(service), access_(config.access), door_(config), controller_(config) {}

Server::~Server() {
  stop();
  if (admin_) admin_->clear();
}

// One socket for all shards, so that the port is either ours or in use; each shard accepts from a duplicate of it.
Result<void> Server::listen(const Endpoint& endpoint) {
  asio::io_context io;
  auto acceptor = bind(io, endpoint);
  if (!acceptor) return acceptor.error();
  acceptor->non_blocking(true);
  const auto local = acceptor->local_endpoint();
  for (auto& shard : shards_) shard->add_listener(::dup(acceptor->native_handle()), local.address().is_v6());
  log::info("server", "listening on " + text_of(local));
  return {};
}

Result<void> Server::listen_admin(const Endpoint& endpoint) {
  auto acceptor = bind(shards_.front()->io(), endpoint);
  if (!acceptor) return acceptor.error();
  log::info("server", "admin listening on " + text_of(acceptor->local_endpoint()));
  admin_listeners_.push_back(std::make_unique<Listener>(std::move(*acceptor), door_.files,
                                                        [this](Listener::Socket socket) { on_admin_accepted(std::move(socket)); }));
  admin_listeners_.back()->start();
  return {};
}

void Server::on_admin_accepted(Listener::Socket socket) {
  boost::system::error_code ignored;
  auto ticket = door_.admin.enter(socket.remote_endpoint(ignored).address());
  if (ticket && door_.files.has_room_for_admin(socket.native_handle()))
    return std::make_shared<HttpConnection>(std::move(socket), std::move(*ticket), *admin_, config_.limits)->start();
  door_.files.note_refused();
  refuse_at_once(std::move(socket), no_file_left());
}

void Server::start() {
  for (auto& shard : shards_) shard->start();
}

bool Server::drain(std::chrono::steady_clock::time_point deadline) {
  stopping_ = true;
  for (auto& shard : shards_) shard->post_drain();
  return std::ranges::all_of(shards_, [&](auto& shard) { return shard->await_drained(deadline); });
}

void Server::stop() {
  for (auto& shard : shards_) shard->stop();
}

std::vector<std::int64_t> Server::shards_alive_ns() const {
  std::vector<std::int64_t> times;
  for (const auto& shard : shards_) times.push_back(shard->alive_ns());
  return times;
}

std::int64_t Server::subscriptions(std::size_t prefix) const {
  std::int64_t sum = 0;
  for (const auto& shard : shards_) sum += shard->stats().subscriptions[prefix].value();
  return sum;
}

std::int64_t Server::sessions() const {
  std::int64_t sum = 0;
  for (const auto& shard : shards_) sum += shard->stats().sessions();
  return sum;
}

}  // namespace statecast::host

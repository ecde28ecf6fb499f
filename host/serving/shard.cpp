#include "host/serving/shard.hpp"

#include <pthread.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include "host/ops/log.hpp"

namespace statecast::host {

namespace asio = boost::asio;

namespace {

HttpResponse too_many() {
  auto response = problem(503, "This host has as many connections as it takes, in all or from your address (limits.connections, limits.per_ip).");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

}  // namespace

Shard::Shard(std::uint16_t number, StreamService& service, const Config& config, const AccessControl& access,
             Door& door, const StreamController& controller, const SubscriberCounts& counts, BufferBudget& buffers)
    : door_(door),
      context_(number, io_, service, config, access, buffers),
      inbox_(service.inbox(number)),
      api_(context_, door.origin, controller, counts),
      streams_(context_, api_),
      inbox_ready_(io_, ::dup(inbox_.descriptor())),
      streams_ready_(io_, ::dup(streams_.descriptor())),
      tick_(io_) {
  api_.set_streams(streams_);
  note_time();
}

Shard::~Shard() {
  stop();
  streams_.clear();  // what waits there holds sockets of the io_context
  api_.clear();
}

void Shard::add_listener(int listening, bool v6) {
  const auto protocol = v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  listeners_.push_back(std::make_unique<Listener>(asio::ip::tcp::acceptor(io_, protocol, listening), door_.files,
                                                  [this](Listener::Socket socket) { on_accepted(std::move(socket)); }));
  listeners_.back()->start();
}

void Shard::start() {
  thread_ = std::thread([this] { run(); });
}

void Shard::stop() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

void Shard::run() {
  ::pthread_setname_np(::pthread_self(), ("shard " + std::to_string(context_.number)).c_str());
  streams_.begin();
  // What a handler of a connection throws destroys the handler, and with it the connection; run() may then be called again.
  while (!context_.turns([this] {
    arm();
    io_.run();
  })) {
  }
}

void Shard::note_time() {
  context_.note_time();
  alive_ns_.store(system_clock().mono_ns(), std::memory_order_relaxed);
}

// ---- connections

void Shard::on_accepted(Listener::Socket socket) {
  note_time();
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (!door_.files.has_room_for_client(socket.native_handle())) {
    door_.files.note_refused();
    return refuse(std::move(socket), no_file_left());
  }
  auto ticket = door_.clients.enter(socket.remote_endpoint(ignored).address());
  if (!ticket) return refuse(std::move(socket), too_many());
  std::make_shared<HttpConnection>(std::move(socket), std::move(*ticket), api_, context_.config.limits)->start();
}

// It stays until the client has read that, unless too many are being told already, or the admin listener needs the file.
void Shard::refuse(Listener::Socket socket, HttpResponse response) {
  boost::system::error_code ignored;
  auto ticket = door_.refused.enter(socket.remote_endpoint(ignored).address());
  if (!ticket || !door_.files.has_room_for_admin(socket.native_handle())) return refuse_at_once(std::move(socket), response);
  std::make_shared<HttpConnection>(std::move(socket), std::move(*ticket), api_, context_.config.limits)->refuse(std::move(response));
}

// ---- the inbox

// Whatever waited for nothing when something was thrown waits again.
void Shard::arm() {
  if (!waits_for_inbox_) do_wait_inbox();
  if (!waits_for_streams_) do_wait_streams();
  if (!waits_for_tick_) do_tick();
}

void Shard::do_wait_inbox() {
  if (!inbox_.prepare_sleep()) {
    asio::post(io_, [this] { on_inbox(); });
    waits_for_inbox_ = true;
    return;
  }
  inbox_ready_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
    if (error) return;
    inbox_.clear_wake();
    on_inbox();
  });
  waits_for_inbox_ = true;
}

void Shard::on_inbox() {
  waits_for_inbox_ = false;
  note_time();
  if (inbox_.take_poke()) context_.turns([this] { context_.posts.retry(); });
  ShardMessage message;
  for (std::size_t taken = 0; taken < kMessagesARound && inbox_.try_pop(message); ++taken)
    if (!context_.turns([&] { on(message); })) on_failed(message);
  context_.turns([this] { streams_.flush(); });
  do_wait_inbox();
}

void Shard::on(ShardMessage& message) {
  if (auto* reply = std::get_if<AppendReply>(&message)) return api_.on(*reply);
  if (auto* health = std::get_if<LaneHealth>(&message)) return on(*health);
  auto* batch = std::get_if<LaneBatch>(&message);
  if (batch == nullptr) return;
  streams_.on(*batch);
  for (ShardItem& item : batch->items) {
    if (auto* value = std::get_if<Value>(&item)) api_.on(batch->lane, *value);
    else if (auto* reply = std::get_if<AwaitReply>(&item)) api_.on(batch->lane, *reply);
  }
}

// Nobody knows who has what of it.
void Shard::on_failed(const ShardMessage& message) {
  const auto* batch = std::get_if<LaneBatch>(&message);
  const auto* reply = std::get_if<AppendReply>(&message);
  context_.turns([&] {
    if (batch != nullptr) streams_.lose(batch->lane);
    if (reply != nullptr) api_.give_up(reply->request);
  });
}

void Shard::on(const LaneHealth& health) {
  context_.degraded.note(health);
  streams_.on(health);
  api_.on(health);
}

// ---- the clients' sockets, and time

void Shard::do_wait_streams() {
  streams_ready_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
    if (error) return;
    waits_for_streams_ = false;
    note_time();
    context_.turns([this] { streams_.on_ready(); });
    do_wait_streams();
  });
  waits_for_streams_ = true;
}

void Shard::do_tick() {
  tick_.expires_after(std::chrono::milliseconds(Streams::kTickMs));
  tick_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    waits_for_tick_ = false;
    note_time();
    context_.turns([this] { streams_.on_tick(); });
    context_.turns([this] { on_tick(); });
    do_tick();
  });
  waits_for_tick_ = true;
}

void Shard::on_tick() {
  api_.on_tick();
  if (!context_.draining) return;
  api_.close_idle();
  note_drained();
}

// ---- stopping

void Shard::post_drain() {
  asio::post(io_, [this] { on_drain(); });
}

void Shard::on_drain() {
  note_time();
  context_.draining = true;
  for (auto& listener : listeners_) listener->close();
  streams_.close_all();
  api_.close_idle();
  note_drained();
}

void Shard::note_drained() {
  const bool empty = streams_.size() == 0 && api_.waiting() == 0 && api_.connections() == 0;
  if (empty && !std::exchange(said_drained_, true)) drained_.release();
}

}  // namespace statecast::host

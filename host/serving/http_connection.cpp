#include "host/serving/http_connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <utility>

#include "host/ops/log.hpp"
#include "host/ops/seldom.hpp"
#include "host/serving/remote.hpp"

namespace statecast::host {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t kLingerMs = 2000;
constexpr std::size_t kLingerBytes = 16 * 1024;
constexpr std::size_t kAtOnce = 2048;      // a request that fits needs no more than one look at the socket
constexpr std::size_t kOfBody = 16 * 1024;  // a look when more of a body is to come

// Of all connections, one line a minute: whoever has a wrong URL somewhere tries again and again.
void log_foreign(std::string_view protocol, const std::string& remote) {
  static Seldom told;
  if (!told.now()) return;
  log::warning("server", remote + " spoke " + std::string(protocol) + " to a port that speaks HTTP/1.1 alone: give that client an http:// URL, or a "
                             "proxy in between; another such client has no line for a minute");
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, ConnectionLimits::Ticket ticket, HttpHandler& handler,
                               const LimitSettings& limits)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), handler_(handler), limits_(limits), ticket_(std::move(ticket)), reader_(limits) {
  Error error;
  socket_.non_blocking(true, error);  // a look at it must not wait
  remote_ = remote_text(socket_.remote_endpoint(error));
  handler_.on_open(*this);
}

HttpConnection::~HttpConnection() { handler_.on_close(*this); }

// ---- reading

void HttpConnection::do_wait(std::uint64_t timeout_ms) {
  route_ = 0;
  head_ = false;
  if (buffer_.size() != 0) return on_input();
  idle_ = true;
  expire_after(timeout_ms);
  do_read();
}

void HttpConnection::do_read() {
  // A client that has said nothing yet, and perhaps never will, has no buffer either.
  if (buffer_.capacity() == 0) {
    return socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](Error error) {
      Error failed = error;
      const std::size_t n = failed ? 0 : self->socket_.read_some(self->buffer_.prepare(kAtOnce), failed);
      self->on_bytes(failed == asio::error::would_block ? Error{} : failed, n);
    });
  }
  socket_.async_read_some(buffer_.prepare(reader_.in_body() ? kOfBody : kAtOnce),
                          [self = shared_from_this()](Error error, std::size_t n) { self->on_bytes(error, n); });
}

void HttpConnection::on_bytes(Error error, std::size_t n) {
  if (timed_out_)
    return refuse(problem(408, "The request did not arrive in time: send it at once, or raise limits.header_timeout and limits.body_timeout."));
  if (error) return close();
  buffer_.commit(n);
  on_input();
}

void HttpConnection::on_input() {
  const auto input = buffer_.data();
  std::string_view bytes(static_cast<const char*>(input.data()), input.size());
  const auto step = reader_.take(bytes);
  buffer_.consume(input.size() - bytes.size());
  switch (step) {
    case HttpReader::Step::kMore: note_part(); return do_read();
    case HttpReader::Step::kContinue: return do_continue();
    case HttpReader::Step::kRequest: return handle_request();
    case HttpReader::Step::kRefused: return on_refused();
  }
}

// The header has its time from its first byte on, and the body from the header's end on. Empty lines are no request yet.
void HttpConnection::note_part() {
  const auto part = reader_.empty() ? Part::kNothing : reader_.in_body() ? Part::kBody : Part::kHeader;
  if (part != part_ && part != Part::kNothing) {
    idle_ = false;
    expire_after(part == Part::kBody ? limits_.body_timeout_ms : limits_.header_timeout_ms);
  }
  part_ = part;
}

void HttpConnection::do_continue() {
  if (buffer_.size() != 0) return on_input();  // it does not wait to be told
  note_part();
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue), [self = shared_from_this()](Error error, std::size_t) {
    if (error) return self->close();
    self->on_input();
  });
}

void HttpConnection::handle_request() {
  begin_answer();
  HttpRequest request = reader_.take_request();
  request.remote = remote_;
  if (request.path == "*") return respond({204, {}, {}, {}});  // RFC 9110 9.3.7: no more than a ping
  try {
    handler_.handle(shared_from_this(), std::move(request));
  } catch (...) {
    // One request must not end the host, whatever is wrong with it or with us. The shard counts what was thrown, and tells it in its log.
    asio::post(socket_.get_executor(), [thrown = std::current_exception()] { std::rethrow_exception(thrown); });
    if (answered_) return close();
    refuse(problem(500, "The host failed on this request; the error is in its log."));
  }
}

void HttpConnection::on_refused() {
  begin_answer();
  if (!reader_.foreign().empty()) log_foreign(reader_.foreign(), remote_);
  auto response = answer_to(reader_.wrong());
  if (response.status == 415) response.headers.emplace_back("Accept-Encoding", "identity");  // RFC 9110 15.5.16
  refuse(std::move(response));
}

void HttpConnection::begin_answer() {
  idle_ = answered_ = false;
  page_.clear();
  part_ = Part::kNothing;
  never_expire();
  keep_alive_ = reader_.keep_alive();
  head_ = reader_.to_head();
}

void HttpConnection::refuse(HttpResponse response) {
  response.close = true;
  respond(std::move(response));
}

// ---- writing

void HttpConnection::respond(HttpResponse response) {
  part_ = Part::kNothing;
  if (gone() || std::exchange(answered_, true)) return;
  note_answer(response.status);
  const bool keep_alive = keep_alive_ && !response.close && !handler_.draining();
  if (!page_.empty()) share_with_page(page_, [&](auto name, auto value) { response.headers.emplace_back(name, value); });
  answer_ = response_text(response, keep_alive, head_, http_date());
  expire_after(limits_.body_timeout_ms);
  Error error;
  const std::size_t n = socket_.write_some(asio::buffer(answer_), error);
  if (error && error != asio::error::would_block) return close();
  // A request that waits behind this one has a turn of its own.
  if (n == answer_.size() && buffer_.size() == 0) return on_written({}, keep_alive);
  asio::async_write(socket_, asio::buffer(answer_) + n,
                    [self = shared_from_this(), keep_alive](Error failed, std::size_t) { self->on_written(failed, keep_alive); });
}

void HttpConnection::on_written(Error error, bool keep_alive) {
  if (error) return close();
  answer_ = {};
  if (keep_alive) return do_wait(limits_.idle_timeout_ms);
  Error ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  expire_after(kLingerMs);
  do_linger();
}

// Closing over unread bytes would reset the connection and could take the response with it.
void HttpConnection::do_linger() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(kLingerBytes), [self = shared_from_this()](Error error, std::size_t) {
    if (error) return self->close();
    self->do_linger();
  });
}

// ---- ending

int HttpConnection::release(ConnectionLimits::Ticket& ticket, std::string& bytes_after) {
  ticket = std::move(ticket_);
  const auto rest = buffer_.data();
  bytes_after.assign(static_cast<const char*>(rest.data()), rest.size());
  timer_.cancel();
  released_ = true;
  Error error;
  return socket_.release(error);
}

void HttpConnection::close_if_idle() {
  if (idle_ || part_ == Part::kHeader) close();
}

void HttpConnection::expire_after(std::uint64_t ms) {
  timed_out_ = false;
  expires_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  if (expires_ < timer_looks_) do_wait_expiry();
}

void HttpConnection::do_wait_expiry() {
  timer_looks_ = expires_;
  timer_.expires_at(timer_looks_);
  timer_.async_wait([weak = weak_from_this()](Error error) {
    const auto self = weak.lock();
    if (error || !self || self->released_) return;
    self->timer_looks_ = Time::max();
    if (std::chrono::steady_clock::now() >= self->expires_) self->on_expired();
    else if (self->expires_ != Time::max()) self->do_wait_expiry();
  });
}

void HttpConnection::on_expired() {
  never_expire();
  // A request that is being read is told so; the cancelled read brings that about.
  timed_out_ = part_ != Part::kNothing;
  if (!timed_out_) return close();
  Error ignored;
  socket_.cancel(ignored);
}

void HttpConnection::close() {
  timer_.cancel();
  Error ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  socket_.close(ignored);
}

}  // namespace statecast::host

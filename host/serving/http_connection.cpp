#include "host/serving/http_connection.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include "host/ops/log.hpp"
#include "host/serving/remote.hpp"

namespace statecast::host {

namespace http = boost::beast::http;
namespace asio = boost::asio;

namespace {

constexpr std::uint64_t kLingerMs = 2000;
constexpr std::size_t kLingerBytes = 16 * 1024;
constexpr std::size_t kUsualHeaders = 16;
constexpr std::size_t kAtOnce = 2048;  // a request that fits needs no more than one look at the socket

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, ConnectionLimits::Ticket ticket, HttpHandler& handler,
                               const LimitSettings& limits)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), handler_(handler), limits_(limits), ticket_(std::move(ticket)) {
  Error error;
  socket_.non_blocking(true, error);  // a look at it must not wait
  remote_ = remote_text(socket_.remote_endpoint(error));
  handler_.on_open(*this);
}

HttpConnection::~HttpConnection() { handler_.on_close(*this); }

// ---- reading

void HttpConnection::do_wait(std::uint64_t timeout_ms) {
  if (buffer_.size() != 0) return do_read_header();
  idle_ = true;
  expire_after(timeout_ms);
  // A client that has said nothing yet, and perhaps never will, has no buffer either.
  if (buffer_.capacity() == 0) {
    return socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](Error error) {
      Error failed = error;
      const std::size_t n = failed ? 0 : self->socket_.read_some(self->buffer_.prepare(kAtOnce), failed);
      self->on_bytes(failed == asio::error::would_block ? Error{} : failed, n);
    });
  }
  socket_.async_read_some(buffer_.prepare(kAtOnce), [self = shared_from_this()](Error error, std::size_t n) { self->on_bytes(error, n); });
}

void HttpConnection::on_bytes(Error error, std::size_t n) {
  idle_ = false;
  if (error) return close();
  buffer_.commit(n);
  do_read_header();
}

void HttpConnection::do_read_header() {
  parser_.emplace();
  route_ = 0;
  head_ = false;
  reading_header_ = true;
  parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser_->body_limit(limits_.body_bytes);
  reading_ = true;
  expire_after(limits_.header_timeout_ms);
  Error broken;
  if (parse_what_is_there(broken)) return on_header(broken);
  http::async_read_header(socket_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, std::size_t) { self->on_header(error); });
}

// Goes as far as the bytes that were read. True when the header is complete, or broken.
bool HttpConnection::parse_what_is_there(Error& error) {
  while (buffer_.size() != 0 && !parser_->is_done()) {
    const bool header_was_done = parser_->is_header_done();
    const std::size_t parsed = parser_->put(buffer_.data(), error);
    buffer_.consume(parsed);
    if (error == http::error::need_more) error = {};
    if (error || !header_was_done || parsed == 0) break;
  }
  return error || parser_->is_header_done();
}

void HttpConnection::on_header(Error error) {
  reading_header_ = false;
  if (error) return on_read_error(error);
  expire_after(limits_.body_timeout_ms);
  if (parser_->get()[http::field::expect] == "100-continue" && !parser_->is_done()) return do_continue();
  do_read_body();
}

void HttpConnection::do_continue() {
  if (const auto length = parser_->content_length(); length && *length > limits_.body_bytes) return on_read_error(http::error::body_limit);
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue), [self = shared_from_this()](Error error, std::size_t) {
    if (error) return self->close();
    self->do_read_body();
  });
}

void HttpConnection::do_read_body() {
  Error broken;
  parse_what_is_there(broken);
  if (broken || parser_->is_done()) return on_body(broken);
  http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](Error error, std::size_t) { self->on_body(error); });
}

void HttpConnection::on_body(Error error) {
  if (error) return on_read_error(error);
  handle_request();
}

void HttpConnection::handle_request() {
  reading_ = false;
  never_expire();
  auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  head_ = message.method() == http::verb::head;
  HttpRequest request;
  request.method = std::string_view(message.method_string().data(), message.method_string().size());
  const std::string_view target(message.target().data(), message.target().size());
  if (message.version() >= 11 && message.count(http::field::host) != 1)
    return refuse(problem(400, "The request has no Host header, or several (RFC 9112 3.2)."));
  const auto question = std::min(target.find('?'), target.size());
  request.query = target.substr(std::min(question + 1, target.size()));
  request.headers.reserve(kUsualHeaders);
  for (const auto& field : message)
    request.headers.emplace_back(lower({field.name_string().data(), field.name_string().size()}),
                                 std::string(field.value().data(), field.value().size()));
  request.body = std::move(message.body());
  request.remote = remote_;
  const bool decoded = percent_decode(target.substr(0, question), false, request.path);
  parser_.reset();
  if (!decoded || !request.path.starts_with('/')) return refuse(problem(400, "The request target is not a path: send '/...', percent-encoded."));
  try {
    handler_.handle(shared_from_this(), std::move(request));
  } catch (const std::exception& error) {
    // One request must not end the host, whatever is wrong with it or with us.
    log::error("server", std::string("a request failed: ") + error.what());
    refuse(problem(500, "The host failed on this request; the error is in its log."));
  }
}

void HttpConnection::on_read_error(Error error) {
  if (timed_out_) return refuse(problem(408, "The request did not arrive in time: send it at once, or raise limits.header_timeout and limits.body_timeout."));
  if (error == http::error::header_limit)
    return refuse(problem(431, "The request's header is larger than " + std::to_string(limits_.header_bytes) + " bytes (limits.header)."));
  if (error == http::error::body_limit)
    return refuse(problem(413, "The request's body is larger than " + std::to_string(limits_.body_bytes) +
                           " bytes (limits.body): send fewer events at a time."));
  if (error == http::error::end_of_stream || error.category() != http::make_error_code(http::error::bad_method).category())
    return close();
  if (error == http::error::partial_message) return close();
  refuse(problem(400, "This is not HTTP/1.1: " + error.message() + "."));
}

void HttpConnection::refuse(HttpResponse response) {
  response.close = true;
  respond(std::move(response));
}

// ---- writing

void HttpConnection::respond(HttpResponse response) {
  reading_ = false;
  if (gone()) return;
  note_answer(response.status);
  const bool keep_alive = keep_alive_ && !response.close && !handler_.draining();
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
  if (idle_ || reading_header_) close();
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
  timed_out_ = reading_;
  if (!reading_) return close();
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

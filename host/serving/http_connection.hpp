// One client connection while it speaks HTTP: has a request read within limits of size (HttpReader) and time, hands it to
// the handler, writes the response, and goes on while the connection is kept alive. A stream takes the socket over and leaves nothing
// of this behind.
//
// Lives while an operation or a waiting request holds it. [shard]
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <memory>

#include "host/config/settings.hpp"
#include "host/serving/connection_limits.hpp"
#include "host/serving/http_reader.hpp"

namespace statecast::host {

class HttpConnection;

// What answers requests. It may keep the connection and respond later, or take its socket.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual void handle(std::shared_ptr<HttpConnection> connection, HttpRequest request) = 0;
  virtual bool draining() const = 0;        // no more requests on a connection
  virtual void on_open(HttpConnection& connection) = 0;   // until on_close, close_if_idle may be called on it
  virtual void on_close(HttpConnection& connection) = 0;
  // A request was answered; the route is what set_route said of it, else 0.
  virtual void on_answered([[maybe_unused]] std::size_t route, [[maybe_unused]] unsigned status) {}
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(boost::asio::ip::tcp::socket socket, ConnectionLimits::Ticket ticket, HttpHandler& handler,
                 const LimitSettings& limits);
  ~HttpConnection();

  void start() { do_wait(limits_.header_timeout_ms); }
  // Answers before any request, and ends.
  void refuse(HttpResponse response);

  // Answers the request under way.
  void respond(HttpResponse response);

  // What the request under way is for, by the handler's numbers.
  void set_route(std::size_t route) { route_ = route; }
  // The origin of the web page whose request it is, if others than its own may read the answer; else empty.
  void set_page(std::string_view origin) { page_ = origin; }
  const std::string& page() const { return page_; }
  // Tells the handler that it was answered; whoever takes the socket and answers by itself says so.
  void note_answer(unsigned status) { handler_.on_answered(route_, status); }

  // Hands the socket over: its descriptor, its ticket, and the bytes that came after the request. Nothing may follow.
  int release(ConnectionLimits::Ticket& ticket, std::string& bytes_after);

  // Ends the connection when it is between two requests.
  void close_if_idle();

  const std::string& remote() const { return remote_; }
  bool gone() const { return !socket_.is_open(); }

 private:
  using Error = boost::system::error_code;
  using Time = std::chrono::steady_clock::time_point;

  enum class Part : std::uint8_t { kNothing, kHeader, kBody };  // of a request, that came and is not whole

  void do_wait(std::uint64_t timeout_ms);
  void do_read();
  void on_bytes(Error error, std::size_t n);
  void on_input();
  void note_part();
  void do_continue();
  void handle_request();
  void on_refused();
  void begin_answer();
  void on_written(Error error, bool keep_alive);
  void do_linger();
  void expire_after(std::uint64_t ms);
  void never_expire() { expires_ = Time::max(); }
  void do_wait_expiry();
  void on_expired();
  void close();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  HttpHandler& handler_;
  const LimitSettings& limits_;
  ConnectionLimits::Ticket ticket_;
  std::string remote_;
  boost::beast::flat_buffer buffer_;
  HttpReader reader_;
  std::string answer_;  // while it is written
  std::string page_;
  bool answered_ = false;  // the request under way: whoever comes second with an answer is not heard
  std::size_t route_ = 0;
  // When the connection ends unless something happens, and when the timer looks next. What happens mostly moves the former
  // on, and then the timer, which costs far more to set, is left alone.
  Time expires_ = Time::max(), timer_looks_ = Time::max();
  Part part_ = Part::kNothing;
  bool idle_ = false, timed_out_ = false, keep_alive_ = true, head_ = false, released_ = false;
};

}  // namespace statecast::host

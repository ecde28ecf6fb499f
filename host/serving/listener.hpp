// A listening socket: accepts connections and hands each on. Where the process, or the machine, has no file left for
// another one, a file that is kept for this is given up for a moment, so that who comes is told, and waits for nothing.
//
// Owned by a Shard, or by Server for the admin listener; runs on the shard's io_context. [shard]
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "host/serving/http.hpp"
#include "host/serving/open_files.hpp"

namespace statecast::host {

class Listener {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Accepted = std::function<void(Socket socket)>;

  // Takes a socket that listens already.
  Listener(boost::asio::ip::tcp::acceptor acceptor, OpenFiles& files, Accepted accepted);
  ~Listener();

  void start() { do_wait(); }
  void close();

 private:
  using Error = boost::system::error_code;
  static constexpr std::size_t kAtOnce = 16;  // then others have their turn

  void do_wait();
  void do_pause();
  void on_readable();
  void refuse_one(Error& error);

  boost::asio::ip::tcp::acceptor acceptor_;
  OpenFiles& files_;
  const Accepted accepted_;
  boost::asio::steady_timer again_;
  int spare_;
};

// Answers and closes, without waiting for what the client has not sent yet.
void refuse_at_once(Listener::Socket socket, const HttpResponse& response);

// The answer to clients for whom there is no file.
HttpResponse no_file_left();

}  // namespace statecast::host

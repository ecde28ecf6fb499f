// One kept-alive connection to a server on this machine: a request goes out, and its answer is read to the end, as far as
// the socket allows at each call. Not thread-safe; whoever owns it waits for its descriptor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace statecast::bench {

// How much a socket takes before its reader does: what the system thinks good, or hardly more than one message.
enum class Window { usual, narrow };

// A connected socket on the loopback, with its delay off; not blocking. It comes from 127.0.0.1, or from so many addresses
// further on: the system takes long to find a port where most are in use. Throws std::system_error.
int connect_to(std::uint16_t port, Window window = Window::usual, std::uint32_t address = 0);

class HttpConnection {
 public:
  explicit HttpConnection(std::uint16_t port);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  int descriptor() const { return fd_; }

  // The bytes must stay where they are until the answer is there.
  void send(std::string_view request);
  // What the socket allows now; true when the answer came to its end.
  bool on_ready();
  // Head and body; the head says how long the body is.
  const std::string& answer() const { return answer_; }

 private:
  void write_some();
  bool read_some();
  bool answered() const;

  int fd_;
  std::string_view rest_;  // of the request
  std::string answer_;
};

}  // namespace statecast::bench

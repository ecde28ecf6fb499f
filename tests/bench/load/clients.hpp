// The streaming clients of a load, on one thread: each has a connection of its own, subscribes by its request alone, and
// is read whenever the loop comes round. Nothing ever waits for a client's socket, so that no server has to wake it.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "tests/bench/load/frames.hpp"
#include "tests/bench/load/pattern.hpp"
#include "tests/bench/load/plan.hpp"

namespace statecast::bench {

class Clients {
 public:
  struct Request {
    std::uint16_t port = 0;
    Form form = Form::sse;
    std::string target;  // such as /stream?
    Pattern topic;       // such as topic=orders/o-{topic}; joined by &
    std::size_t first_topic = 0;
  };
  // A message came: whose, its number, and the bytes of its frame.
  using OnMessage = std::function<void(std::size_t client, std::uint64_t number, std::size_t bytes)>;

  // The first `slow` ones have hardly any window.
  Clients(const Plan& plan, Request request, std::size_t slow, OnMessage on_message);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  // Returns when every client has the head of its stream.
  void open();
  // Reads what is there, of some clients; how many there were.
  std::size_t poll();
  void stop_reading_slow_ones();
  // What waits in the sockets of the slow ones.
  std::size_t unread_bytes() const;

 private:
  struct Client {
    int fd = -1;
    bool open = false;
    std::string rest;  // the beginning of a frame
  };

  void begin(std::size_t number);
  std::string request_of(std::size_t number);
  void on_ready(std::size_t number);
  std::string_view take_head(Client& client, std::string_view bytes);
  void take_frames(std::size_t number, std::string_view bytes);

  const Plan plan_;
  Request request_;
  const std::size_t slow_;
  const OnMessage on_message_;
  const int epoll_;
  std::vector<Client> clients_;
  std::size_t opening_ = 0;
  std::array<char, 256 * 1024> piece_;
};

}  // namespace statecast::bench

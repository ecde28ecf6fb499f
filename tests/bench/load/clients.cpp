#include "tests/bench/load/clients.hpp"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "tests/bench/http_connection.hpp"

namespace statecast::bench {

namespace {

constexpr std::size_t kOpeningAtOnce = 256;  // far fewer than any server lets wait to be accepted
constexpr std::size_t kClientsAnAddress = 5'000;
constexpr int kReadATurn = 64;               // so that publishing, which shares the thread, is never late for long
constexpr std::chrono::seconds kLongestOpening{30};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

// The key is one for all: what a client would check of the answer is no matter of a load.
constexpr std::string_view kHead = "HTTP/1.1\r\nHost: localhost\r\n";
constexpr std::string_view kSse = "Accept: text/event-stream\r\n\r\n";
constexpr std::string_view kWebSocket =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

}  // namespace

Clients::Clients(const Plan& plan, Request request, std::size_t slow, OnMessage on_message)
    : plan_(plan),
      request_(std::move(request)),
      slow_(slow),
      on_message_(std::move(on_message)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      clients_(plan.clients()) {}

// Reset, not closed, or as many ports as there were clients would wait for a minute.
Clients::~Clients() {
  for (const Client& client : clients_) {
    const linger at_once{1, 0};
    ::setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(client.fd);
  }
  ::close(epoll_);
}

// ---- opening

void Clients::open() {
  auto until = std::chrono::steady_clock::now() + kLongestOpening;
  for (std::size_t next = 0; next < clients_.size() || opening_ > 0;) {
    if (next < clients_.size() && opening_ < kOpeningAtOnce) {
      begin(next++);
      until = std::chrono::steady_clock::now() + kLongestOpening;
    }
    poll();
    if (std::chrono::steady_clock::now() > until)
      throw std::runtime_error(std::to_string(opening_) + " streams did not open in half a minute");
  }
}

void Clients::begin(std::size_t number) {
  Client& client = clients_[number];
  const auto window = number < slow_ ? Window::narrow : Window::usual;
  client.fd = connect_to(request_.port, window, static_cast<std::uint32_t>(number / kClientsAnAddress));
  const std::string request = request_of(number);
  if (::send(client.fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<::ssize_t>(request.size()))
    fail("a request did not go out whole");
  epoll_event interest{EPOLLIN, {.u64 = number}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &interest) != 0) fail("epoll_ctl");
  ++opening_;
}

std::string Clients::request_of(std::size_t number) {
  std::string request = "GET " + request_.target;
  for (std::size_t place = 0; place < plan_.each(); ++place) {
    if (place > 0) request += '&';
    request += request_.topic.write(request_.first_topic + plan_.topic_of(number, place));
  }
  return request.append(" ").append(kHead).append(request_.form == Form::sse ? kSse : kWebSocket);
}

// ---- reading

std::size_t Clients::poll() {
  std::array<epoll_event, kReadATurn> ready;
  const int n = ::epoll_wait(epoll_, ready.data(), kReadATurn, 0);
  for (int i = 0; i < n; ++i) on_ready(ready[static_cast<std::size_t>(i)].data.u64);
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}

void Clients::on_ready(std::size_t number) {
  Client& client = clients_[number];
  const ::ssize_t n = ::recv(client.fd, piece_.data(), piece_.size(), MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return;
  if (n < 0) fail("a stream broke");
  if (n == 0) throw std::runtime_error("the server ended a stream: " + client.rest);
  std::string_view bytes(piece_.data(), static_cast<std::size_t>(n));
  std::string all;
  if (!client.rest.empty()) bytes = all = std::exchange(client.rest, {}).append(bytes);
  if (!client.open) bytes = take_head(client, bytes);
  if (client.open) take_frames(number, bytes);
}

// What follows the head, once that is whole.
std::string_view Clients::take_head(Client& client, std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) {
    client.rest = bytes;
    return {};
  }
  const bool good = bytes.starts_with(request_.form == Form::sse ? "HTTP/1.1 200 " : "HTTP/1.1 101 ");
  if (!good) throw std::runtime_error("a stream was refused: " + std::string(bytes));
  client.open = true;
  --opening_;
  return bytes.substr(end + 4);
}

void Clients::take_frames(std::size_t number, std::string_view bytes) {
  while (const auto frame = first_frame(request_.form, bytes)) {
    if (const auto message = number_in(frame->text)) on_message_(number, *message, frame->size);
    bytes.remove_prefix(frame->size);
  }
  clients_[number].rest = bytes;
}

// ---- slow ones

void Clients::stop_reading_slow_ones() {
  for (std::size_t i = 0; i < slow_; ++i) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, clients_[i].fd, nullptr);
}

std::size_t Clients::unread_bytes() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < slow_; ++i) {
    int bytes = 0;
    if (::ioctl(clients_[i].fd, FIONREAD, &bytes) == 0) sum += static_cast<std::size_t>(bytes);
  }
  return sum;
}

}  // namespace statecast::bench

#include "tests/bench/http_connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace statecast::bench {

namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

// What a sender has under way grows with the segment that its peer asks for; both are told as the connection opens.
void narrow_down(int fd) {
  const int bytes = 4096, segment = 536;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  ::setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
}

sockaddr_in loopback(std::uint32_t address, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK + address);
  return out;
}

// The port is chosen as the connection opens, when it is known what it must differ from.
void come_from(int fd, std::uint32_t address) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const sockaddr_in from = loopback(address, 0);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) fail("bind");
}

}  // namespace

int connect_to(std::uint16_t port, Window window, std::uint32_t address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  if (window == Window::narrow) narrow_down(fd);
  if (address != 0) come_from(fd, address);
  const sockaddr_in to = loopback(0, port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::fcntl(fd, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
  return fd;
}

HttpConnection::HttpConnection(std::uint16_t port) : fd_(connect_to(port)) {}

HttpConnection::~HttpConnection() { ::close(fd_); }

void HttpConnection::send(std::string_view request) {
  rest_ = request;
  answer_.clear();
  write_some();
}

bool HttpConnection::on_ready() {
  write_some();
  return read_some();
}

void HttpConnection::write_some() {
  while (!rest_.empty()) {
    const ::ssize_t n = ::send(fd_, rest_.data(), rest_.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) fail("send");
    rest_.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool HttpConnection::read_some() {
  std::array<char, 16 * 1024> piece;
  for (;;) {
    const ::ssize_t n = ::recv(fd_, piece.data(), piece.size(), 0);
    if (n < 0 && errno == EAGAIN) return false;
    if (n < 0) fail("recv");
    if (n == 0) throw std::runtime_error("the host closed a connection: " + answer_);
    answer_.append(piece.data(), static_cast<std::size_t>(n));
    if (answered()) return true;
  }
}

bool HttpConnection::answered() const {
  constexpr std::string_view kLength = "Content-Length: ";
  const auto head_end = answer_.find("\r\n\r\n");
  if (head_end == std::string::npos) return false;
  const auto field = answer_.find(kLength);
  std::size_t length = 0;
  if (field < head_end) std::from_chars(answer_.data() + field + kLength.size(), answer_.data() + head_end, length);
  return answer_.size() >= head_end + 4 + length;
}

}  // namespace statecast::bench

#include "tests/bench/publisher.hpp"

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

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::fcntl(fd, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
  return fd;
}

}  // namespace

Publisher::Publisher(std::uint16_t port, const RequestForm& form, std::uint64_t number)
    : fd_(connect_to(port)), request_(form, number) {}

Publisher::~Publisher() { ::close(fd_); }

void Publisher::send_next() {
  request_.renew();
  written_ = 0;
  answer_.clear();
  sent_at_ = std::chrono::steady_clock::now();
  write_some();
}

bool Publisher::on_ready() {
  if (written_ < request_.bytes().size()) write_some();
  return read_some();
}

void Publisher::write_some() {
  while (written_ < request_.bytes().size()) {
    const auto rest = request_.bytes().substr(written_);
    const ::ssize_t n = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) fail("send");
    written_ += static_cast<std::size_t>(n);
  }
}

bool Publisher::read_some() {
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

bool Publisher::answered() {
  constexpr std::string_view kLength = "Content-Length: ";
  const auto head_end = answer_.find("\r\n\r\n");
  if (head_end == std::string::npos) return false;
  const auto field = answer_.find(kLength);
  std::size_t length = 0;
  if (field < head_end) std::from_chars(answer_.data() + field + kLength.size(), answer_.data() + head_end, length);
  if (answer_.size() < head_end + 4 + length) return false;
  const std::string all = R"("accepted":)" + std::to_string(events()) + R"(,"duplicates":0,)";
  if (!answer_.starts_with("HTTP/1.1 202 ") || answer_.find(all, head_end) == std::string::npos)
    throw std::runtime_error("a publication was not taken whole: " + answer_);
  return true;
}

}  // namespace statecast::bench

// fanout_floor: the least that a server can do for each client of a message: one send() that does not wait. It copies what
// is published into one frame and loops over the topic's connections; it knows no event, no state and no limit.
//
// A client whose socket does not take a frame whole keeps the rest of it, and gets nothing more until that is sent: what
// was left out meanwhile is missing there, which whoever counts will find.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

namespace {

constexpr std::string_view kSseHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
constexpr std::string_view kWebSocketHead =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
constexpr std::string_view kAccepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

std::size_t number_at(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

class Floor {
 public:
  explicit Floor(bool websocket) : websocket_(websocket), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

  std::uint16_t listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    check(::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) == 0, "bind");
    check(::listen(listener_, SOMAXCONN) == 0, "listen");
    check(::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0, "getsockname");
    watch(listener_);
    return ntohs(at.sin_port);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> ready;
    for (;;) {
      const int n = ::epoll_wait(epoll_, ready.data(), ready.size(), -1);
      for (int i = 0; i < n; ++i) on_ready(ready[static_cast<std::size_t>(i)]);
    }
  }

 private:
  void watch(int fd) {
    epoll_event interest{EPOLLIN, {.fd = fd}};
    check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &interest) == 0, "epoll_ctl");
  }

  void on_ready(const epoll_event& event) {
    if (event.data.fd == listener_) return accept();
    if ((event.events & EPOLLOUT) != 0) return send_rest(event.data.fd);
    read(event.data.fd);
  }

  void accept() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(fd);
  }

  void read(int fd) {
    const ::ssize_t n = ::recv(fd, piece_.data(), piece_.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return close(fd);
    std::string_view bytes(piece_.data(), static_cast<std::size_t>(n));
    const auto begun = begun_.find(fd);
    if (begun != begun_.end()) bytes = begun->second.append(bytes);
    const bool whole = on_request(fd, bytes);
    if (whole && begun != begun_.end()) begun_.erase(begun);
    if (!whole && begun == begun_.end()) begun_.emplace(fd, bytes);
  }

  // False while the request is not whole.
  bool on_request(int fd, std::string_view request) {
    const auto head_end = request.find("\r\n\r\n");
    if (head_end == request.npos) return false;
    const auto target = request.substr(0, request.find('\n'));
    if (request.starts_with("GET ")) return subscribe(fd, target), true;
    constexpr std::string_view kLength = "Content-Length: ";
    const auto body = request.substr(head_end + 4);
    if (body.size() < number_at(request.substr(request.find(kLength) + kLength.size()))) return false;
    publish(number_at(target.substr(target.find('=') + 1)), body);
    check(::send(fd, kAccepted.data(), kAccepted.size(), MSG_NOSIGNAL) == kAccepted.size(), "answer");
    return true;
  }

  // Each number behind a '=' is a topic.
  void subscribe(int fd, std::string_view target) {
    for (auto at = target.find('='); at != target.npos; at = target.find('=', at + 1)) {
      const auto topic = number_at(target.substr(at + 1));
      if (topics_.size() <= topic) topics_.resize(topic + 1);
      topics_[topic].push_back(fd);
    }
    send(fd, websocket_ ? kWebSocketHead : kSseHead);
  }

  void publish(std::size_t topic, std::string_view body) {
    if (topic >= topics_.size()) return;
    websocket_ ? write_websocket_frame(body) : static_cast<void>(frame_.assign("data: ").append(body).append("\n\n"));
    for (const int fd : topics_[topic]) send(fd, frame_);
  }

  void write_websocket_frame(std::string_view body) {
    frame_ = '\x81';
    if (body.size() < 126) {
      frame_ += static_cast<char>(body.size());
    } else {
      check(body.size() < 65536, "the body is too large");
      frame_ += '\x7E';
      frame_ += static_cast<char>(body.size() >> 8);
      frame_ += static_cast<char>(body.size());
    }
    frame_ += body;
  }

  void send(int fd, std::string_view bytes) {
    if (!rests_.empty() && rests_.contains(fd)) return;
    const ::ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n == static_cast<::ssize_t>(bytes.size()) || (n < 0 && errno != EAGAIN)) return;
    rests_[fd] = bytes.substr(n < 0 ? 0 : static_cast<std::size_t>(n));
    epoll_event interest{EPOLLIN | EPOLLOUT, {.fd = fd}};
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &interest);
  }

  void send_rest(int fd) {
    std::string& rest = rests_[fd];
    const ::ssize_t n = ::send(fd, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return;
    if (n > 0) rest.erase(0, static_cast<std::size_t>(n));
    if (n > 0 && !rest.empty()) return;
    rests_.erase(fd);
    epoll_event interest{EPOLLIN, {.fd = fd}};
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &interest);
  }

  // Clients come once and leave at the end: topics are cleaned as they go, whatever that costs.
  void close(int fd) {
    for (auto& topic : topics_) std::erase(topic, fd);
    begun_.erase(fd);
    rests_.erase(fd);
    ::close(fd);
  }

  const bool websocket_;
  const int epoll_;
  int listener_ = -1;
  std::vector<std::vector<int>> topics_;
  std::unordered_map<int, std::string> begun_, rests_;  // requests and frames that are not whole
  std::string frame_;
  std::array<char, 64 * 1024> piece_;
};

}  // namespace

int main(int argc, char** argv) try {
  bool websocket = false;
  CLI::App app("Sends what is published to all who follow its topic");
  app.add_flag("--websocket", websocket, "frames of WebSocket, not of SSE");
  CLI11_PARSE(app, argc, argv);
  Floor floor(websocket);
  std::printf(R"({"port":%u})"
              "\n", static_cast<unsigned>(floor.listen()));
  std::fflush(stdout);
  floor.run();
} catch (const std::exception& error) {
  std::fprintf(stderr, "fanout_floor: %s\n", error.what());
  return 1;
}

#include "tests/bench/load/publishing.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace statecast::bench {

namespace {

std::string request(const std::string& target, const std::string& type, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(Pattern(body).size()) + "\r\n\r\n" + body;
}

}  // namespace

Publishing::Publishing(const std::string& target, const std::string& type, const std::string& body)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), request_(request(target, type, body)) {}

Publishing::~Publishing() { ::close(epoll_); }

void Publishing::open(std::uint16_t port, std::size_t connections) {
  for (std::size_t i = 0; i < connections; ++i) {
    auto& line = lines_.emplace_back(new Line{HttpConnection(port), request_, {}});
    epoll_event interest{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = line.get()}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, line->connection.descriptor(), &interest);
  }
}

void Publishing::publish(std::uint64_t topic, std::uint64_t number) {
  Line& line = *lines_[topic % lines_.size()];
  line.messages.push_back({topic, number});
  ++under_way_;
  if (line.messages.size() == 1) send_first(line);
}

void Publishing::send_first(Line& line) {
  const Message& message = line.messages.front();
  line.connection.send(line.request.write(message.topic, message.number));
}

void Publishing::poll() {
  if (under_way_ == 0) return;
  std::array<epoll_event, 16> ready;
  const int n = ::epoll_wait(epoll_, ready.data(), ready.size(), 0);
  for (int i = 0; i < n; ++i) {
    auto& line = *static_cast<Line*>(ready[static_cast<std::size_t>(i)].data.ptr);
    if (line.connection.on_ready()) on_answer(line);
  }
}

void Publishing::on_answer(Line& line) {
  if (!line.connection.answer().starts_with("HTTP/1.1 2"))
    throw std::runtime_error("a message was not taken: " + line.connection.answer());
  line.messages.pop_front();
  --under_way_;
  if (!line.messages.empty()) send_first(line);
}

}  // namespace statecast::bench

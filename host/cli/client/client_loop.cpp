#include "host/cli/client/client_loop.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

namespace statecast::host::client {

namespace asio = boost::asio;

ClientLoop::ClientLoop() : signals_(io_, SIGINT, SIGTERM) {
  ::signal(SIGPIPE, SIG_IGN);
  do_await_signal();
}

void ClientLoop::do_await_signal() {
  signals_.async_wait([this](ErrorCode error, int) {
    if (error) return;
    end_ = End::kInterrupted;
    signals_.clear();
  });
}

// One handler, or nothing until the deadline: then false.
bool ClientLoop::turn(SteadyTime deadline) {
  if (io_.stopped()) io_.restart();
  const auto until = ended() ? deadline : std::min(deadline, end_at_);
  if (io_.run_one_until(until) != 0) return true;
  const auto now = std::chrono::steady_clock::now();
  if (!ended() && now >= end_at_) end_ = End::kTimeUp;
  return now < deadline;
}

void ClientLoop::look_around() {
  if (io_.stopped()) io_.restart();
  io_.poll();
  if (!ended() && std::chrono::steady_clock::now() >= end_at_) end_ = End::kTimeUp;
}

bool ClientLoop::sleep(std::chrono::milliseconds time) {
  asio::steady_timer timer(io_, time);
  await(SteadyTime::max(), [&](auto done) { timer.async_wait(std::move(done)); }, [&] { timer.cancel(); });
  return !ended();
}

// Asio would make the descriptor itself non-blocking, for all who share it; it is given an epoll set in its place.
std::optional<asio::posix::stream_descriptor> ClientLoop::gate(int descriptor, unsigned events) {
  asio::posix::stream_descriptor set(io_, ::epoll_create1(EPOLL_CLOEXEC));
  epoll_event wanted{};
  wanted.events = events;
  if (::epoll_ctl(set.native_handle(), EPOLL_CTL_ADD, descriptor, &wanted) != 0) return std::nullopt;
  return set;
}

void ClientLoop::watch_output(int descriptor) {
  output_ = gate(descriptor, 0);  // errors and hang-ups are always told
  if (!output_) return;
  output_->async_wait(asio::posix::stream_descriptor::wait_read, [this](ErrorCode error) {
    if (!error && !ended()) end_ = End::kNobodyReads;
  });
}

bool ClientLoop::await_readable(int descriptor) {
  auto readable = gate(descriptor, EPOLLIN);
  look_around();
  if (!readable || ended()) return !ended();
  await(SteadyTime::max(), [&](auto done) { readable->async_wait(asio::posix::stream_descriptor::wait_read, std::move(done)); },
        [&] { readable->cancel(); });
  return !ended();
}

}  // namespace statecast::host::client

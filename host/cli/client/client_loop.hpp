// The one thread of a client command: every wait of the command runs here, and ends when its time is up, on Ctrl-C or
// SIGTERM, when nobody reads the output any more, or when the command has run for as long as it was told to.
//
// One for a command. [main]
#pragma once

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>

namespace statecast::host::client {

using SteadyTime = std::chrono::steady_clock::time_point;
using ErrorCode = boost::system::error_code;

inline SteadyTime after(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

class ClientLoop {
 public:
  enum class End { kNone, kInterrupted, kNobodyReads, kTimeUp };

  // Takes SIGINT and SIGTERM; a second one ends the process as it does by default. Ignores SIGPIPE.
  ClientLoop();

  boost::asio::io_context& io() { return io_; }
  End end() const { return end_; }
  bool ended() const { return end_ != End::kNone; }

  // Ends every wait at that time, with kTimeUp.
  void end_at(SteadyTime time) { end_at_ = time; }
  // Ends every wait once the other side of a pipe or socket is closed. Leaves the descriptor's flags, which other
  // processes share, as they are.
  void watch_output(int descriptor);
  // Lets signals and the like that have come take effect.
  void look_around();

  // Starts an operation with start(handler) and runs until it is done. It is given up by cancel() when the deadline is
  // reached (timed_out), or at the end of the command (operation_aborted).
  template <class Start, class Cancel>
  ErrorCode await(SteadyTime deadline, Start start, Cancel cancel);

  // False when the command is to end.
  bool sleep(std::chrono::milliseconds time);
  // Waits until something can be read, which for a file is at once. False when the command is to end.
  bool await_readable(int descriptor);

 private:
  bool turn(SteadyTime deadline);
  void do_await_signal();
  // A descriptor that is readable when the given one has these epoll events; nothing for what has none, like a file.
  std::optional<boost::asio::posix::stream_descriptor> gate(int descriptor, unsigned events);

  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_;
  std::optional<boost::asio::posix::stream_descriptor> output_;
  End end_ = End::kNone;
  SteadyTime end_at_ = SteadyTime::max();
};

template <class Start, class Cancel>
ErrorCode ClientLoop::await(SteadyTime deadline, Start start, Cancel cancel) {
  look_around();
  if (ended()) return boost::asio::error::operation_aborted;
  std::optional<ErrorCode> done;
  start([&done](ErrorCode error, auto&&...) { done = error; });
  bool in_time = true;
  while (!done && in_time && !ended()) in_time = turn(deadline);
  if (!done) cancel();
  while (!done) turn(SteadyTime::max());
  if (!*done || (in_time && !ended())) return *done;
  return in_time ? ErrorCode(boost::asio::error::operation_aborted) : ErrorCode(boost::asio::error::timed_out);
}

}  // namespace statecast::host::client

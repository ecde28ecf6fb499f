#include "host/serving/listener.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace statecast::host {

namespace asio = boost::asio;
namespace errc = boost::system::errc;

namespace {

constexpr std::chrono::milliseconds kPause{100};

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

Listener::Listener(asio::ip::tcp::acceptor acceptor, OpenFiles& files, Accepted accepted)
    : acceptor_(std::move(acceptor)), files_(files), accepted_(std::move(accepted)), again_(acceptor_.get_executor()), spare_(open_spare()) {
  acceptor_.non_blocking(true);
}

Listener::~Listener() {
  if (spare_ >= 0) ::close(spare_);
}

void Listener::close() {
  Error ignored;
  acceptor_.close(ignored);
  again_.cancel();
}

// Not async_accept(): it tries before it waits, which fails at once while there is no file, whether anybody comes or not.
void Listener::do_wait() {
  acceptor_.async_wait(asio::ip::tcp::acceptor::wait_read, [this](Error error) {
    if (error) return;
    try {
      on_readable();
    } catch (...) {
      do_pause();  // whatever became of one who came, others come
      throw;
    }
  });
}

void Listener::do_pause() {
  again_.expires_after(kPause);
  again_.async_wait([this](Error error) {
    if (!error) do_wait();
  });
}

void Listener::on_readable() {
  for (std::size_t taken = 0; taken < kAtOnce && acceptor_.is_open(); ++taken) {
    Error error;
    Socket socket = acceptor_.accept(acceptor_.get_executor(), error);
    if (!error) {
      accepted_(std::move(socket));
      continue;
    }
    if (error == asio::error::would_block) break;
    files_.note_accept_failure(error.message());
    if (error == errc::too_many_files_open || error == errc::too_many_files_open_in_system) refuse_one(error);
    if (error == asio::error::would_block) break;
    if (error) return do_pause();
  }
  if (acceptor_.is_open()) do_wait();
}

// Where nobody is there, or somebody else was faster, that is a would_block: without a file the kernel does not look.
void Listener::refuse_one(Error& error) {
  if (spare_ >= 0) ::close(spare_);
  if (Socket socket = acceptor_.accept(acceptor_.get_executor(), error); !error) {
    files_.note_refused();
    refuse_at_once(std::move(socket), no_file_left());
  }
  spare_ = open_spare();
}

void refuse_at_once(Listener::Socket socket, const HttpResponse& response) {
  boost::system::error_code ignored;
  std::array<char, 16 * 1024> sent;
  socket.non_blocking(true, ignored);
  socket.read_some(asio::buffer(sent), ignored);  // closing over unread bytes would take the answer back
  socket.write_some(asio::buffer(response_text(response, false, false, http_date())), ignored);
  socket.shutdown(Listener::Socket::shutdown_send, ignored);
}

HttpResponse no_file_left() {
  return busy("This host may not open as many files as it has connections: try again later; its operator can raise LimitNOFILE.", 5);
}

}  // namespace statecast::host

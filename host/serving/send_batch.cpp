#include "host/serving/send_batch.hpp"

#include <liburing.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "host/ops/log.hpp"

namespace statecast::host {

struct SendBatch::Ring {
  io_uring ring{};
  bool set_up = false;
  ~Ring() {
    if (set_up) ::io_uring_queue_exit(&ring);
  }
};

SendBatch::SendBatch() { sends_.reserve(kMost); }
SendBatch::~SendBatch() = default;

int SendBatch::open() {
  io_uring_params how{};
  // Of one thread, and no interrupt of it: all is done within the one call.
  how.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL;
  auto made = std::make_unique<Ring>();
  if (const int failed = ::io_uring_queue_init_params(kMost, &made->ring, &how); failed < 0) return -failed;
  made->set_up = true;
  ring_ = std::move(made);
  return 0;
}

std::span<const SendBatch::Send> SendBatch::submit() {
  if (usable() && !run()) ring_.reset();
  return sends_;
}

bool SendBatch::run() {
  for (std::size_t i = 0; i < sends_.size(); ++i) {
    io_uring_sqe* entry = ::io_uring_get_sqe(&ring_->ring);
    if (entry == nullptr) return false;
    const Send& send = sends_[i];
    // MSG_DONTWAIT: what the socket does not take now is not waited for.
    ::io_uring_prep_send(entry, send.fd, send.bytes.data(), send.bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::io_uring_sqe_set_data64(entry, i);
  }
  for (std::size_t done = 0; done < sends_.size();) {
    const int status = ::io_uring_submit_and_wait(&ring_->ring, static_cast<unsigned>(sends_.size() - done));
    done += take_results();
    if (status < 0 && status != -EINTR) {
      log::error("server", std::string("io_uring failed, and is used no more: ") + std::strerror(-status));
      return false;
    }
  }
  return true;
}

std::size_t SendBatch::take_results() {
  unsigned head, taken = 0;
  io_uring_cqe* result;
  io_uring_for_each_cqe(&ring_->ring, head, result) {
    sends_[result->user_data].sent = result->res;
    ++taken;
  }
  ::io_uring_cq_advance(&ring_->ring, taken);
  return taken;
}

}  // namespace statecast::host

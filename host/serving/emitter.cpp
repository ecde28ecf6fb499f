#include "host/serving/emitter.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace statecast::host {

namespace {

constexpr std::size_t kFramesAWrite = 64;

}  // namespace

bool Emitter::push(Ref<Frame> frame) {
  const Change* change = frame->change();
  const bool replaced = blocked_ && change != nullptr && !change->appended &&
                        drop_if(
                            [](const Entry& entry, const Frame& newer) {
                              const Change* waiting = entry.frame->change();
                              return waiting != nullptr && !waiting->appended && waiting->lane == newer.change()->lane &&
                                     waiting->key == newer.change()->key;
                            },
                            *frame);
  bytes_ += frame->bytes().size();
  queue_.push_back({std::move(frame)});
  return replaced;
}

bool Emitter::push_cursor(Ref<Frame> frame) {
  const bool replaced = drop_if([](const Entry& entry, const Frame&) { return entry.cursor; }, *frame);
  bytes_ += frame->bytes().size();
  queue_.push_back({std::move(frame), true});
  return replaced;
}

bool Emitter::drop_if(bool (*matches)(const Entry&, const Frame&), const Frame& frame) {
  for (std::size_t i = queue_.size(); i-- > untouched();) {
    if (!matches(queue_[i], frame)) continue;
    bytes_ -= queue_[i].frame->bytes().size();
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

Emitter::Written Emitter::flush(int fd) {
  while (!empty()) {
    iovec pieces[kFramesAWrite];
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = gather(pieces, kFramesAWrite);
    ++writes_;
    const auto sent = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      on_sent(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    blocked_ = errno == EAGAIN || errno == EWOULDBLOCK;
    if (blocked_) return Written::kBlocked;
    error_ = errno;
    return Written::kBroken;
  }
  blocked_ = false;
  return Written::kAll;
}

std::size_t Emitter::gather(iovec* out, std::size_t max) const {
  std::size_t n = 0, skip = offset_;
  for (std::size_t i = first_; i < queue_.size() && n < max; ++i, skip = 0) {
    const auto bytes = queue_[i].frame->bytes().substr(skip);
    out[n++] = {const_cast<char*>(bytes.data()), bytes.size()};
  }
  return n;
}

void Emitter::on_sent(std::size_t n) {
  bytes_ -= n;
  offset_ += n;
  while (first_ < queue_.size() && offset_ >= queue_[first_].frame->bytes().size()) {
    offset_ -= queue_[first_].frame->bytes().size();
    queue_[first_++].frame = {};
  }
  if (first_ == queue_.size()) {
    queue_.clear();
    first_ = 0;
  } else if (first_ > 64 && first_ * 2 > queue_.size()) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void Emitter::clear() {
  queue_ = {};
  first_ = offset_ = bytes_ = 0;
  blocked_ = false;
}

}  // namespace statecast::host

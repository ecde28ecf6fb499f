#include "host/serving/emitter.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace statecast::host {

namespace {

constexpr std::size_t kFramesAWrite = 64;

}  // namespace

bool Emitter::push(Ref<Frame> frame, std::uint32_t leg, bool conflate) {
  const Change* change = frame->change();
  const bool replaced = conflate && blocked_ && change != nullptr && !change->appended &&
                        drop_if(
                            [](const Entry& entry, const Frame& newer) {
                              const Change* waiting = entry.frame->change();
                              return waiting != nullptr && !waiting->appended && waiting->lane == newer.change()->lane &&
                                     waiting->key == newer.change()->key;
                            },
                            *frame);
  put({std::move(frame), leg});
  return replaced;
}

void Emitter::push_page(Ref<Frame> frame) { put({std::move(frame), kNoLeg, Kind::kPage}); }

bool Emitter::push_cursor(Ref<Frame> frame) {
  const bool replaced = drop_if([](const Entry& entry, const Frame&) { return entry.kind == Kind::kCursor; }, *frame);
  put({std::move(frame), kNoLeg, Kind::kCursor});
  return replaced;
}

void Emitter::put(Entry entry) {
  const auto bytes = entry.frame->bytes().size();
  bytes_ += bytes;
  if (entry.kind == Kind::kCounted) ++counted_, counted_bytes_ += bytes;
  queue_.push_back(std::move(entry));
}

// Of one that was sent whole, or not at all.
void Emitter::forget(const Entry& entry) {
  if (entry.kind == Kind::kCounted) --counted_, counted_bytes_ -= entry.frame->bytes().size();
}

bool Emitter::over(std::size_t bytes, std::size_t messages) const {
  const bool half_sent = offset_ != 0 && queue_[first_].kind == Kind::kCounted;
  const auto waiting = counted_ - (half_sent ? 1 : 0);
  return waiting > 1 && (waiting > messages || counted_bytes_ - (half_sent ? queue_[first_].frame->bytes().size() : 0) > bytes);
}

bool Emitter::drop_if(bool (*matches)(const Entry&, const Frame&), const Frame& frame) {
  for (std::size_t i = queue_.size(); i-- > untouched();) {
    if (!matches(queue_[i], frame)) continue;
    bytes_ -= queue_[i].frame->bytes().size();
    forget(queue_[i]);
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

void Emitter::drop(std::uint16_t lane, std::uint64_t after, const Dropped& dropped, const std::function<bool()>& more) {
  for (std::size_t i = queue_.size(); i-- > untouched();) {
    Entry& entry = queue_[i];
    const Change* change = entry.frame->change();
    const bool goes = entry.kind == Kind::kCursor || (change != nullptr && change->lane == lane && change->id > after && more());
    if (!goes) continue;
    bytes_ -= entry.frame->bytes().size();
    forget(entry);
    entry.frame = {};
    dropped(entry.leg);
  }
  queue_.erase(std::remove_if(queue_.begin() + static_cast<std::ptrdiff_t>(untouched()), queue_.end(), [](const Entry& entry) { return !entry.frame; }),
               queue_.end());
}

const Change* Emitter::newest_change(std::uint16_t lane) const {
  for (std::size_t i = queue_.size(); i-- > first_;) {
    const Change* change = queue_[i].frame->change();
    if (change != nullptr && change->lane == lane) return change;
  }
  return nullptr;
}

Emitter::Written Emitter::flush(int fd, std::vector<Ref<Frame>>& taken) {
  const std::size_t from = first_;
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
    error_ = errno;
    blocked_ = error_ == EAGAIN || error_ == EWOULDBLOCK;
    forget_sent(from, taken);
    return blocked_ ? Written::kBlocked : Written::kBroken;
  }
  queue_.clear();
  bytes_ = counted_bytes_ = 0;
  first_ = offset_ = counted_ = 0;
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
  n += offset_;
  while (first_ < queue_.size() && n >= queue_[first_].frame->bytes().size()) n -= queue_[first_++].frame->bytes().size();
  offset_ = static_cast<std::uint32_t>(n);
}

void Emitter::forget_sent(std::size_t from, std::vector<Ref<Frame>>& taken) {
  for (std::size_t i = from; i < first_; ++i) {
    forget(queue_[i]);
    taken.push_back(std::move(queue_[i].frame));
  }
  if (first_ > 64 && first_ * 2 > queue_.size()) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void Emitter::clear() {
  queue_ = {};
  bytes_ = counted_bytes_ = 0;
  first_ = offset_ = counted_ = 0;
  blocked_ = false;
}

}  // namespace statecast::host

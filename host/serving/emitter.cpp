#include "host/serving/emitter.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace statecast::host {

namespace {

constexpr std::size_t kFramesAWrite = 64;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

// ---- in

Emitter::Queue& Emitter::queue() {
  if (!queue_) {
    queue_ = std::make_unique<Queue>();
    if (only_.frame) queue_->put(std::exchange(only_, {}));
  }
  return *queue_;
}

bool Emitter::drop_older(const Frame& newer) {
  const Change* change = newer.change();
  return change != nullptr && !change->appended &&
         queue_->erase_newest(
             [](const Entry& entry, const Frame& frame) {
               const Change* waiting = entry.frame->change();
               return waiting != nullptr && !waiting->appended && waiting->lane == frame.change()->lane && waiting->key == frame.change()->key;
             },
             newer);
}

bool Emitter::push_cursor(Ref<Frame> frame) {
  bool replaced = false;
  if (queue_) {
    replaced = queue_->erase_newest([](const Entry& entry, const Frame&) { return entry.kind == Kind::kCursor; }, *frame);
  } else if (only_.frame && only_.kind == Kind::kCursor) {
    only_ = {};
    replaced = true;
  }
  put({std::move(frame), kNoLeg, Kind::kCursor});
  return replaced;
}

void Emitter::Queue::put(Entry entry) {
  const auto size = entry.frame->bytes().size();
  bytes += size;
  if (entry.kind == Kind::kCounted) ++counted, counted_bytes += size;
  entries.push_back(std::move(entry));
}

// ---- what is too much

// Of one that was sent whole, or not at all.
void Emitter::Queue::forget(const Entry& entry) {
  if (entry.kind == Kind::kCounted) --counted, counted_bytes -= entry.frame->bytes().size();
}

bool Emitter::over(std::size_t bytes, std::size_t messages) const {
  if (!queue_ || queue_->waiting() == 0) return false;
  const Entry& first = queue_->entries[queue_->first];
  const bool half_sent = queue_->offset != 0 && first.kind == Kind::kCounted;
  const auto waiting = queue_->counted - (half_sent ? 1 : 0);
  return waiting > 1 && (waiting > messages || queue_->counted_bytes - (half_sent ? first.frame->bytes().size() : 0) > bytes);
}

bool Emitter::Queue::erase_newest(bool (*matches)(const Entry&, const Frame&), const Frame& frame) {
  for (std::size_t i = entries.size(); i-- > untouched();) {
    if (!matches(entries[i], frame)) continue;
    bytes -= entries[i].frame->bytes().size();
    forget(entries[i]);
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

void Emitter::drop(std::uint16_t lane, std::uint64_t after, const Dropped& dropped, const std::function<bool()>& more) {
  if (empty()) return;
  Queue& from = queue();
  for (std::size_t i = from.entries.size(); i-- > from.untouched();) {
    Entry& entry = from.entries[i];
    const Change* change = entry.frame->change();
    const bool goes = entry.kind == Kind::kCursor || (change != nullptr && change->lane == lane && change->id > after && more());
    if (!goes) continue;
    from.bytes -= entry.frame->bytes().size();
    from.forget(entry);
    entry.frame = {};
    dropped(entry.leg);
  }
  from.entries.erase(std::remove_if(from.entries.begin() + static_cast<std::ptrdiff_t>(from.untouched()), from.entries.end(),
                                    [](const Entry& entry) { return !entry.frame; }),
                     from.entries.end());
}

const Change* Emitter::newest_change(std::uint16_t lane) const {
  const auto change_of = [&](const Entry& entry) {
    const Change* change = entry.frame ? entry.frame->change() : nullptr;
    return change != nullptr && change->lane == lane ? change : nullptr;
  };
  if (!queue_) return change_of(only_);
  for (std::size_t i = queue_->entries.size(); i-- > queue_->first;)
    if (const Change* change = change_of(queue_->entries[i])) return change;
  return nullptr;
}

// ---- out

Emitter::Flushed Emitter::flush(int fd, std::vector<Ref<Frame>>& taken) {
  if (queue_) return flush_queue(fd, taken);
  if (!only_.frame) return {};
  const auto bytes = sole();
  return after_send(fd, ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL), taken);
}

Emitter::Flushed Emitter::after_send(int fd, ::ssize_t sent, std::vector<Ref<Frame>>& taken) {
  const std::size_t bytes = sole().size();
  if (sent != static_cast<::ssize_t>(bytes)) {
    // The second try says what is wrong, or takes the rest.
    if (sent > 0) queue().on_sent(static_cast<std::size_t>(sent));
    else queue();
    Flushed rest = flush_queue(fd, taken);
    ++rest.writes;
    rest.bytes += sent > 0 ? static_cast<std::size_t>(sent) : 0;
    return rest;
  }
  only_ = {};
  return {Written::kAll, 0, 1, 1, bytes};
}

Emitter::Flushed Emitter::flush_queue(int fd, std::vector<Ref<Frame>>& taken) {
  Queue& from = *queue_;
  Flushed out;
  const std::size_t first = from.first, bytes = from.bytes;
  while (out.written == Written::kAll && from.waiting() != 0) {
    iovec pieces[kFramesAWrite];
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = from.gather(pieces, kFramesAWrite);
    ++out.writes;
    const auto sent = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      from.on_sent(static_cast<std::size_t>(sent));
    } else if (errno != EINTR) {
      out.error = errno;
      out.written = would_block(out.error) ? Written::kBlocked : Written::kBroken;
    }
  }
  out.frames = from.first - first;
  out.bytes = bytes - from.bytes;
  if (out.written == Written::kAll) {
    queue_.reset();
  } else {
    from.blocked = out.written == Written::kBlocked;
    from.forget_sent(first, taken);
  }
  return out;
}

std::size_t Emitter::Queue::gather(iovec* out, std::size_t max) const {
  std::size_t n = 0, skip = offset;
  for (std::size_t i = first; i < entries.size() && n < max; ++i, skip = 0) {
    const auto rest = entries[i].frame->bytes().substr(skip);
    out[n++] = {const_cast<char*>(rest.data()), rest.size()};
  }
  return n;
}

void Emitter::Queue::on_sent(std::size_t n) {
  bytes -= n;
  n += offset;
  while (first < entries.size() && n >= entries[first].frame->bytes().size()) n -= entries[first++].frame->bytes().size();
  offset = static_cast<std::uint32_t>(n);
}

void Emitter::Queue::forget_sent(std::size_t from, std::vector<Ref<Frame>>& taken) {
  for (std::size_t i = from; i < first; ++i) {
    forget(entries[i]);
    taken.push_back(std::move(entries[i].frame));
  }
  if (first > 64 && first * 2 > entries.size()) {
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(first));
    first = 0;
  }
}

}  // namespace statecast::host

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "host/serving/streams.hpp"

namespace statecast::host {

namespace {

constexpr int kEventsARound = 32;  // few, so that what comes for others does not wait for a crowd that leaves

std::uint64_t tag(std::uint32_t slot, std::uint32_t generation) { return (std::uint64_t{generation} << 32) | slot; }

}  // namespace

// ---- out

void Streams::push(std::uint32_t slot, Ref<Frame> frame) {
  Session& session = sessions_[slot];
  if (session.fd < 0) return;
  session.urgent = true;
  about_to_push(session, slot).push(std::move(frame));
}

void Streams::push_change(Session& session, const Subscriber& subscriber, const Ref<Frame>& frame) {
  const bool conflate = session.emitter.blocked() && settings_of(session).slow_updated == SlowUpdated::kConflate;
  if (about_to_push(session, subscriber.slot).push(frame, subscriber.leg, conflate)) count_dropped(session, subscriber.leg);
}

Emitter& Streams::about_to_push(Session& session, std::uint32_t slot) {
  if (session.emitter.empty() && !session.emitter.blocked()) session.sent = context_.now;
  ++session.frames;
  context_.stats.frames_queued.add();
  mark_dirty(session, slot);
  return session.emitter;
}

void Streams::push_bytes(std::uint32_t slot, std::string_view bytes) {
  if (!bytes.empty()) push(slot, Frame::make(bytes));
}

void Streams::push_control(std::uint32_t slot, std::string_view json) {
  if (auto frame = encode(sessions_[slot], SC_MESSAGE_CONTROL, json, {})) push(slot, std::move(frame));
}

Ref<Frame> Streams::encode(const Session& session, std::uint32_t kind, std::string_view json, std::string_view cursor) {
  const Encoding& encoding = context_.service.encodings()[session.encoding];
  const sc_message message{sizeof(sc_message), kind, str(json), str(cursor), {}};
  StringSink out;
  if (encoding.transport->encode(guard_of(session), encoding.number, message, out) != SC_OK) return {};
  return Frame::make(out.text());
}

void Streams::mark_dirty(Session& session, std::uint32_t slot) {
  if (session.dirty) return;
  session.dirty = true;
  dirty_.push_back(slot);
}

void Streams::flush() {
  // Flushing may close a session, or mark it again.
  for (std::size_t i = 0; i < dirty_.size();) {
    const bool in_batches = dirty_.size() - i >= SendBatch::kWorthwhile;
    // One guard for all that goes well, since a guard costs something, too.
    const bool well = context_.turns([&] {
      for (; i < dirty_.size(); ++i) {
        flush_or_gather(dirty_[i], in_batches);
        if (batch_.full()) send_batch();
      }
    });
    if (!well) on_thrown(ref_of(dirty_[i++]));
    if (!batch_.empty()) send_batch();
  }
  dirty_.clear();
  keep_within_budget();
  marks_.end_round();
  for (const auto& window : windows_)
    if (window && !window->open()) window->marks().end_round();
}

void Streams::flush_or_gather(std::uint32_t slot, bool in_batches) {
  Session& session = sessions_[slot];
  if (!session.dirty) return;  // closed since; and who has its slot now is here twice
  session.dirty = false;
  if (waits(session, slot)) return;
  if (!in_batches || !joins_batch(session, slot)) flush(session, slot);
}

// Whether its frames wait for the end of its transport's window. Nothing but changes does, and no more than the client may have
// waiting.
bool Streams::waits(Session& session, std::uint32_t slot) {
  FlushWindow* window = windows_[session.transport].get();
  if (window == nullptr || session.stage != Session::Stage::kOpen) return false;
  const auto at_end = [this, window] { end_window(*window); };
  const bool listing = session.details && !session.details->listing.empty();
  if (!session.urgent && !listing && !session.emitter.blocked() && !over(session) && window->take_in(session, slot, at_end)) return true;
  window->leave_out(session, slot, at_end);
  return false;
}

void Streams::end_window(FlushWindow& window) {
  context_.note_time();
  for (const auto slot : window.end()) {
    Session& session = sessions_[slot];
    if (windows_[session.transport].get() != &window) continue;  // another's, since the one that was noted has gone
    session.hurried = false;
    if (session.waits_for_window) guarded(slot, [&] { flush(session, slot); });
  }
  window.marks().end_round();
  flush();
}

// Whether all that it has to send is one frame, which goes out with those of others. Until send_batch() it must not be closed, and
// get nothing more.
bool Streams::joins_batch(Session& session, std::uint32_t slot) {
  if (!batch_.usable() || session.stage != Session::Stage::kOpen || session.cursor_due) return false;
  const auto bytes = session.emitter.sole();
  if (bytes.empty()) return false;
  batch_.add(slot, session.fd, bytes);
  return true;
}

void Streams::send_batch() {
  const auto sends = batch_.submit();
  if (batch_.usable() && sends.size() > 1) context_.stats.batched_writes.add(sends.size());
  for (std::size_t i = 0; i < sends.size();) {
    const bool well = context_.turns([&] {
      for (; i < sends.size(); ++i) on_flushed(sessions_[sends[i].slot], sends[i].slot, sessions_[sends[i].slot].emitter.after_send(sends[i].fd, sends[i].sent, taken_));
    });
    if (!well) on_thrown(ref_of(sends[i++].slot));
  }
  batch_.clear();
}

void Streams::flush(Session& session, std::uint32_t slot) {
  if (session.stage != Session::Stage::kOpen && session.stage != Session::Stage::kClosing) return;
  if (session.cursor_due && session.stage == Session::Stage::kOpen) push_own_cursor(session);
  on_flushed(session, slot, session.emitter.flush(session.fd, taken_));
}

void Streams::on_flushed(Session& session, std::uint32_t slot, const Emitter::Flushed& flushed) {
  const auto [written, error, writes, frames, bytes] = flushed;
  if (written == Emitter::Written::kBlocked) note_taken(slow_of(session));
  session.urgent = session.waits_for_window = false;
  taken_.clear();
  context_.stats.frames_sent.add(frames);
  context_.stats.writes.add(writes);
  if (bytes != 0) {
    session.sent = context_.now;
    session.bytes += bytes;
    context_.stats.bytes.add(bytes);
  }
  if (written == Emitter::Written::kBroken) return destroy(slot, std::string("sending failed: ") + std::strerror(error));
  if (written == Emitter::Written::kBlocked && over(session) && !make_room(slot)) {
    const auto& settings = settings_of(session);
    session.ended_by = EndedBy::kBuffer;
    return destroy(slot, "it is too slow: more than its buffer (" + std::to_string(settings.buffer_bytes) + " bytes, " +
                             std::to_string(settings.buffer_messages) + " messages) waits for it");
  }
  if (session.details && session.details->slow) note_waiting(session);
  watch(session, slot, written == Emitter::Written::kBlocked);
  if (written != Emitter::Written::kAll) return;
  if (session.stage == Session::Stage::kClosing) {
    ::shutdown(session.fd, SHUT_WR);  // what is sent arrives; the client's own end, or the deadline, frees the slot
    return;
  }
  if (session.details) on_drained(session, slot);
}

// ---- the epoll set

void Streams::add_to_epoll(Session& session, std::uint32_t slot) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.u64 = tag(slot, session.generation);
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, session.fd, &event);
}

void Streams::watch(Session& session, std::uint32_t slot, bool write) {
  if (session.watches_write == write) return;
  session.watches_write = write;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | (write ? EPOLLOUT : 0u);
  event.data.u64 = tag(slot, session.generation);
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, session.fd, &event);
}

void Streams::on_ready() {
  epoll_event events[kEventsARound];
  const int n = ::epoll_wait(epoll_, events, kEventsARound, 0);
  for (int i = 0; i < n; ++i) {
    const SessionRef ref{context_.number, static_cast<std::uint32_t>(events[i].data.u64),
                         static_cast<std::uint32_t>(events[i].data.u64 >> 32)};
    if (find(ref) == nullptr) continue;
    if ((events[i].events & EPOLLOUT) != 0) mark_dirty(sessions_[ref.slot], ref.slot);
    if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) guarded(ref.slot, [&] { on_readable(ref.slot); });
  }
  flush();
}

// ---- in

void Streams::on_readable(std::uint32_t slot) {
  Session& session = sessions_[slot];
  const auto n = ::recv(session.fd, input_.data(), input_.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n == 0) return destroy(slot, "the client closed the connection");
  if (n < 0) return destroy(slot, std::strerror(errno));
  if (session.stage == Session::Stage::kOpen) on_bytes(slot, {input_.data(), static_cast<std::size_t>(n)});
}

void Streams::on_bytes(std::uint32_t slot, std::string_view bytes) {
  Session& session = sessions_[slot];
  session.heard = context_.now;
  TransportInstance& transport = transport_of(session);
  Commands commands;
  StringSink reply;
  const sc_status status = guard_of(session)("decode", [&](const sc_sink* err) {
    return transport.table().decode(transport.self(), &session.plugin_session, str(bytes), &commands.table, reply.get(), err);
  });
  const std::string error = guard_of(session).error();
  const auto ref = ref_of(slot);
  push_bytes(slot, reply.text());
  for (const Command& command : commands.taken) {
    if (find(ref) == nullptr || sessions_[slot].stage != Session::Stage::kOpen) return;
    on_command(slot, command);
  }
  if (status != SC_OK && find(ref) != nullptr) close(slot, status == SC_FAILED ? SC_CLOSE_ERROR : SC_CLOSE_PROTOCOL, error);
}

// ---- time

void Streams::on_tick() {
  context_.posts.retry();
  log_.end_second(context_.now);
  largest_ = 0;
  for (std::uint32_t slot = 0; slot < sessions_.size(); ++slot)
    if (sessions_[slot].stage != Session::Stage::kFree) guarded(slot, [&] { sweep(slot); });
  std::vector<std::uint64_t> late;
  for (const auto& [number, admission] : admissions_)
    if (context_.now_ms >= admission.deadline_ms) late.push_back(number);
  for (const auto number : late) {
    Admission admission = std::move(admissions_.extract(number).mapped());
    admission.status = SC_TIMEOUT;
    admission.reason = unanswered_text(context_.degraded.state_id(admission.waiting.front()));
    finish(std::move(admission));
  }
  flush();
  context_.buffers.publish_largest(context_.number, largest_);
}

void Streams::sweep(std::uint32_t slot) {
  Session& session = sessions_[slot];
  const auto now = context_.now;
  if (session.stage == Session::Stage::kClosing && now >= session.expires) return destroy(slot, {});
  if (session.stage != Session::Stage::kOpen) return;
  if (is_slow(session)) largest_ = std::max(largest_, session.emitter.bytes());
  const auto& settings = settings_of(session);
  // The tenth of a second in which it began to wait may have been over at once.
  if (session.emitter.blocked() && ms_since(session.sent) - kTenthMs >= static_cast<std::int64_t>(settings.write_timeout_ms)) {
    session.ended_by = EndedBy::kWriteTimeout;
    return destroy(slot, "it took nothing for " + std::to_string(settings.write_timeout_ms) + " ms");
  }
  if (session.expires != 0 && now >= session.expires)
    return close(slot, SC_CLOSE_EXPIRED, "the session reached its greatest age");
  if (settings.heartbeat_ms != 0) beat(session, slot);
}

// Keeps an idle connection alive, and finds out about a client that is gone without a word.
void Streams::beat(Session& session, std::uint32_t slot) {
  const auto interval = static_cast<std::int64_t>(settings_of(session).heartbeat_ms);
  const bool answered = transport_of(session).plugin().manifest.heartbeat_answered;
  // One for which something always waits is not asked.
  const bool asked = session.pinged > session.heard;
  if (answered && asked && ms_since(session.heard) >= 3 * interval) return close(slot, SC_CLOSE_SLOW, "it does not answer heartbeats");
  const Tenths last = answered ? std::max(session.heard, session.pinged) : session.sent;
  if (ms_since(last) < interval || !session.emitter.empty() || session.emitter.blocked() || !heartbeats_[session.encoding]) return;
  session.pinged = context_.now;
  push(slot, heartbeats_[session.encoding]);
}

}  // namespace statecast::host

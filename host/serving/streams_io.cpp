#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "host/ops/log.hpp"
#include "host/serving/streams.hpp"

namespace statecast::host {

namespace {

constexpr int kEventsARound = 256;

std::uint64_t tag(std::uint32_t slot, std::uint32_t generation) { return (std::uint64_t{generation} << 32) | slot; }

}  // namespace

// ---- out

void Streams::push(std::uint32_t slot, Ref<Frame> frame) {
  if (sessions_[slot].fd >= 0) about_to_push(sessions_[slot], slot).push(std::move(frame));
}

void Streams::push_change(std::uint32_t slot, Ref<Frame> frame, std::uint32_t leg) {
  Session& session = sessions_[slot];
  const bool conflate = session.emitter.blocked() && settings_of(session).slow_updated == SlowUpdated::kConflate;
  if (about_to_push(session, slot).push(std::move(frame), leg, conflate)) count_dropped(session, leg);
}

Emitter& Streams::about_to_push(Session& session, std::uint32_t slot) {
  if (session.emitter.empty() && !session.emitter.blocked()) session.sent_ms = context_.now_ms;
  ++session.details->frames;
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
  if (!std::exchange(session.dirty, true)) dirty_.push_back(slot);
}

void Streams::flush() {
  // Flushing may close sessions, which marks others or themselves again.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    sessions_[dirty_[i]].dirty = false;
    flush(dirty_[i]);
  }
  dirty_.clear();
  keep_within_budget();
  marks_.end_round();
}

void Streams::flush(std::uint32_t slot) {
  Session& session = sessions_[slot];
  if (session.stage != Session::Stage::kOpen && session.stage != Session::Stage::kClosing) return;
  if (session.stage == Session::Stage::kOpen) push_own_cursor(session);
  const auto before = session.emitter.bytes(), frames = session.emitter.waiting();
  const auto writes = session.emitter.writes();
  const auto written = session.emitter.flush(session.fd, taken_);
  if (written == Emitter::Written::kBlocked) note_taken(slow_of(session));
  taken_.clear();
  const auto sent = before - session.emitter.bytes();
  context_.stats.frames_sent.add(frames - session.emitter.waiting());
  context_.stats.writes.add(session.emitter.writes() - writes);
  if (sent != 0) {
    session.sent_ms = context_.now_ms;
    session.details->bytes += sent;
    context_.stats.bytes.add(sent);
  }
  if (written == Emitter::Written::kBroken) {
    log::error(transport_of(session).id(), "cannot send to " + session.details->context->remote + ": " + std::strerror(session.emitter.error()));
    return destroy(slot, "sending failed");
  }
  if (written == Emitter::Written::kBlocked && over(session) && !make_room(slot)) {
    const auto& settings = settings_of(session);
    session.details->ended_by = EndedBy::kBuffer;
    return destroy(slot, "it is too slow: more than its buffer (" + std::to_string(settings.buffer_bytes) + " bytes, " +
                             std::to_string(settings.buffer_messages) + " messages) waits for it");
  }
  if (session.details->slow) note_waiting(session);
  watch(session, slot, written == Emitter::Written::kBlocked);
  if (written != Emitter::Written::kAll) return;
  if (session.stage == Session::Stage::kClosing) {
    ::shutdown(session.fd, SHUT_WR);  // what is sent arrives; the client's own end, or the deadline, frees the slot
    return;
  }
  on_drained(slot);
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
    if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) on_readable(ref.slot);
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
  session.heard_ms = context_.now_ms;
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
  largest_ = 0;
  for (std::uint32_t slot = 0; slot < sessions_.size(); ++slot)
    if (sessions_[slot].stage != Session::Stage::kFree) sweep(slot);
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
  const auto now = context_.now_ms;
  if (session.stage == Session::Stage::kClosing && now >= session.details->expires_ms) return destroy(slot, {});
  if (session.stage != Session::Stage::kOpen) return;
  largest_ = std::max(largest_, session.emitter.bytes());
  const auto& settings = settings_of(session);
  if ((!session.emitter.empty() || session.emitter.blocked()) && now - session.sent_ms >= static_cast<std::int64_t>(settings.write_timeout_ms)) {
    session.details->ended_by = EndedBy::kWriteTimeout;
    return destroy(slot, "it took nothing for " + std::to_string(settings.write_timeout_ms) + " ms");
  }
  if (session.details->expires_ms != 0 && now >= session.details->expires_ms)
    return close(slot, SC_CLOSE_EXPIRED, "the session reached its greatest age");
  if (settings.heartbeat_ms != 0) beat(session, slot);
}

// Keeps an idle connection alive, and finds out about a client that is gone without a word.
void Streams::beat(Session& session, std::uint32_t slot) {
  const auto now = context_.now_ms;
  const auto interval = static_cast<std::int64_t>(settings_of(session).heartbeat_ms);
  const bool answered = transport_of(session).plugin().manifest.heartbeat_answered;
  if (answered && now - session.heard_ms >= 3 * interval) return close(slot, SC_CLOSE_SLOW, "it does not answer heartbeats");
  const auto last = answered ? std::max(session.heard_ms, session.details->pinged_ms) : session.sent_ms;
  if (now - last < interval || !session.emitter.empty() || session.emitter.blocked() || !heartbeats_[session.encoding]) return;
  session.details->pinged_ms = now;
  push(slot, heartbeats_[session.encoding]);
}

}  // namespace statecast::host

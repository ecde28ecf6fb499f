#include "plugins/transports/websocket/websocket_session.hpp"

namespace statecast::websocket {
namespace {

constexpr std::string_view kBusy = "1000 requests wait for their answer: send more when some have been answered";
static_assert(PendingRequests::kMost == 1000, "kBusy names the limit");

void reply_with(const std::string& message, const Sink& out) { write_frame(Opcode::text, message, out); }

std::uint16_t close_code(std::uint32_t reason) {
  switch (reason) {
    case SC_CLOSE_SHUTDOWN:
      return kGoingAway;
    case SC_CLOSE_ENDED:
    case SC_CLOSE_EXPIRED:
      return kNormal;
    case SC_CLOSE_SLOW:
      return kPolicyViolation;
    case SC_CLOSE_PROTOCOL:
      return kProtocolError;
    default:
      return kInternalError;
  }
}

}  // namespace

void WebSocketSession::write_handshake(const Sink& out) {
  out.write(*handshake_);
  handshake_.reset();
}

// Bytes after the client's close frame, or after its breach of protocol, mean nothing (RFC 6455 1.4, 7.1.7).
void WebSocketSession::take(std::string_view in, std::uint32_t max_message, const Commands& commands,
                            const Sink& reply) try {
  while (!closed_ && violation_ == 0) {
    const auto inbound = reader_.next(in, max_message);
    if (!inbound) return;
    on_inbound(*inbound, commands, reply);
  }
} catch (const Violation& violation) {
  violation_ = violation.code();
  throw;
}

void WebSocketSession::on_inbound(const Inbound& inbound, const Commands& commands, const Sink& reply) {
  switch (inbound.kind) {
    case Opcode::ping:
      return write_frame(Opcode::pong, inbound.payload, reply);
    case Opcode::pong:
      return commands.pong();
    case Opcode::close:
      return on_close(inbound, commands, reply);
    default:
      return on_text(inbound.payload, commands, reply);
  }
}

void WebSocketSession::on_close(const Inbound& inbound, const Commands& commands, const Sink& reply) {
  closed_ = true;
  write_close(inbound.code, inbound.payload, reply);
  commands.close(inbound.code, inbound.payload);
}

void WebSocketSession::on_text(std::string_view text, const Commands& commands, const Sink& reply) {
  const Command command = read_command(text);
  if (!command.problem.empty()) return reply_with(error_message(command, 400, "Bad Request", command.problem), reply);
  if (command.action == Action::ping) return reply_with(pong_message(command), reply);
  if (pending_.full()) return reply_with(error_message(command, 429, "Too Many Requests", kBusy), reply);
  request(command, commands);
}

void WebSocketSession::request(const Command& command, const Commands& commands) {
  const std::uint64_t ref = pending_.add(command);
  switch (command.action) {
    case Action::subscribe:
      return commands.subscribe(ref, command.topic, command.last_event_id);
    case Action::unsubscribe:
      return commands.unsubscribe(ref, command.topic);
    case Action::publish:
      return commands.publish(ref, command.event);
    case Action::renew:
      return commands.renew(ref, command.token);
    case Action::ping:
    case Action::unknown:
      return;  // on_text keeps these
  }
}

// A client that has said goodbye reads no more answers.
void WebSocketSession::answer(std::uint64_t ref, sc_status status, std::string_view result, const Sink& out) {
  const std::string message = pending_.answer(ref, status, result);
  if (!message.empty() && !closed_) reply_with(message, out);
}

// A session that was refused before its handshake went out is answered in HTTP, by the host.
void WebSocketSession::close(std::uint32_t reason, std::string_view text, const Sink& last_bytes) const {
  if (reason == SC_CLOSE_GONE || closed_ || handshake_) return;
  const bool breach = reason == SC_CLOSE_PROTOCOL && violation_ != 0;
  write_close(breach ? violation_ : close_code(reason), text, last_bytes);
}

}  // namespace statecast::websocket

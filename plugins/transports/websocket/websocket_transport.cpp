#include "plugins/transports/websocket/websocket_transport.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <statecast/plain_json.hpp>

#include "plugins/transports/websocket/handshake.hpp"
#include "plugins/transports/websocket/websocket_session.hpp"

namespace statecast::websocket {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

WebSocketSession& of(Session* session) { return static_cast<WebSocketSession&>(*session); }

// The host's cursors need no escapes.
std::string cursor_member(std::string_view cursor) {
  if (!std::ranges::all_of(cursor, PlainJson::is_plain)) return R"("cursor":)" + nlohmann::json(cursor).dump();
  return std::string(R"("cursor":")").append(cursor).append("\"");
}

// Writes `object` with one more member at its end. The JSON of a State is never parsed for that: whatever it holds, its
// last brace closes it.
void write_with_member(std::string_view object, const std::string& member, const Sink& out) {
  const auto brace = object.rfind('}');
  if (brace == std::string_view::npos) throw Failure(SC_REJECTED, "a message must be one JSON object");
  const auto body = object.substr(0, brace);
  const bool empty = body.find_first_not_of(kSpace) == body.find_last_not_of(kSpace);  // nothing but the opening brace
  const std::string_view comma = empty ? "" : ",";
  write_header(Opcode::text, body.size() + comma.size() + member.size() + 1, out);
  out.write(body);
  out.write(comma);
  out.write(member);
  out.write("}");
}

}  // namespace

WebSocketTransport::WebSocketTransport(const Instance& instance)
    : max_message_(nlohmann::json::parse(instance.settings).value("max_message", std::uint32_t{65536})) {}

Transport::Opened WebSocketTransport::open(const Client& client, const Commands&) {
  return {std::make_unique<WebSocketSession>(accept_handshake(client)), kText};
}

std::unique_ptr<Session> WebSocketTransport::awaken() { return std::make_unique<WebSocketSession>(); }

void WebSocketTransport::head(Session* session, const Sink& out) { of(session).write_handshake(out); }

void WebSocketTransport::decode(Session* session, std::string_view in, const Commands& commands, const Sink& reply) {
  of(session).take(in, max_message_, commands, reply);
}

void WebSocketTransport::answer(Session* session, std::uint64_t ref, sc_status status, std::string_view json,
                                const Sink& out) {
  of(session).answer(ref, status, json, out);
}

void WebSocketTransport::encode(std::uint32_t encoding, const Message& message, const Sink& out) const {
  if (message.kind == SC_MESSAGE_CURSOR)
    return write_with_member(R"({"type":"cursor"})", cursor_member(message.cursor), out);
  if (encoding == kBare || message.cursor.empty()) return write_frame(Opcode::text, message.json, out);
  write_with_member(message.json, cursor_member(message.cursor), out);
}

void WebSocketTransport::heartbeat(std::uint32_t, const Sink& out) const { write_frame(Opcode::ping, {}, out); }

// WebSocket has no word for "come back in"; the host's closing message carries it.
void WebSocketTransport::close(Session* session, std::uint32_t reason, std::string_view text, std::uint32_t,
                               const Sink& last_bytes) {
  of(session).close(reason, text, last_bytes);
}

}  // namespace statecast::websocket

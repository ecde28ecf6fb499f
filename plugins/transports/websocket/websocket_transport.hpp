// WebSocket (RFC 6455, version 13): JSON objects both ways, in text messages.
#pragma once

#include <cstdint>
#include <statecast/transport.hpp>

namespace statecast::websocket {

class WebSocketSession;

// Speaks WebSocket with clients and turns what they send into the host's commands. Owned by the host; encode and
// heartbeat run on any thread, the rest on the session's shard.
class WebSocketTransport final : public Transport {
 public:
  static constexpr std::uint32_t kText = 0, kBare = 1;  // encodings: with and without the trailing "cursor"

  explicit WebSocketTransport(const Instance& instance);

  Opened open(const Client& client, const Commands& commands) override;
  std::unique_ptr<Session> awaken() override;
  void head(Session* session, const Sink& out) override;
  void decode(Session* session, std::string_view in, const Commands& commands, const Sink& reply) override;
  void answer(Session* session, std::uint64_t ref, sc_status status, std::string_view json, const Sink& out) override;
  void encode(std::uint32_t encoding, const Message& message, const Sink& out) const override;
  void heartbeat(std::uint32_t encoding, const Sink& out) const override;
  void close(Session* session, std::uint32_t reason, std::string_view text, std::uint32_t retry_ms,
             const Sink& last_bytes) override;

 private:
  std::uint32_t max_message_;  // bytes of one client message, all fragments together
};

}  // namespace statecast::websocket

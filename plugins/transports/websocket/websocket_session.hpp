// The server's side of one WebSocket connection.
#pragma once

#include <cstdint>
#include <memory>
#include <statecast/transport.hpp>
#include <string>

#include "plugins/transports/websocket/commands.hpp"
#include "plugins/transports/websocket/frame.hpp"

namespace statecast::websocket {

// What one client's connection remembers: the place in its stream of frames, the requests that wait for an answer, and
// how it ends. Owned by the host through the SDK, used on its shard. Tens of thousands of connections are idle at a time:
// those have none of these, and the next frame begins with a new one.
class WebSocketSession final : public Session {
 public:
  WebSocketSession() = default;  // of a connection that is past its handshake
  explicit WebSocketSession(std::string handshake) : handshake_(std::make_unique<std::string>(std::move(handshake))) {}

  bool at_rest() const override { return !handshake_ && reader_.at_rest() && pending_.empty() && violation_ == 0 && !closed_; }

  void write_handshake(const Sink& out);
  void take(std::string_view in, std::uint32_t max_message, const Commands& commands, const Sink& reply);
  void answer(std::uint64_t ref, sc_status status, std::string_view result, const Sink& out);
  void close(std::uint32_t reason, std::string_view text, const Sink& last_bytes) const;

 private:
  void on_inbound(const Inbound& inbound, const Commands& commands, const Sink& reply);
  void on_text(std::string_view text, const Commands& commands, const Sink& reply);
  void on_close(const Inbound& inbound, const Commands& commands, const Sink& reply);
  void request(const Command& command, const Commands& commands);

  FrameReader reader_;
  std::unique_ptr<std::string> handshake_;  // the response, until it is written
  PendingRequests pending_;
  std::uint16_t violation_ = 0;  // the close code that the client's breach of protocol calls for
  bool closed_ = false;          // by the client, whose close frame has its echo
};

static_assert(sizeof(WebSocketSession) <= 100);

}  // namespace statecast::websocket

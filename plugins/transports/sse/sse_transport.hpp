// Server-Sent Events (WHATWG HTML, 9.2): one way, over a plain HTTP response that ends when the connection does.
#pragma once

#include <statecast/transport.hpp>

namespace statecast::sse {

// Writes the event stream that a stock EventSource reads. Its sessions have no memory, so an idle client costs nothing
// here. Owned by the host; encode and heartbeat run on any thread, the rest on the session's shard.
class SseTransport final : public Transport {
 public:
  static constexpr std::uint32_t kPlain = 0, kBare = 1;  // encodings: with and without the cursor as event id

  explicit SseTransport(const Instance& instance);

  Opened open(const Client& client, const Commands& commands) override;
  void head(Session* session, const Sink& out) override;
  void decode(Session* session, std::string_view in, const Commands& commands, const Sink& reply) override;
  void answer(Session* session, std::uint64_t ref, sc_status status, std::string_view json, const Sink& out) override;
  void encode(std::uint32_t encoding, const Message& message, const Sink& out) const override;
  void heartbeat(std::uint32_t encoding, const Sink& out) const override;
  void close(Session* session, std::uint32_t reason, std::string_view text, std::uint32_t retry_ms,
             const Sink& last_bytes) override;

 private:
  std::string head_;  // the same for every client
};

}  // namespace statecast::sse

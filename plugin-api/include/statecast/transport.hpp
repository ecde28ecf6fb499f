// A Transport in C++: derive from statecast::Transport and export it with plugin.hpp. No I/O: bytes in, bytes out.
#pragma once

#include <memory>

#include "state.hpp"

namespace statecast {

struct Message {
  std::uint32_t kind = SC_MESSAGE_DATA;  // SC_MESSAGE_*
  std::string_view json{}, cursor{}, topic{};
};

// What a session asks of the host; valid during the call. Rules: sc_commands.
class Commands {
 public:
  explicit Commands(const sc_commands* commands) : c_(commands) {}
  // This and renew need `upgrade` in the manifest: of the requests of other clients nothing is kept.
  void subscribe(std::uint64_t ref, std::string_view topic, std::string_view cursor) const {
    c_->subscribe(c_->ctx, ref, str(topic), str(cursor));
  }
  void unsubscribe(std::uint64_t ref, std::string_view topic) const { c_->unsubscribe(c_->ctx, ref, str(topic)); }
  void publish(std::uint64_t ref, std::string_view cloud_event_json) const {
    c_->publish(c_->ctx, ref, str(cloud_event_json));
  }
  void renew(std::uint64_t ref, std::string_view token) const { c_->renew(c_->ctx, ref, str(token)); }
  void pong() const { c_->pong(c_->ctx); }
  void close(std::uint32_t code, std::string_view reason) const { c_->close(c_->ctx, code, str(reason)); }

 private:
  const sc_commands* c_;
};

// The memory of one session. A transport whose sessions need none returns null from open.
class Session {
 public:
  virtual ~Session() = default;

  // Whether this knows nothing that a new one from Transport::awaken would not. It is freed then, after the call, so that
  // of tens of thousands of idle sessions none costs memory. [shard]
  virtual bool at_rest() const { return false; }
};

class Transport {
 public:
  virtual ~Transport() = default;

  struct Opened {
    std::unique_ptr<Session> session;  // may be null
    std::uint32_t encoding = 0;
  };

  // Accepts a request, or throws Failure(SC_REJECTED or SC_UNSUPPORTED, why). [shard]
  virtual Opened open(const Client& client, const Commands& commands) = 0;

  // The memory of a session that is at rest, before the next call for it. Null = sessions need none. [shard]
  virtual std::unique_ptr<Session> awaken() { return nullptr; }

  // Writes status line and headers, after every topic is admitted. [shard]
  virtual void head(Session* session, const Sink& out) = 0;

  // Takes bytes from the client; throws Failure(SC_REJECTED, how) when it breaks the protocol. [shard]
  virtual void decode(Session* session, std::string_view in, const Commands& commands, const Sink& reply) = 0;

  // Answers a request of the session. [shard]
  virtual void answer(Session* session, std::uint64_t ref, sc_status status, std::string_view json,
                      const Sink& out) = 0;

  // Writes one message in one encoding. Pure: const and concurrent. [any]
  virtual void encode(std::uint32_t encoding, const Message& message, const Sink& out) const = 0;

  // Writes what keeps an idle session alive. Pure: const and concurrent. [any]
  virtual void heartbeat(std::uint32_t encoding, const Sink& out) const = 0;

  // Ends a session, which is freed afterwards. [shard]
  virtual void close(Session* session, std::uint32_t reason, std::string_view text, std::uint32_t retry_ms,
                     const Sink& last_bytes) = 0;

  virtual const void* get_extension(std::string_view /*id*/) { return nullptr; }
};

}  // namespace statecast

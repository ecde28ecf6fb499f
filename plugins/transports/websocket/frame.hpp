// WebSocket frames (RFC 6455 5): those of a client are read, those of the server written.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <statecast/types.hpp>
#include <string>
#include <string_view>

#include "plugins/transports/websocket/utf8.hpp"

namespace statecast::websocket {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Close codes (RFC 6455 7.4.1).
constexpr std::uint16_t kNormal = 1000;
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kUnsupportedData = 1003;
constexpr std::uint16_t kNoCode = 1005;  // never sent: stands for a close frame without a code
constexpr std::uint16_t kNotUtf8 = 1007;
constexpr std::uint16_t kPolicyViolation = 1008;
constexpr std::uint16_t kTooBig = 1009;
constexpr std::uint16_t kInternalError = 1011;

// The client broke the protocol; `code` belongs into the close frame.
class Violation : public Failure {
 public:
  Violation(std::uint16_t code, const std::string& text) : Failure(SC_REJECTED, text), code_(code) {}
  std::uint16_t code() const { return code_; }

 private:
  std::uint16_t code_;
};

// One whole message or control frame of a client.
struct Inbound {
  Opcode kind;                   // text, close, ping or pong
  std::string payload;           // of a close frame: the reason, UTF-8
  std::uint16_t code = kNoCode;  // of a close frame
};

// Turns the bytes of one client, in any pieces, into messages, and refuses the first byte that breaks RFC 6455. Between
// two messages it owns no memory. Owned by a session, used on its shard; of no use after a Violation.
class FrameReader {
 public:
  // Between two messages.
  bool at_rest() const { return header_have_ == 0 && !message_open_ && !body_; }

  // Takes bytes from the front of `in` until a message is whole; none = `in` is used up. Throws Violation.
  std::optional<Inbound> next(std::string_view& in, std::uint32_t max_message);

 private:
  // What has arrived of the message and of the control frame within it.
  struct Body {
    std::string message, control;
    Utf8Validator utf8;
  };

  bool take_header(std::string_view& in, std::uint32_t max_message);
  bool take_payload(std::string_view& in);
  std::optional<Inbound> end_frame();

  void check_start() const;
  void check_order() const;
  void begin_payload(std::uint32_t max_message);
  std::uint64_t announced_length() const;
  void append_unmasked(std::string& to, std::string_view bytes);
  Inbound take_message();
  Inbound take_control();

  bool final() const { return (header_[0] & 0x80) != 0; }
  bool control() const { return (header_[0] & 0x08) != 0; }
  Opcode opcode() const { return static_cast<Opcode>(header_[0] & 0x0F); }
  std::size_t length_bytes() const;
  std::size_t header_size() const { return header_have_ < 2 ? 2 : 2 + length_bytes() + 4; }
  std::size_t message_size() const { return body_ ? body_->message.size() : 0; }
  Body& body();

  std::unique_ptr<Body> body_;
  std::uint32_t length_ = 0, done_ = 0;    // of the current frame's payload
  std::array<std::uint8_t, 14> header_{};  // as received; the last four bytes of it are the mask
  std::uint8_t header_have_ = 0;
  bool message_open_ = false;  // a fragmented message waits for its continuation
};

// Writes the head of an unfragmented server frame whose payload of `length` bytes follows.
void write_header(Opcode opcode, std::size_t length, const Sink& out);

void write_frame(Opcode opcode, std::string_view payload, const Sink& out);

// Writes a close frame; the reason is cut to the 123 bytes that fit. kNoCode = one without code and reason.
void write_close(std::uint16_t code, std::string_view reason, const Sink& out);

}  // namespace statecast::websocket

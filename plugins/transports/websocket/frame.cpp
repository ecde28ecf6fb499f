#include "plugins/transports/websocket/frame.hpp"

#include <algorithm>
#include <utility>

namespace statecast::websocket {
namespace {

constexpr std::size_t kMaxControl = 125;  // RFC 6455 5.5

bool known(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation:
    case Opcode::text:
    case Opcode::binary:
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      return true;
  }
  return false;
}

// RFC 6455 7.4.1 and 7.4.2, with 1012 to 1014 as registered at IANA since: 1004 is undefined, 1005, 1006 and 1015 are
// never sent, and what lies between the registered ones and 3000 is reserved.
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

std::uint64_t big_endian(const std::uint8_t* bytes, std::size_t n) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < n; ++i) value = value << 8 | bytes[i];
  return value;
}

[[noreturn]] void protocol_error(const std::string& how) { throw Violation(kProtocolError, how); }

Violation not_utf8(const std::string& what) { return {kNotUtf8, what + " must be UTF-8 (RFC 6455 8.1)"}; }

Inbound read_close(std::string payload) {
  if (payload.empty()) return {Opcode::close, {}, kNoCode};
  if (payload.size() == 1) {
    protocol_error("a close frame has no payload or begins with a code of two bytes (RFC 6455 5.5.1)");
  }
  const auto code = static_cast<std::uint16_t>(big_endian(reinterpret_cast<const std::uint8_t*>(payload.data()), 2));
  if (!may_be_sent(code)) protocol_error("close code " + std::to_string(code) + " must not be sent (RFC 6455 7.4)");
  payload.erase(0, 2);
  if (!is_utf8(payload)) throw not_utf8("the reason in a close frame");
  return {Opcode::close, std::move(payload), code};
}

}  // namespace

std::optional<Inbound> FrameReader::next(std::string_view& in, std::uint32_t max_message) {
  while (take_header(in, max_message) && take_payload(in)) {
    if (auto inbound = end_frame()) return inbound;
  }
  return std::nullopt;
}

// Checks happen at fixed places in the stream, never at the ends of pieces: how the bytes arrive must not matter.
bool FrameReader::take_header(std::string_view& in, std::uint32_t max_message) {
  while (header_have_ < header_size()) {
    if (in.empty()) return false;
    header_[header_have_++] = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    if (header_have_ == 2) check_start();
    if (header_have_ == header_size()) begin_payload(max_message);
  }
  return true;
}

bool FrameReader::take_payload(std::string_view& in) {
  const auto chunk = in.substr(0, length_ - done_);
  in.remove_prefix(chunk.size());
  if (!chunk.empty()) {
    Body& to = body();
    append_unmasked(control() ? to.control : to.message, chunk);
    if (!control() && !to.utf8.feed(std::string_view(to.message).substr(to.message.size() - chunk.size()))) {
      throw not_utf8("a text message");
    }
  }
  return done_ == length_;
}

std::optional<Inbound> FrameReader::end_frame() {
  header_have_ = 0;
  if (control()) return take_control();
  message_open_ = !final();
  if (message_open_) return std::nullopt;
  return take_message();
}

void FrameReader::check_start() const {
  if ((header_[0] & 0x70) != 0) protocol_error("a reserved bit is set, but no extension was agreed on (RFC 6455 5.2)");
  if (!known(opcode())) {
    protocol_error("opcode " + std::to_string(header_[0] & 0x0F) + " is not defined (RFC 6455 5.2)");
  }
  if ((header_[1] & 0x80) == 0) protocol_error("a client must mask its frames (RFC 6455 5.1)");
  if (!control()) return check_order();
  if (!final()) protocol_error("a control frame must not be fragmented (RFC 6455 5.5)");
  if ((header_[1] & 0x7F) > kMaxControl) protocol_error("a control frame has at most 125 bytes (RFC 6455 5.5)");
}

void FrameReader::check_order() const {
  const bool continues = opcode() == Opcode::continuation;
  if (continues && !message_open_) protocol_error("a continuation frame has no message to continue (RFC 6455 5.4)");
  if (!continues && message_open_) protocol_error("a message began before the one before it had ended (RFC 6455 5.4)");
  if (opcode() == Opcode::binary) {
    throw Violation(kUnsupportedData, "binary messages are not understood: send JSON in text messages");
  }
}

void FrameReader::begin_payload(std::uint32_t max_message) {
  const std::uint64_t length = announced_length();
  if (length >> 63 != 0) protocol_error("the highest bit of a length must be 0 (RFC 6455 5.2)");
  const std::size_t bytes = length_bytes();
  if ((bytes == 2 && length < 126) || (bytes == 8 && length <= 0xFFFF)) protocol_error("a length takes the fewest bytes that hold it (RFC 6455 5.2)");
  if (!control() && length > max_message - std::min<std::size_t>(max_message, message_size())) {
    throw Violation(kTooBig, "a message has at most " + std::to_string(max_message) + " bytes here");
  }
  length_ = static_cast<std::uint32_t>(length);
  done_ = 0;
}

std::uint64_t FrameReader::announced_length() const {
  const std::size_t n = length_bytes();
  return n == 0 ? header_[1] & 0x7Fu : big_endian(header_.data() + 2, n);
}

std::size_t FrameReader::length_bytes() const {
  const auto small = header_[1] & 0x7F;
  return small == 127 ? 8 : small == 126 ? 2 : 0;
}

void FrameReader::append_unmasked(std::string& to, std::string_view bytes) {
  const std::uint8_t* mask = header_.data() + header_size() - 4;
  to.reserve(to.size() + bytes.size());
  for (const char c : bytes) to.push_back(static_cast<char>(c ^ mask[done_++ % 4]));
}

// Both hand out what was gathered and give the memory back, unless a message still waits for its end.
Inbound FrameReader::take_message() {
  const auto body = std::move(body_);
  if (!body) return {Opcode::text, {}, kNoCode};
  if (!body->utf8.complete()) throw not_utf8("a text message");
  return {Opcode::text, std::move(body->message), kNoCode};
}

Inbound FrameReader::take_control() {
  std::string payload = body_ ? std::exchange(body_->control, {}) : std::string{};
  if (!message_open_) body_.reset();
  if (opcode() == Opcode::close) return read_close(std::move(payload));
  return {opcode(), std::move(payload), kNoCode};
}

FrameReader::Body& FrameReader::body() {
  if (!body_) body_ = std::make_unique<Body>();
  return *body_;
}

// A server never masks (RFC 6455 5.1); the length takes the shortest of the three forms (5.2).
void write_header(Opcode opcode, std::size_t length, const Sink& out) {
  std::string header(1, static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode)));
  const int bytes = length <= 125 ? 0 : length <= 0xFFFF ? 2 : 8;
  header.push_back(static_cast<char>(bytes == 0 ? length : bytes == 2 ? 126 : 127));
  for (int i = bytes - 1; i >= 0; --i) header.push_back(static_cast<char>(length >> (8 * i) & 0xFF));
  out.write(header);
}

void write_frame(Opcode opcode, std::string_view payload, const Sink& out) {
  write_header(opcode, payload.size(), out);
  out.write(payload);
}

void write_close(std::uint16_t code, std::string_view reason, const Sink& out) {
  if (code == kNoCode) return write_header(Opcode::close, 0, out);
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload += utf8_prefix(reason, kMaxControl - payload.size());
  write_frame(Opcode::close, payload, out);
}

}  // namespace statecast::websocket

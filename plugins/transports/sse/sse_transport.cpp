#include "plugins/transports/sse/sse_transport.hpp"

#include <nlohmann/json.hpp>

namespace statecast::sse {
namespace {

std::string retry_block(std::uint64_t milliseconds) { return "retry: " + std::to_string(milliseconds) + "\n\n"; }

// Removes the first line from `text` and returns it; a line ends with LF, CR or CRLF (WHATWG HTML 9.2.5).
std::string_view take_line(std::string_view& text) {
  const auto end = text.find_first_of("\r\n");
  const auto line = text.substr(0, end);
  const bool two = text.substr(end).starts_with("\r\n");
  text.remove_prefix(end + (two ? 2 : 1));
  return line;
}

void write_id(std::string_view cursor, const Sink& out) {
  out.write("id: ");
  out.write(cursor);
  out.write("\n");
}

void write_data_line(std::string_view line, const Sink& out) {
  out.write("data: ");
  out.write(line);
  out.write("\n");
}

// Nearly all messages: a search for one byte runs over many at once, one for either of two does not.
bool is_one_line(std::string_view json) { return json.find('\n') == json.npos && json.find('\r') == json.npos; }

// A raw line end would cut the event short, so each line of the JSON gets a field of its own; the client joins them.
void write_data(std::string_view json, const Sink& out) {
  if (is_one_line(json)) return write_data_line(json, out);
  while (json.find_first_of("\r\n") != std::string_view::npos) write_data_line(take_line(json), out);
  write_data_line(json, out);
}

}  // namespace

SseTransport::SseTransport(const Instance& instance) {
  const auto settings = nlohmann::json::parse(instance.settings);
  // Without a length the response lasts until the connection ends, so that shared frames need no chunk headers.
  // X-Accel-Buffering keeps nginx from holding events back.
  head_ =
      "HTTP/1.1 200 OK\r\n"
      "Content-Type: text/event-stream\r\n"
      "Cache-Control: no-store\r\n"
      "X-Accel-Buffering: no\r\n"
      "Connection: close\r\n"
      "\r\n" +
      retry_block(settings.value("retry", std::uint64_t{2000}));
}

// Any request that the host routes here is good: GET opens a stream, HEAD asks for its head.
Transport::Opened SseTransport::open(const Client&, const Commands&) { return {nullptr, kPlain}; }

void SseTransport::head(Session*, const Sink& out) { out.write(head_); }

// The stream goes one way: whatever a client sends after its request means nothing.
void SseTransport::decode(Session*, std::string_view, const Commands&, const Sink&) {}

void SseTransport::answer(Session*, std::uint64_t, sc_status, std::string_view, const Sink&) {}

void SseTransport::encode(std::uint32_t encoding, const Message& message, const Sink& out) const {
  // A block with an id and no data moves lastEventId and dispatches nothing, which is what a CURSOR message asks for.
  const bool cursor_only = message.kind == SC_MESSAGE_CURSOR;
  if (cursor_only || (encoding == kPlain && !message.cursor.empty())) write_id(message.cursor, out);
  if (!cursor_only) write_data(message.json, out);
  out.write("\n");
}

void SseTransport::heartbeat(std::uint32_t, const Sink& out) const { out.write(":\n\n"); }

void SseTransport::close(Session*, std::uint32_t reason, std::string_view, std::uint32_t retry_ms,
                         const Sink& last_bytes) {
  if (reason != SC_CLOSE_GONE && retry_ms > 0) last_bytes.write(retry_block(retry_ms));
}

}  // namespace statecast::sse

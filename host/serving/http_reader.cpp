#include "host/serving/http_reader.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "host/serving/http_head.hpp"

namespace statecast::host {

namespace {

constexpr char kTlsHandshake = 0x16;  // the first byte of a TLS hello
constexpr std::string_view kHttp2 = "PRI * HTTP/2.0\r\n\r\n";  // RFC 9113 3.4
constexpr std::size_t kLongestMethod = 32;
constexpr std::uint64_t kAnnounced = 64 * 1024;  // a body gets no more memory than this before it comes

}  // namespace

HttpReader::Step HttpReader::take(std::string_view& bytes) noexcept {
  try {
    return step(bytes);
  } catch (const Wrong& wrong) {
    return refuse(wrong.status, wrong.detail);
  } catch (const std::bad_alloc&) {
    return refuse(503, "There is no memory for this request now: try again.");
  } catch (const std::exception&) {
    return refuse(400, "This request cannot be read: something in it is too large.");
  }
}

HttpReader::Step HttpReader::refuse(unsigned status, std::string_view detail) {
  stage_ = Stage::kRefused;
  head_ = {};
  request_.body = {};
  wrong_.status = status;
  try {
    wrong_.detail = detail;
  } catch (const std::bad_alloc&) {
    wrong_.detail.clear();  // the status says it
  }
  return Step::kRefused;
}

HttpReader::Step HttpReader::step(std::string_view& bytes) {
  while (stage_ != Stage::kDone && stage_ != Stage::kRefused) {
    if (std::exchange(continue_, false)) return Step::kContinue;
    if (bytes.empty()) return Step::kMore;
    switch (stage_) {
      case Stage::kEmptyLines: take_empty_lines(bytes); break;
      case Stage::kHead: take_head(bytes); break;
      case Stage::kLength: take_length(bytes); break;
      default:
        if (chunks_.take(bytes, request_.body)) stage_ = Stage::kDone;
    }
  }
  return stage_ == Stage::kDone ? Step::kRequest : Step::kRefused;
}

// RFC 9112 2.2: old clients send one after a body.
void HttpReader::take_empty_lines(std::string_view& bytes) {
  while (!bytes.empty()) {
    const bool within = empty_lines_ % 2 != 0;
    if (!within && bytes.front() != '\r') {
      stage_ = Stage::kHead;
      return;
    }
    if (within && bytes.front() != '\n') throw Wrong{400, "This is not HTTP/1.1: bad line ending."};
    if (++empty_lines_ >= limits_.header_bytes) throw header_too_large(limits_.header_bytes);
    bytes.remove_prefix(1);
  }
}

void HttpReader::take_head(std::string_view& bytes) {
  const std::size_t before = head_.size();
  std::string_view text = bytes.substr(0, room() - before);
  if (before != 0) text = head_.append(text);
  check_start(text);
  const auto end = find_end(text, before < 2 ? 0 : before - 2);
  if (end == text.npos && text.size() == room()) throw header_too_large(limits_.header_bytes);
  if (end == text.npos) {
    if (before == 0) head_ = text;
    bytes = {};
    return;
  }
  bytes.remove_prefix(end - before);
  begin_body(text.substr(0, end));
  head_ = {};
}

// What begins unlike HTTP is refused at once: its end may never come.
void HttpReader::check_start(std::string_view text) {
  if (text.front() == kTlsHandshake) {
    foreign_ = "TLS";
    throw Wrong{400, "This is TLS, and only HTTP/1.1 without it is spoken here: use http://, or a proxy that takes the TLS off."};
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ' && i != 0) return;
    if (!is_token(text[i]) || i == kLongestMethod) throw Wrong{400, "This is not HTTP/1.1: bad method."};
  }
}

// Where the empty line ends. A line that goes on with the one before it is refused (RFC 9112 5.2): not everybody takes it so.
std::size_t HttpReader::find_end(std::string_view text, std::size_t searched) {
  for (auto at = text.find('\n', searched); at != text.npos; at = text.find('\n', at + 1)) {
    const auto next = text.substr(at + 1, 2);
    if (next.starts_with(' ') || next.starts_with('\t')) throw Wrong{400, "A line of the header begins with a space: send each field on one line (RFC 9112 5.2)."};
    if (next == "\r\n") return at + 3;
  }
  return text.npos;
}

void HttpReader::begin_body(std::string_view text) {
  if (text == kHttp2) {
    foreign_ = "HTTP/2";
    throw Wrong{505, "This is HTTP/2, and only HTTP/1.1 is spoken here: have the client send that (curl: --http1.1)."};
  }
  HttpHead head = read_head(text);
  request_ = std::move(head.request);
  keep_alive_ = head.keep_alive;
  if (head.length > limits_.body_bytes) throw body_too_large(limits_.body_bytes);
  left_ = head.length;
  if (head.chunked) chunks_ = {limits_.body_bytes, limits_.header_bytes, empty_lines_ + text.size()};
  request_.body.reserve(std::min(left_, kAnnounced));
  stage_ = head.chunked ? Stage::kChunked : left_ != 0 ? Stage::kLength : Stage::kDone;
  continue_ = head.awaits_continue;
}

void HttpReader::take_length(std::string_view& bytes) {
  const auto piece = bytes.substr(0, left_);
  request_.body.append(piece);
  bytes.remove_prefix(piece.size());
  left_ -= piece.size();
  if (left_ == 0) stage_ = Stage::kDone;
}

HttpRequest HttpReader::take_request() {
  stage_ = Stage::kEmptyLines;
  empty_lines_ = 0;
  return std::exchange(request_, {});
}

}  // namespace statecast::host

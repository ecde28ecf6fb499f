#include "host/serving/chunked_body.hpp"

#include <algorithm>

#include "host/serving/http_head.hpp"

namespace statecast::host {

namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_text(char c) { return static_cast<unsigned char>(c) >= ' ' ? c != 0x7f : c == '\t'; }

}  // namespace

ChunkedBody::At ChunkedBody::malformed() { throw Wrong{400, "The body's chunks are not well formed (RFC 9112 7.1)."}; }

bool ChunkedBody::take(std::string_view& bytes, std::string& body) {
  while (!bytes.empty() && at_ != At::kDone) {
    if (at_ == At::kData) {
      take_data(bytes, body);
      continue;
    }
    count(body.size());
    at_ = after(bytes.front(), body.size());
    bytes.remove_prefix(1);
  }
  return at_ == At::kDone;
}

void ChunkedBody::take_data(std::string_view& bytes, std::string& body) {
  const auto piece = bytes.substr(0, left_);
  body.append(piece);
  bytes.remove_prefix(piece.size());
  left_ -= piece.size();
  if (left_ == 0) at_ = At::kDataEnd;
}

// Before the byte is looked at, so that what is wrong with it does not hide that it is one too many.
void ChunkedBody::count(std::uint64_t received) {
  if (at_ >= At::kLine && ++head_and_trailers_ > header_bytes_) throw header_too_large(header_bytes_);
  if (at_ < At::kLine && ++framing_ > kFramingBytes + kFramingForAByte * received)
    throw Wrong{400, "The body's chunks are more framing than data: send larger chunks, with short extensions or none."};
}

ChunkedBody::At ChunkedBody::after(char c, std::uint64_t received) {
  switch (at_) {
    case At::kDataEnd: return c == '\r' ? At::kDataEndLf : malformed();
    case At::kDataEndLf: return c == '\n' ? At::kSize : malformed();
    case At::kLine: return c == '\r' ? At::kEnd : is_token(c) ? At::kName : malformed();
    case At::kName: return c == ':' ? At::kValue : is_token(c) ? At::kName : malformed();
    case At::kValue: return c == '\r' ? At::kValueEnd : is_text(c) ? At::kValue : malformed();
    case At::kValueEnd: return c == '\n' ? At::kLine : malformed();
    case At::kEnd: return c == '\n' ? At::kDone : malformed();
    default: return after_size(c, received);
  }
}

// 1*HEXDIG [ BWS ";" anything printable ] CRLF
ChunkedBody::At ChunkedBody::after_size(char c, std::uint64_t received) {
  switch (at_) {
    case At::kSize:
    case At::kDigits:
      if (digit_of(c) >= 0) return add_digit(c, received), At::kDigits;
      if (at_ == At::kSize) return malformed();
      [[fallthrough]];
    case At::kSpace:
      if (c == ' ' || c == '\t') return At::kSpace;
      if (c == ';') return At::kExtension;
      return c == '\r' && at_ != At::kSpace ? At::kSizeEnd : malformed();
    case At::kExtension: return c == '\r' ? At::kSizeEnd : is_text(c) ? At::kExtension : malformed();
    default: return c != '\n' ? malformed() : left_ == 0 ? At::kLine : At::kData;
  }
}

void ChunkedBody::add_digit(char c, std::uint64_t received) {
  // Within the limit, and so far from what would overflow, whenever another digit comes.
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit_of(c));
  if (left_ > body_bytes_ - received) throw body_too_large(body_bytes_);
}

}  // namespace statecast::host

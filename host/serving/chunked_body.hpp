// A body in chunks (RFC 9112 7.1), taken byte by byte as it comes: the data is kept, the rest is counted and let go, so that
// neither extensions nor trailers without end cost memory. Trailers are dropped, since a field that comes after the body
// must not pass for one that came before it (RFC 9110 6.5.1).
//
// Owned by an HttpReader. [shard]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace statecast::host {

class ChunkedBody {
 public:
  // Sizes, extensions and ends of chunks may take so many bytes, and so many more for each byte of the body: a chunk of one
  // byte needs five.
  static constexpr std::uint64_t kFramingBytes = 4096, kFramingForAByte = 16;

  ChunkedBody() = default;
  ChunkedBody(std::uint64_t body_bytes, std::uint64_t header_bytes, std::uint64_t head_bytes)
      : body_bytes_(body_bytes), header_bytes_(header_bytes), head_and_trailers_(head_bytes) {}

  // Takes what belongs to the body from the front of `bytes`, and appends the data to `body`; true when it has ended. Throws
  // Wrong, or what strings throw.
  bool take(std::string_view& bytes, std::string& body);

 private:
  // Where in the body the next byte is.
  enum class At : std::uint8_t {
    kSize, kDigits, kSpace, kExtension, kSizeEnd, kData, kDataEnd, kDataEndLf, kLine, kName, kValue, kValueEnd, kEnd, kDone
  };

  void take_data(std::string_view& bytes, std::string& body);
  void count(std::uint64_t received);
  At after(char c, std::uint64_t received);
  At after_size(char c, std::uint64_t received);
  void add_digit(char c, std::uint64_t received);
  [[noreturn]] static At malformed();

  At at_ = At::kSize;
  std::uint64_t body_bytes_ = 0, header_bytes_ = 0;  // the limits
  std::uint64_t head_and_trailers_ = 0, framing_ = 0;
  std::uint64_t left_ = 0;  // of the chunk under way
};

}  // namespace statecast::host

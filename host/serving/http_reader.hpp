// Turns the bytes of one client, in any pieces, into requests, or into the one refusal that ends the connection. What comes
// out depends on the bytes alone, never on the pieces, and memory on the limits alone: every byte is counted as it comes, as
// the header's (with empty lines before it and trailers), the body's, or the framing of its chunks.
//
// Knows no socket and no time. Owned by an HttpConnection. [shard]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/config/settings.hpp"
#include "host/serving/chunked_body.hpp"
#include "host/serving/http.hpp"

namespace statecast::host {

class HttpReader {
 public:
  // kMore: all bytes are taken. kContinue: the client may be told to go on. kRequest: the bytes that are left are the next
  // request's. kRefused: whatever comes now is of no use.
  enum class Step { kMore, kContinue, kRequest, kRefused };

  // The limits must outlive it.
  explicit HttpReader(const LimitSettings& limits) : limits_(limits) {}

  // Takes bytes from the front, up to the next step. Throws nothing: what a library throws is a refusal.
  Step take(std::string_view& bytes) noexcept;

  // After kRequest: the request, but for where it came from. The next one begins.
  HttpRequest take_request();

  // After kRefused: what is to be said.
  const Wrong& wrong() const { return wrong_; }
  // After kRefused: the other protocol that the client speaks; empty when it is none that we know.
  std::string_view foreign() const { return foreign_; }

  bool empty() const { return stage_ == Stage::kEmptyLines; }  // nothing of a request has come
  bool in_body() const { return stage_ == Stage::kLength || stage_ == Stage::kChunked; }
  bool keep_alive() const { return keep_alive_; }                    // of the request, until the next begins
  bool to_head() const { return request_.method == "HEAD"; }
  std::size_t memory() const { return head_.capacity() + request_.body.capacity(); }  // bytes; the header's fields beside them

 private:
  enum class Stage : std::uint8_t { kEmptyLines, kHead, kLength, kChunked, kDone, kRefused };

  Step step(std::string_view& bytes);
  void take_empty_lines(std::string_view& bytes);
  void take_head(std::string_view& bytes);
  void check_start(std::string_view text);
  static std::size_t find_end(std::string_view text, std::size_t searched);
  void begin_body(std::string_view head);
  void take_length(std::string_view& bytes);
  std::size_t room() const { return static_cast<std::size_t>(limits_.header_bytes - empty_lines_); }
  Step refuse(unsigned status, std::string_view detail);

  const LimitSettings& limits_;
  Stage stage_ = Stage::kEmptyLines;
  bool keep_alive_ = true, continue_ = false;
  std::size_t empty_lines_ = 0;  // bytes of them
  std::string head_;             // what has come of it, unless it came whole
  HttpRequest request_;
  std::uint64_t left_ = 0;  // of a body with a length
  ChunkedBody chunks_;
  Wrong wrong_{};
  std::string_view foreign_;
};

}  // namespace statecast::host

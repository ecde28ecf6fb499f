// Reads an event stream (WHATWG HTML 9.2.6) from bytes in any pieces: what lines and fields mean, and where a client
// stands in it. A block that is cut off by the end of the connection counts for nothing.
//
// Plain values; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace statecast::host::client {

class SseParser {
 public:
  static constexpr std::size_t kBlockAtMost = 16 * 1024 * 1024;

  // Calls take(data) for each message that the bytes complete; when it returns false, the rest of the bytes is left.
  // False when a block is larger than kBlockAtMost: what sends it is no event stream.
  template <class Take>
  bool feed(std::string_view bytes, Take&& take);

  // At the beginning of a connection: forgets what was cut off; the last id stays.
  void begin();

  // The id of the last block that is complete; where to resume.
  const std::string& last_id() const { return last_id_; }
  void set_last_id(std::string id) { last_id_ = block_id_ = std::move(id); }
  // What the host asked to wait before a reconnection.
  std::optional<std::chrono::milliseconds> retry() const { return retry_; }

 private:
  // The next whole line of `bytes`, with what came before; nothing when its end has not come yet.
  std::optional<std::string_view> take_line(std::string_view& bytes);
  // True when the block is complete and has data.
  bool on_line(std::string_view line);
  void on_field(std::string_view name, std::string_view value);

  std::string pending_, line_, data_;
  std::string block_id_, last_id_;
  std::optional<std::chrono::milliseconds> retry_;
  bool first_line_ = true, after_cr_ = false, has_data_ = false;
};

template <class Take>
bool SseParser::feed(std::string_view bytes, Take&& take) {
  while (const auto line = take_line(bytes)) {
    if (on_line(*line)) {
      std::string data;
      data.swap(data_);
      has_data_ = false;
      if (!take(std::string_view(data))) return true;
    }
    if (data_.size() > kBlockAtMost) return false;
  }
  return pending_.size() + data_.size() <= kBlockAtMost;
}

}  // namespace statecast::host::client

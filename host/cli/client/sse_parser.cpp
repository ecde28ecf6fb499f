#include "host/cli/client/sse_parser.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace statecast::host::client {

void SseParser::begin() {
  pending_.clear();
  data_.clear();
  has_data_ = after_cr_ = false;
  first_line_ = true;
  block_id_ = last_id_;
}

// A line ends with LF, CR or CRLF, and the two of CRLF may come apart.
std::optional<std::string_view> SseParser::take_line(std::string_view& bytes) {
  if (after_cr_ && !bytes.empty()) {
    after_cr_ = false;
    if (bytes.front() == '\n') bytes.remove_prefix(1);
  }
  const auto end = bytes.find_first_of("\r\n");
  pending_.append(bytes.substr(0, end));
  if (end == bytes.npos) {
    bytes = {};
    return std::nullopt;
  }
  after_cr_ = bytes[end] == '\r';
  bytes.remove_prefix(end + 1);
  line_.swap(pending_);
  pending_.clear();
  std::string_view line = line_;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (std::exchange(first_line_, false) && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return line;
}

bool SseParser::on_line(std::string_view line) {
  if (line.empty()) {
    last_id_ = block_id_;
    return has_data_;
  }
  const auto colon = std::min(line.find(':'), line.size());
  if (colon == 0) return false;  // a comment: a heartbeat
  auto value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  on_field(line.substr(0, colon), value);
  return false;
}

void SseParser::on_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (std::exchange(has_data_, true)) data_ += '\n';
    data_ += value;
  } else if (name == "id") {
    if (value.find('\0') == value.npos) block_id_ = value;
  } else if (name == "retry") {
    std::uint32_t ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
    if (error == std::errc{} && end == value.data() + value.size()) retry_ = std::chrono::milliseconds(ms);
  }
}

}  // namespace statecast::host::client

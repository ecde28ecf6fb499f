#include "tests/bench/load/frames.hpp"

#include <charconv>

namespace statecast::bench {

namespace {

std::optional<StreamFrame> first_block(std::string_view bytes) {
  const auto end = bytes.find("\n\n");
  if (end == bytes.npos) return std::nullopt;
  return StreamFrame{end + 2, bytes.substr(0, end)};
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::optional<StreamFrame> first_websocket_frame(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto length = static_cast<unsigned char>(bytes[1]) & 0x7F;
  const std::size_t more = length == 127 ? 8 : length == 126 ? 2 : 0;
  if (bytes.size() < 2 + more) return std::nullopt;
  const std::size_t size = more == 0 ? static_cast<std::size_t>(length) : big_endian(bytes.substr(2, more));
  if (bytes.size() - 2 - more < size) return std::nullopt;
  return StreamFrame{2 + more + size, bytes.substr(2 + more, size)};
}

}  // namespace

std::optional<StreamFrame> first_frame(Form form, std::string_view bytes) {
  return form == Form::sse ? first_block(bytes) : first_websocket_frame(bytes);
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  constexpr std::string_view kMember = R"("number":")";
  constexpr std::size_t kDigits = 10;
  const auto at = text.find(kMember);
  if (at == text.npos || text.size() - at - kMember.size() < kDigits) return std::nullopt;
  std::uint64_t number = 0;
  const char* const begin = text.data() + at + kMember.size();
  const auto [end, error] = std::from_chars(begin, begin + kDigits, number);
  return error == std::errc() && end == begin + kDigits ? std::optional(number) : std::nullopt;
}

}  // namespace statecast::bench

// Bytes of a client, read with the least limits that a configuration may set: whatever they are, and in whatever pieces they
// come, the same requests and refusals come out, nothing is thrown, and memory stays within the limits.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

#include "host/serving/http_reader.hpp"

using statecast::host::HttpReader;
using statecast::host::HttpRequest;
using statecast::host::LimitSettings;

namespace {

constexpr std::size_t kAnnounced = 64 * 1024;

LimitSettings least_limits() {
  LimitSettings limits;
  limits.header_bytes = 1024;
  limits.body_bytes = 2048;
  return limits;
}

const LimitSettings kLimits = least_limits();

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "http_reader_fuzz: it does not hold that %s\n", what);
  std::abort();
}

void check_request(const HttpRequest& request) {
  std::size_t framings = 0, hosts = 0;
  for (const auto& [name, value] : request.headers) {
    framings += name == "content-length" || name == "transfer-encoding" ? 1 : 0;
    hosts += name == "host" ? 1 : 0;
    check(value.find_first_of("\r\n") == value.npos, "a field is one line");
  }
  check(framings <= 1, "one field says where the body ends");
  check(hosts <= 1, "one field names the host");
  check(request.path == "*" || request.path.starts_with('/'), "the path is one");
  check(framings == 1 || request.body.empty(), "a body is announced");
  check(request.body.size() <= kLimits.body_bytes, "a body is within its limit");
}

std::string text_of(const HttpRequest& request) {
  std::string text = request.method + ' ' + request.host + ' ' + request.path + '?' + request.query + '\n';
  for (const auto& [name, value] : request.headers) text += name + ": " + value + '\n';
  return text + request.body + '\n';
}

// What comes out of the bytes when `next_size()` of them come at a time.
template <class NextSize>
std::string read(std::string_view bytes, NextSize&& next_size) {
  HttpReader reader(kLimits);
  std::string told;
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, std::max<std::size_t>(1, next_size()));
    bytes.remove_prefix(piece.size());
    for (auto step = HttpReader::Step::kContinue; step != HttpReader::Step::kMore;) {
      step = reader.take(piece);
      check(reader.memory() <= 2 * kLimits.header_bytes + 2 * kLimits.body_bytes + kAnnounced, "memory is bounded");
      if (step == HttpReader::Step::kRefused) return told + std::to_string(reader.wrong().status) + ' ' + reader.wrong().detail;
      if (step == HttpReader::Step::kContinue) told += "continue\n";
      if (step != HttpReader::Step::kRequest) continue;
      const bool keep_alive = reader.keep_alive();
      const auto request = reader.take_request();
      check_request(request);
      told += text_of(request);
      if (!keep_alive) return told + "close";
    }
    check(piece.empty(), "a reader that waits for more has taken what there was");
  }
  return told + (reader.empty() ? "nothing" : reader.in_body() ? "body" : "header");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = read(bytes, [&] { return size; });
  check(read(bytes, [] { return std::size_t{1}; }) == whole, "single bytes are read as the whole is");
  std::minstd_rand random(static_cast<std::uint32_t>(std::hash<std::string_view>{}(bytes)));
  check(read(bytes, [&] { return 1 + random() % 64; }) == whole, "pieces are read as the whole is");
  return 0;
}

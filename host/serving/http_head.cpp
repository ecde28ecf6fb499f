#include "host/serving/http_head.hpp"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>

#include "host/streaming/json.hpp"

namespace statecast::host {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kUsualFields = 16;
constexpr std::string_view kFraming =
    "Where the body ends is not clear: send one Content-Length in decimal digits, or 'Transfer-Encoding: chunked' alone (RFC 9112 6.3).";
constexpr std::string_view kNoPath = "The request target is not a path: send '/...', percent-encoded.";

using ParseError = boost::beast::error_code;
using Text = boost::beast::string_view;

std::string_view view_of(Text text) { return {text.data(), text.size()}; }
bool same(std::string_view text, std::string_view word) { return boost::beast::iequals({text.data(), text.size()}, {word.data(), word.size()}); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// A field that may be there once.
struct Field {
  std::size_t times = 0;
  std::string_view value;

  bool there() const { return times != 0; }
};

// Beast's parser, which tells each piece as it finds it; we ask it for the head alone. Its own message type, which throws
// where a field is too large, is not used.
class Parser : public http::basic_parser<true> {
 public:
  explicit Parser(HttpRequest& request) : request_(request) { request_.headers.reserve(kUsualFields); }

  std::string_view target;
  int version = 0;
  Field host, transfer_encoding, content_length, content_encoding, expect;

 private:
  void on_request_impl(http::verb, Text method, Text whole_target, int number, ParseError&) override {
    request_.method = view_of(method);
    target = view_of(whole_target);
    version = number;
  }

  void on_field_impl(http::field known, Text name, Text value, ParseError&) override {
    if (Field* field = place_of(known)) {
      ++field->times;
      field->value = view_of(value);
    }
    request_.headers.emplace_back(lower(view_of(name)), view_of(value));
  }

  Field* place_of(http::field known) {
    switch (known) {
      case http::field::host: return &host;
      case http::field::transfer_encoding: return &transfer_encoding;
      case http::field::content_length: return &content_length;
      case http::field::content_encoding: return &content_encoding;
      case http::field::expect: return &expect;
      default: return nullptr;
    }
  }

  void on_header_impl(ParseError&) override {}
  void on_response_impl(int, Text, int, ParseError&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ParseError&) override {}
  std::size_t on_body_impl(Text, ParseError&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, Text, ParseError&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text, ParseError&) override { return 0; }
  void on_finish_impl(ParseError&) override {}

  HttpRequest& request_;
};

[[noreturn]] void wrong(unsigned status, std::string_view detail) { throw Wrong{status, std::string(detail)}; }

void parse(Parser& parser, std::string_view text) {
  parser.header_limit(static_cast<std::uint32_t>(text.size() + 1));
  parser.body_limit(boost::none);  // the reader's to check
  ParseError error;
  const auto parsed = parser.put(boost::asio::buffer(text), error);
  if (error == http::error::bad_transfer_encoding || error == http::error::bad_content_length || error == http::error::multiple_content_length)
    wrong(400, kFraming);
  if (error) wrong(400, "This is not HTTP/1.1: " + error.message() + ".");
  if (parsed != text.size() || !parser.is_header_done()) wrong(400, "This is not HTTP/1.1: its header does not end where it seems to.");
}

std::uint64_t length_of(std::string_view digits) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc{} || end != digits.data() + digits.size()) wrong(400, kFraming);
  return length;
}

void read_framing(const Parser& parser, HttpHead& head) {
  const auto& [encodings, encoding] = parser.transfer_encoding;
  if (encodings + parser.content_length.times > 1) wrong(400, kFraming);
  if (parser.content_length.there()) head.length = length_of(parser.content_length.value);
  if (encodings == 0) return;
  if (parser.version < 11) wrong(400, "Transfer-Encoding is not of HTTP/1.0: send a Content-Length, or HTTP/1.1 (RFC 9112 6.1).");
  if (!same(encoding, "chunked"))
    wrong(501, "The transfer coding '" + excerpt(encoding) + "' is not known here: send 'Transfer-Encoding: chunked', or a Content-Length.");
  head.chunked = true;
}

void check_body(const Parser& parser, HttpHead& head) {
  const auto& [codings, coding] = parser.content_encoding;
  if (head.has_body() && codings != 0 && !(codings == 1 && same(coding, "identity")))
    wrong(415, "The body is encoded ('Content-Encoding: " + excerpt(coding) + "'): send it as it is, without Content-Encoding.");
  const auto& [expectations, expectation] = parser.expect;
  if (expectations == 0) return;
  if (expectations > 1 || !same(expectation, "100-continue"))
    wrong(417, "The only expectation that is met here is '100-continue': leave the header 'Expect' out.");
  head.awaits_continue = parser.version >= 11 && head.has_body();
}

// A host with or without a port, as far as it could be taken for something else.
void check_host(std::string_view host) {
  const auto odd = [](char c) { return c <= ' ' || c == 0x7f || std::string_view("/\\?#@,\"<>{}|^`").find(c) != std::string_view::npos; };
  if (std::ranges::any_of(host, odd)) wrong(400, "'" + excerpt(host) + "' is no host: send 'Host: <name>', or '<name>:<port>' (RFC 9112 3.2).");
}

// Takes "http://host" off the front of a target (RFC 9112 3.2.2); nothing when it is of another form.
std::optional<std::string_view> take_authority(std::string_view& target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto host = target.substr(0, target.find_first_of("/?#"));
    target.remove_prefix(host.size());
    return host;
  }
  return {};
}

void read_host(const Parser& parser, HttpRequest& request, std::string_view& target) {
  if (parser.host.times > 1 || (parser.version >= 11 && !parser.host.there()))
    wrong(400, "The request has no Host header, or several (RFC 9112 3.2).");
  check_host(parser.host.value);
  request.host = parser.host.value;
  const auto authority = target.starts_with('/') ? std::nullopt : take_authority(target);
  if (!authority) return;
  if (authority->empty()) wrong(400, kNoPath);
  check_host(*authority);
  request.host = *authority;  // whatever the header says
  for (auto& [name, value] : request.headers)
    if (name == "host") value = request.host;
}

void read_target(const Parser& parser, HttpRequest& request) {
  auto target = parser.target;
  if (target == "*" && request.method == "OPTIONS") request.path = target;
  const bool absolute = !target.starts_with('/');
  read_host(parser, request, target);
  if (!request.path.empty()) return;
  const auto question = std::min(target.find('?'), target.size());
  request.query = target.substr(std::min(question + 1, target.size()));
  if (!percent_decode(target.substr(0, question), false, request.path)) wrong(400, kNoPath);
  if (absolute && request.path.empty() && target.size() != parser.target.size()) request.path = "/";
  if (!request.path.starts_with('/')) wrong(400, kNoPath);
}

}  // namespace

bool is_token(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

HttpHead read_head(std::string_view text) {
  HttpHead head;
  Parser parser(head.request);
  parse(parser, text);
  head.keep_alive = parser.keep_alive();
  read_framing(parser, head);
  read_target(parser, head.request);
  check_body(parser, head);
  return head;
}

}  // namespace statecast::host

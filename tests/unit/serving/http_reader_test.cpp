#include "host/serving/http_reader.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

using Step = HttpReader::Step;

LimitSettings limits() {
  LimitSettings limits;
  limits.header_bytes = 1024;
  limits.body_bytes = 4096;
  return limits;
}

const LimitSettings kLimits = limits();

// What the first request, or the refusal, is, when the bytes come in pieces of such a size.
struct Read {
  Step step = Step::kMore;
  HttpRequest request;
  Wrong wrong{};
  std::string rest;
  std::size_t memory = 0;  // the most
};

Read read(std::string_view bytes, std::size_t piece = std::string_view::npos) {
  HttpReader reader(kLimits);
  Read out;
  while (!bytes.empty() && out.step == Step::kMore) {
    auto some = bytes.substr(0, piece);
    const auto before = some.size();
    out.step = reader.take(some);
    if (out.step == Step::kContinue) out.step = reader.take(some);
    bytes.remove_prefix(before - some.size());
    out.memory = std::max(out.memory, reader.memory());
  }
  out.rest = bytes;
  if (out.step == Step::kRequest) out.request = reader.take_request();
  if (out.step == Step::kRefused) out.wrong = reader.wrong();
  return out;
}

std::string get(std::string_view target, std::string_view fields = "Host: x\r\n") {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view fields, std::string_view body) {
  return "POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string chunked(std::string_view body) { return post("Transfer-Encoding: chunked\r\n", body); }

// "400 why", the same whether the bytes come at once or one by one.
std::string refusal(std::string_view bytes) {
  const auto whole = read(bytes), single = read(bytes, 1);
  EXPECT_EQ(whole.step, Step::kRefused);
  EXPECT_EQ(single.wrong.detail, whole.wrong.detail);
  return std::to_string(whole.wrong.status) + " " + whole.wrong.detail;
}

std::string body(std::string_view bytes) {
  const auto whole = read(bytes), single = read(bytes, 1);
  EXPECT_EQ(whole.step, Step::kRequest) << whole.wrong.detail;
  EXPECT_EQ(single.request.body, whole.request.body);
  return whole.request.body;
}

constexpr auto kFraming =
    "400 Where the body ends is not clear: send one Content-Length in decimal digits, or 'Transfer-Encoding: chunked' alone (RFC 9112 6.3).";
constexpr auto kChunks = "400 The body's chunks are not well formed (RFC 9112 7.1).";
constexpr auto kHeader = "431 The request's header is larger than 1024 bytes (limits.header).";
constexpr auto kBody = "413 The request's body is larger than 4096 bytes (limits.body): send fewer events at a time.";
constexpr auto kNoPath = "400 The request target is not a path: send '/...', percent-encoded.";

TEST(HttpReader, ReadsARequest) {
  const auto request = read("POST /a%20b?c=%20 HTTP/1.1\r\nHost: x:8080\r\nX-Odd:  some \r\nContent-Length: 3\r\n\r\nabcGET").request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/a b");
  EXPECT_EQ(request.query, "c=%20");
  EXPECT_EQ(request.host, "x:8080");
  EXPECT_EQ(request.header("x-odd"), "some");
  EXPECT_EQ(request.body, "abc");
}

TEST(HttpReader, LeavesWhatComesAfterTheRequest) {
  EXPECT_EQ(read(get("/") + "GET /b").rest, "GET /b");
  EXPECT_EQ(read(chunked("1\r\na\r\n0\r\n\r\nGET /b")).rest, "GET /b");
}

TEST(HttpReader, TakesAnEmptyLineBeforeTheRequest) {
  EXPECT_EQ(read("\r\n\r\n" + get("/a")).request.path, "/a");
  EXPECT_EQ(read("\r\n" + get("/a"), 1).request.path, "/a");
  EXPECT_EQ(refusal("\r" + get("/a")), "400 This is not HTTP/1.1: bad line ending.");
}

// ---- where it goes

TEST(HttpReader, TakesTheHostOfAnAbsoluteTarget) {
  const auto request = read(get("HTTP://example.org:80/a?b", "Host: other\r\n")).request;
  EXPECT_EQ(request.host, "example.org:80");
  EXPECT_EQ(request.header("host"), "example.org:80");
  EXPECT_EQ(request.path, "/a");
  EXPECT_EQ(request.query, "b");
}

TEST(HttpReader, TakesAnAbsoluteTargetWithoutAPath) {
  EXPECT_EQ(read(get("http://example.org")).request.path, "/");
  const auto request = read(get("https://example.org?b")).request;
  EXPECT_EQ(request.path, "/");
  EXPECT_EQ(request.query, "b");
}

TEST(HttpReader, TakesAnAsteriskForOptionsAlone) {
  EXPECT_EQ(read("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").request.path, "*");
  EXPECT_EQ(refusal(get("*")), kNoPath);
}

TEST(HttpReader, RefusesATargetThatIsNoPath) {
  for (const char* target : {"a", "http://", "http:///a", "ftp://example.org/a", "example.org:80", "/%zz", "?a"})
    EXPECT_EQ(refusal(get(target)), kNoPath) << target;
}

TEST(HttpReader, RefusesAHostThatIsNone) {
  constexpr auto kHosts = "400 The request has no Host header, or several (RFC 9112 3.2).";
  EXPECT_EQ(refusal(get("/", "")), kHosts);
  EXPECT_EQ(refusal(get("/", "Host: a\r\nHost: a\r\n")), kHosts);
  EXPECT_EQ(refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), kHosts);
  EXPECT_EQ(read("GET / HTTP/1.0\r\n\r\n").request.host, "");
  EXPECT_EQ(refusal(get("/", "Host: a/b\r\n")), "400 'a/b' is no host: send 'Host: <name>', or '<name>:<port>' (RFC 9112 3.2).");
  EXPECT_EQ(refusal(get("http://me@b/")), "400 'me@b' is no host: send 'Host: <name>', or '<name>:<port>' (RFC 9112 3.2).");
}

// ---- where the body ends

TEST(HttpReader, RefusesAnyTransferCodingButChunked) {
  for (const char* coding : {"xchunked", "identity", "gzip, chunked", "chunked, chunked", "chunked, gzip", "\"chunked\"", "chunked;q=1", ","})
    EXPECT_EQ(refusal(post("Transfer-Encoding: " + std::string(coding) + "\r\n", "0\r\n\r\n")),
              "501 The transfer coding '" + std::string(coding) + "' is not known here: send 'Transfer-Encoding: chunked', or a Content-Length.");
  EXPECT_EQ(body(post("transfer-encoding:\tCHUNKED \r\n", "1\r\na\r\n0\r\n\r\n")), "a");
}

TEST(HttpReader, RefusesTransferEncodingTwiceOrBesideALength) {
  for (const char* fields : {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "Transfer-Encoding: x\r\nContent-Length: 5\r\n"})
    EXPECT_EQ(refusal(post(fields, "0\r\n\r\n")), kFraming) << fields;
}

TEST(HttpReader, RefusesTransferEncodingInHttp10) {
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            "400 Transfer-Encoding is not of HTTP/1.0: send a Content-Length, or HTTP/1.1 (RFC 9112 6.1).");
}

TEST(HttpReader, RefusesAFieldOnSeveralLines) {
  for (const char* fields : {"Transfer-Encoding:\r\n chunked\r\n", "Transfer-Encoding: x\r\n\tchunked\r\n", " X: y\r\n", "X: y\r\n \r\n"})
    EXPECT_EQ(refusal(post(fields, "")), "400 A line of the header begins with a space: send each field on one line (RFC 9112 5.2).") << fields;
}

TEST(HttpReader, RefusesALengthThatIsTwiceOrOdd) {
  for (const char* fields : {"Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1, 1\r\n",
                             "Content-Length: +1\r\n", "Content-Length: -1\r\n", "Content-Length: 0x1\r\n", "Content-Length: 1 1\r\n",
                             "Content-Length:\r\n", "Content-Length: 18446744073709551617\r\n"})
    EXPECT_EQ(refusal(post(fields, "a")), kFraming) << fields;
}

TEST(HttpReader, RefusesLinesThatTwoReadersCouldReadInTwoWays) {
  for (const char* fields : {"X: y\nTransfer-Encoding: chunked\r\n", "X: y\rZ: z\r\n", "Transfer-Encoding : chunked\r\n", "X\r\n", ": y\r\n"})
    EXPECT_TRUE(refusal(post(fields, "")).starts_with("400 This is not HTTP/1.1: ")) << fields;
  EXPECT_TRUE(refusal("GET / HTTP/1.1\nHost: x\n\r\n").starts_with("400 This is not HTTP/1.1: "));
}

TEST(HttpReader, ReadsChunks) {
  EXPECT_EQ(body(chunked("3\r\nabc\r\n00A;name=\"a;b\" ; c\r\n0123456789\r\n0;last\r\n\r\n")), "abc0123456789");
  EXPECT_EQ(body(chunked("0\r\n\r\n")), "");
}

TEST(HttpReader, RefusesChunksThatAreNotWellFormed) {
  for (const char* chunks : {"\r\n", "g\r\n", "-1\r\n", "0x1\r\na\r\n", "1\na\n0\n\n", "1 \r\na\r\n", "1 a\r\n", "1\r\nab\r\n", "1\r\na\n", "1;a\nb\r\n",
                             "1;a\rb\r\n", "0\r\nX\r\n\r\n", "0\r\n: x\r\n\r\n", "0\r\n X: y\r\n\r\n", "0\r\nX: y\n\r\n", "0\r\n\rX"})
    EXPECT_EQ(refusal(chunked(chunks)), kChunks) << chunks;
}

TEST(HttpReader, DropsTrailers) {
  const auto request = read(chunked("1\r\na\r\n0\r\nAuthorization: Bearer x\r\nHost: y\r\nTransfer-Encoding: z\r\n\r\n")).request;
  EXPECT_EQ(request.header("authorization"), "");
  EXPECT_EQ(request.host, "x");
  EXPECT_EQ(request.body, "a");
}

// ---- how much

TEST(HttpReader, TakesAHeaderUpToItsLimit) {
  const auto with = [](std::size_t size) {
    const auto rest = get("/", "Host: x\r\nX: \r\n").size();
    return get("/", "Host: x\r\nX: " + std::string(size - rest, 'a') + "\r\n");
  };
  EXPECT_EQ(read(with(1024)).step, Step::kRequest);
  EXPECT_EQ(read(with(1024), 1).step, Step::kRequest);
  EXPECT_EQ(refusal(with(1025)), kHeader);
  EXPECT_EQ(refusal(with(100'000)), kHeader);
}

TEST(HttpReader, CountsAHeaderThatComesFieldByField) {
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += "X: " + std::to_string(i) + "\r\n";
  const std::string line = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(refusal(line + fields), kHeader);
  EXPECT_EQ(read(line + fields, 8).wrong.status, 431u);
}

TEST(HttpReader, CountsEmptyLinesAsTheHeader) {
  std::string lines;
  for (int i = 0; i < 600; ++i) lines += "\r\n";
  EXPECT_EQ(refusal(lines), kHeader);
  EXPECT_EQ(refusal(lines.substr(0, 1000) + get("/a-rather-long-path")), kHeader);
}

TEST(HttpReader, CountsTrailersAsTheHeader) {
  std::string fields;
  for (int i = 0; i < 200; ++i) fields += "X: " + std::to_string(i) + "\r\n";
  for (const std::string& trailers : {"X: " + std::string(70'000, 'a'), std::string(70'000, 'x'), fields}) {
    EXPECT_EQ(refusal(chunked("0\r\n" + trailers)), kHeader);
    EXPECT_LE(read(chunked("0\r\n" + trailers), 100).memory, 4096u);
  }
}

TEST(HttpReader, BoundsWhatIsNotDataInChunks) {
  constexpr auto kMostlyFraming = "400 The body's chunks are more framing than data: send larger chunks, with short extensions or none.";
  for (const std::string& chunks : {"1;" + std::string(70'000, 'a'), std::string(70'000, '0'), "0;" + std::string(70'000, 'a'), "1" + std::string(70'000, ' ')}) {
    EXPECT_EQ(refusal(chunked(chunks)), kMostlyFraming);
    EXPECT_LE(read(chunked(chunks), 100).memory, 4096u);
  }
  std::string each;
  for (int i = 0; i < 1000; ++i) each += "1;" + std::string(100, 'a') + "\r\nb\r\n";
  EXPECT_EQ(refusal(chunked(each)), kMostlyFraming);
}

TEST(HttpReader, TakesABodyInChunksOfOneByte) {
  std::string chunks;
  for (int i = 0; i < 4096; ++i) chunks += "1\r\na\r\n";
  EXPECT_EQ(body(chunked(chunks + "0\r\n\r\n")), std::string(4096, 'a'));
  EXPECT_EQ(refusal(chunked(chunks + "1\r\n")), kBody);
}

TEST(HttpReader, RefusesABodyBeyondItsLimitBeforeItComes) {
  EXPECT_EQ(refusal(post("Content-Length: 4097\r\n", "")), kBody);
  EXPECT_EQ(refusal(chunked("1001\r\n")), kBody);
  EXPECT_EQ(refusal(chunked("ffffffffffffffffffffffff")), kBody);
}

TEST(HttpReader, GivesABodyNoMemoryBecauseItIsAnnounced) {
  LimitSettings large;
  large.body_bytes = std::uint64_t{1} << 40;
  HttpReader reader(large);
  std::string_view bytes = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1099511627776\r\n\r\n";
  EXPECT_EQ(reader.take(bytes), Step::kMore);
  EXPECT_LE(reader.memory(), 128u * 1024);
}

// ---- what else may be asked, and spoken

TEST(HttpReader, TellsWhenTheClientWaitsForAContinue) {
  const auto first_step = [](std::string_view bytes) { return HttpReader(kLimits).take(bytes); };
  EXPECT_EQ(first_step(post("Expect: 100-Continue\r\nContent-Length: 1\r\n", "")), Step::kContinue);
  EXPECT_EQ(first_step(post("Expect: 100-continue\r\n", "")), Step::kRequest);
  EXPECT_EQ(first_step("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"), Step::kMore);
}

TEST(HttpReader, RefusesOtherExpectations) {
  for (const char* fields : {"Expect: tea\r\n", "Expect:\r\n", "Expect: 100-continue, tea\r\n", "Expect: 100-continue\r\nExpect: tea\r\n"})
    EXPECT_EQ(refusal(post(fields, "")), "417 The only expectation that is met here is '100-continue': leave the header 'Expect' out.") << fields;
}

TEST(HttpReader, RefusesABodyThatIsEncoded) {
  for (const char* coding : {"gzip", "deflate", "br", "gzip, identity"})
    EXPECT_EQ(refusal(post("Content-Length: 1\r\nContent-Encoding: " + std::string(coding) + "\r\n", "a")),
              "415 The body is encoded ('Content-Encoding: " + std::string(coding) + "'): send it as it is, without Content-Encoding.");
  EXPECT_EQ(body(post("Content-Length: 1\r\nContent-Encoding: Identity\r\n", "a")), "a");
  EXPECT_EQ(body(post("Content-Encoding: gzip\r\n", "")), "");
}

TEST(HttpReader, KnowsOtherProtocols) {
  EXPECT_EQ(refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            "505 This is HTTP/2, and only HTTP/1.1 is spoken here: have the client send that (curl: --http1.1).");
  EXPECT_EQ(refusal("\x16\x03\x01"), "400 This is TLS, and only HTTP/1.1 without it is spoken here: use http://, or a proxy that takes the TLS off.");
}

TEST(HttpReader, RefusesWhatBeginsUnlikeARequestAtOnce) {
  for (const std::string& bytes : {std::string("\0", 1), std::string("SSH-2.0\r"), std::string(" GET"), std::string(33, 'A'), std::string("\xff")})
    EXPECT_EQ(refusal(bytes), "400 This is not HTTP/1.1: bad method.");
}

}  // namespace
}  // namespace statecast::host

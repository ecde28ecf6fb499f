#include "plugins/transports/websocket/handshake.hpp"

#include <gtest/gtest.h>

#include <statecast/testkit.hpp>

namespace statecast::websocket {
namespace {

using testkit::Outcome;
using testkit::RequestContext;

// RFC 6455 1.3
RequestContext request() {
  return {.path = "/chat",
          .headers = {{"host", "server.example.com"},
                      {"upgrade", "websocket"},
                      {"connection", "Upgrade"},
                      {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"sec-websocket-version", "13"}}};
}

RequestContext request_with(const std::string& header, const std::string& value) {
  auto changed = request();
  changed.headers[header] = value;
  return changed;
}

// The response, or why there is none.
Outcome handshake(const RequestContext& context) {
  const sc_client client = context.abi();
  try {
    return {SC_OK, accept_handshake(Client(&client))};
  } catch (const Failure& failure) {
    return {failure.status(), failure.what()};
  }
}

TEST(Handshake, AnswersTheExampleOfTheRfc) {
  EXPECT_EQ(handshake(request()), (Outcome{SC_OK,
                                           "HTTP/1.1 101 Switching Protocols\r\n"
                                           "Upgrade: websocket\r\n"
                                           "Connection: Upgrade\r\n"
                                           "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                           "\r\n"}));
}

TEST(Handshake, ReadsTokensInAnyCaseAndWithinLists) {
  auto lists = request();
  lists.headers["upgrade"] = "h2c, WebSocket";
  lists.headers["connection"] = "keep-alive ,\tUPGRADE,";
  EXPECT_TRUE(handshake(lists).ok());
}

TEST(Handshake, EchoesItsSubprotocolWhenTheClientOffersIt) {
  EXPECT_TRUE(handshake(request_with("sec-websocket-protocol", "chat, statecast.v1"))
                  .text.ends_with("\r\nSec-WebSocket-Protocol: statecast.v1\r\n\r\n"));
  EXPECT_EQ(handshake(request_with("sec-websocket-protocol", "chat, Statecast.V1, statecast.v10")),
            handshake(request()));
}

TEST(Handshake, RefusesAnotherMethod) {
  auto post = request();
  post.method = "POST";
  EXPECT_EQ(handshake(post), (Outcome{SC_REJECTED, "a WebSocket is opened with GET"}));
}

TEST(Handshake, RefusesARequestThatDoesNotUpgradeToWebSocket) {
  const Outcome expected{SC_REJECTED, "a WebSocket is opened with the header 'Upgrade: websocket'"};
  for (const char* value : {"", "h2c", "websockets", "web socket"})
    EXPECT_EQ(handshake(request_with("upgrade", value)), expected);
}

TEST(Handshake, RefusesARequestWhoseConnectionDoesNotUpgrade) {
  const Outcome expected{SC_REJECTED, "a WebSocket is opened with the header 'Connection: Upgrade'"};
  for (const char* value : {"", "keep-alive", "close,,"})
    EXPECT_EQ(handshake(request_with("connection", value)), expected);
}

TEST(Handshake, RefusesAKeyThatIsNotSixteenBytes) {
  const Outcome expected{SC_REJECTED, "the header 'Sec-WebSocket-Key' must be the base64 of 16 bytes"};
  for (const char* value : {"", "dGhlIHNhbXBsZSBub25j", "dGhlIHNhbXBsZSBub25jZTE=", "dGhlIHNhbXBsZSBub25jZTEy",
                            "dGhlIHNhbXBsZSBub25j*Q==", "dGhlIHNhbXBsZSBub25jZ===", "dGhlIHNhbXBsZSBub25jZQ==AAAA"}) {
    EXPECT_EQ(handshake(request_with("sec-websocket-key", value)), expected) << value;
  }
}

TEST(Handshake, AsksForTheVersionItSpeaks) {
  EXPECT_EQ(handshake(request_with("sec-websocket-version", "")),
            (Outcome{SC_REJECTED, "a WebSocket is opened with the header 'Sec-WebSocket-Version: 13'"}));
  for (const char* value : {"8", "14", "13, 8"}) {
    EXPECT_EQ(
        handshake(request_with("sec-websocket-version", value)),
        (Outcome{SC_UNSUPPORTED, "only version 13 of WebSocket is spoken here: send 'Sec-WebSocket-Version: 13'"}));
  }
}

}  // namespace
}  // namespace statecast::websocket

#include "plugins/transports/websocket/websocket_transport.hpp"

#include <gtest/gtest.h>

#include <statecast/testkit.hpp>

#include "client_frames.hpp"

namespace statecast::websocket {
namespace {

using testkit::Command;
using testkit::Outcome;

// What the host was asked: one command.
std::vector<Command> sent(std::string what, std::uint64_t ref = 0, std::string text = {}, std::string cursor = {}) {
  return {{std::move(what), ref, std::move(text), std::move(cursor)}};
}

testkit::RequestContext request() {
  return {.path = "/ws",
          .headers = {{"upgrade", "websocket"},
                      {"connection", "Upgrade"},
                      {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"sec-websocket-version", "13"}}};
}

// A session whose handshake is done.
class WebSocket : public ::testing::Test {
 protected:
  WebSocket() { session_.head(); }

  testkit::Decoded say(std::string_view json) { return session_.decode(client_text(json)); }

  std::string encode(std::uint32_t encoding, std::string_view json, std::string_view cursor) const {
    return kit_.encode(encoding, {.kind = SC_MESSAGE_DATA, .json = json, .cursor = cursor, .topic = {}});
  }
  std::string text(std::string_view json, std::string_view cursor) const {
    return encode(WebSocketTransport::kText, json, cursor);
  }

  testkit::TransportKit kit_{testkit::transport_table<WebSocketTransport>(), R"({"max_message":65536})"};
  testkit::SessionKit session_ = kit_.open(request());
};

TEST_F(WebSocket, OpensWithTheHandshake) {
  auto session = kit_.open(request());
  EXPECT_TRUE(session.opened().ok());
  EXPECT_EQ(session.encoding(), WebSocketTransport::kText);
  EXPECT_TRUE(session.head().starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
}

TEST_F(WebSocket, RefusesWhatIsNoHandshake) {
  EXPECT_EQ(kit_.open({}).opened(),
            (Outcome{SC_REJECTED, "a WebSocket is opened with the header 'Upgrade: websocket'"}));
}

TEST_F(WebSocket, PutsTheCursorAtTheEndOfAMessage) {
  EXPECT_EQ(text(R"({"type":"order_update","orderId":"o-1"})", "c1"),
            server_text(R"({"type":"order_update","orderId":"o-1","cursor":"c1"})"));
  EXPECT_EQ(text("{\"a\":{}}\n", "c1"), server_text(R"({"a":{},"cursor":"c1"})"));
  EXPECT_EQ(text(R"({"a":"{"})", "c1"), server_text(R"({"a":"{","cursor":"c1"})"));
}

TEST_F(WebSocket, PutsTheCursorIntoAnEmptyObject) {
  EXPECT_EQ(text("{}", "c1"), server_text(R"({"cursor":"c1"})"));
  EXPECT_EQ(text("{ }", "c1"), server_text(R"({ "cursor":"c1"})"));
  EXPECT_EQ(text(" { } ", "c1"), server_text(R"( { "cursor":"c1"})"));
}

TEST_F(WebSocket, EscapesTheCursor) { EXPECT_EQ(text("{}", "\"\\"), server_text(R"({"cursor":"\"\\"})")); }

TEST_F(WebSocket, LeavesAMessageWithoutCursorAsItIs) {
  EXPECT_EQ(text(R"({"type":"connected"})", ""), server_text(R"({"type":"connected"})"));
  EXPECT_EQ(encode(WebSocketTransport::kBare, R"({"a":1})", "c1"), server_text(R"({"a":1})"));
}

TEST_F(WebSocket, AccountsForTheCursorInTheLengthOfTheFrame) {
  const std::string json = R"({"a":")" + std::string(110, 'x') + R"("})";
  EXPECT_EQ(text(json, "c1"), server_text(json.substr(0, json.size() - 1) + R"(,"cursor":"c1"})"));
}

TEST_F(WebSocket, WritesControlMessagesLikeData) {
  const Message reset{.kind = SC_MESSAGE_CONTROL, .json = R"({"type":"reset"})", .cursor = "c2", .topic = {}};
  EXPECT_EQ(kit_.encode(WebSocketTransport::kText, reset), server_text(R"({"type":"reset","cursor":"c2"})"));
  EXPECT_EQ(kit_.encode(WebSocketTransport::kBare, reset), server_text(R"({"type":"reset"})"));
}

TEST_F(WebSocket, MovesTheCursorWithAMessageOfItsOwnInEitherEncoding) {
  const Message cursor{.kind = SC_MESSAGE_CURSOR, .json = {}, .cursor = "c3", .topic = {}};
  EXPECT_EQ(kit_.encode(WebSocketTransport::kText, cursor), server_text(R"({"type":"cursor","cursor":"c3"})"));
  EXPECT_EQ(kit_.encode(WebSocketTransport::kBare, cursor), server_text(R"({"type":"cursor","cursor":"c3"})"));
}

TEST_F(WebSocket, RefusesAMessageThatIsNoObject) {
  try {
    text("[1]", "c1");
    FAIL() << "was encoded";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.status(), SC_REJECTED);
    EXPECT_STREQ(failure.what(), "a message must be one JSON object");
  }
}

TEST_F(WebSocket, SendsAnEmptyPingAsHeartbeat) {
  EXPECT_EQ(kit_.heartbeat(WebSocketTransport::kText), bytes(0x89, 0));
  EXPECT_EQ(kit_.heartbeat(WebSocketTransport::kBare), bytes(0x89, 0));
}

TEST_F(WebSocket, TellsTheHostOfAPong) { EXPECT_EQ(session_.decode(client_pong("")).commands, sent("pong")); }

TEST_F(WebSocket, AnswersAPingWithItsPayload) {
  const auto decoded = session_.decode(client_ping("Hello"));
  EXPECT_EQ(decoded.reply, bytes(0x8A, 5) + "Hello");
  EXPECT_TRUE(decoded.commands.empty());
}

TEST_F(WebSocket, SubscribesAndTellsTheClient) {
  const auto decoded = say(R"({"action":"subscribe","topic":"/topic/orders/o-1","last_event_id":"c1","id":"s"})");
  EXPECT_EQ(decoded.commands, sent("subscribe", 1, "orders/o-1", "c1"));
  EXPECT_EQ(decoded.reply, "");
  EXPECT_EQ(session_.answer(1, SC_OK, R"({"resumed":true})"),
            server_text(R"({"type":"subscribed","topic":"orders/o-1","resumed":true,"id":"s"})"));
}

TEST_F(WebSocket, TellsTheClientWhyItMayNotSubscribe) {
  say(R"({"action":"subscribe","topic":"orders/o-2","id":2})");
  EXPECT_EQ(session_.answer(1, SC_DENIED, R"({"status":403,"title":"Forbidden","detail":"not yours"})"),
            server_text(R"({"type":"error","action":"subscribe","topic":"orders/o-2","status":403,)"
                        R"("title":"Forbidden","detail":"not yours","id":2})"));
}

TEST_F(WebSocket, Unsubscribes) {
  EXPECT_EQ(say(R"({"action":"unsubscribe","topic":"orders/o-1"})").commands, sent("unsubscribe", 1, "orders/o-1"));
  EXPECT_EQ(session_.answer(1, SC_OK, "{}"), server_text(R"({"type":"unsubscribed","topic":"orders/o-1"})"));
}

TEST_F(WebSocket, Publishes) {
  EXPECT_EQ(say(R"({"action":"publish","event":{"data":{},"subject":"s","type":"T"},"id":3})").commands,
            sent("publish", 1, R"({"data":{},"subject":"s","type":"T"})"));
  EXPECT_EQ(session_.answer(1, SC_OK, R"({"cursor":"c9","duplicate":false})"),
            server_text(R"({"type":"published","cursor":"c9","duplicate":false,"id":3})"));
}

TEST_F(WebSocket, RenewsTheToken) {
  EXPECT_EQ(say(R"({"action":"renew","token":"fresh"})").commands, sent("renew", 1, "fresh"));
  EXPECT_EQ(session_.answer(1, SC_OK, "{}"), server_text(R"({"type":"renewed"})"));
}

TEST_F(WebSocket, AnswersThePingOfAnApplicationItself) {
  const auto decoded = say(R"({"action":"ping","id":4})");
  EXPECT_EQ(decoded.reply, server_text(R"({"type":"pong","id":4})"));
  EXPECT_TRUE(decoded.commands.empty());
}

TEST_F(WebSocket, GoesOnAfterAMessageThatItDoesNotUnderstand) {
  const auto decoded = say(R"({"action":"shout","id":5})");
  EXPECT_TRUE(decoded.outcome.ok());
  EXPECT_EQ(decoded.reply,
            server_text(R"({"type":"error","status":400,"title":"Bad Request",)"
                        R"("detail":"'action' must be one of subscribe, unsubscribe, publish, renew, ping","id":5})"));
  EXPECT_EQ(say(R"({"action":"ping"})").reply, server_text(R"({"type":"pong"})"));
}

TEST_F(WebSocket, RefusesMoreRequestsThanItKeeps) {
  const std::string subscribe = R"({"action":"subscribe","topic":"orders/o-1","id":6})";
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(say(subscribe).reply, "");
  const auto refused = say(subscribe);
  EXPECT_TRUE(refused.outcome.ok());
  EXPECT_TRUE(refused.commands.empty());
  EXPECT_EQ(refused.reply,
            server_text(
                R"({"type":"error","action":"subscribe","topic":"orders/o-1","status":429,"title":"Too Many Requests",)"
                R"("detail":"1000 requests wait for their answer: send more when some have been answered","id":6})"));
  session_.answer(1, SC_OK, "{}");
  EXPECT_EQ(say(subscribe).commands, sent("subscribe", 1001, "orders/o-1"));
}

TEST_F(WebSocket, UnderstandsAMessageHoweverItsBytesArrive) {
  const std::string stream =
      client_frame(0x01, R"({"action":"subscribe",)") + client_ping("x") + client_frame(0x80, R"("topic":"a/b"})");
  testkit::Decoded all;
  for (const char c : stream) {
    auto decoded = session_.decode({&c, 1});
    ASSERT_TRUE(decoded.outcome.ok());
    all.reply += decoded.reply;
    all.commands.insert(all.commands.end(), decoded.commands.begin(), decoded.commands.end());
  }
  EXPECT_EQ(all.commands, sent("subscribe", 1, "a/b"));
  EXPECT_EQ(all.reply, bytes(0x8A, 1) + "x");
}

TEST_F(WebSocket, EchoesTheClientsCloseAndWritesNothingMore) {
  const auto decoded = session_.decode(client_close(1001, "bye") + client_ping("too late"));
  EXPECT_TRUE(decoded.outcome.ok());
  EXPECT_EQ(decoded.commands, sent("close", 1001, "bye"));
  EXPECT_EQ(decoded.reply, bytes(0x88, 5, 0x03, 0xE9) + "bye");
  EXPECT_EQ(session_.decode(client_ping("later still")).reply, "");
  EXPECT_EQ(session_.close(SC_CLOSE_SHUTDOWN, "the host stops"), "");
}

TEST_F(WebSocket, EchoesACloseWithoutACode) {
  const auto decoded = session_.decode(client_frame(0x88, ""));
  EXPECT_EQ(decoded.commands, sent("close", 1005, ""));
  EXPECT_EQ(decoded.reply, bytes(0x88, 0));
}

TEST_F(WebSocket, SendsNoAnswerToAClientThatHasClosed) {
  session_.decode(client_text(R"({"action":"subscribe","topic":"a/b"})") + client_close(1000));
  EXPECT_EQ(session_.answer(1, SC_OK, "{}"), "");
}

TEST_F(WebSocket, ClosesAfterABreachOfProtocolWithTheCodeForIt) {
  const auto decoded = session_.decode(client_text("\xFF") + client_ping("too late"));
  EXPECT_EQ(decoded.outcome, (Outcome{SC_REJECTED, "a text message must be UTF-8 (RFC 6455 8.1)"}));
  EXPECT_EQ(decoded.reply, "");
  EXPECT_TRUE(session_.decode(client_ping("later still")).reply.empty());
  EXPECT_EQ(session_.close(SC_CLOSE_PROTOCOL, decoded.outcome.text),
            bytes(0x88, 45, 0x03, 0xEF) + decoded.outcome.text);
}

TEST_F(WebSocket, StillDoesWhatCameBeforeABreachOfProtocol) {
  const auto decoded = session_.decode(client_ping("x") + client_frame(0x82, "binary"));
  EXPECT_EQ(decoded.outcome, (Outcome{SC_REJECTED, "binary messages are not understood: send JSON in text messages"}));
  EXPECT_EQ(decoded.reply, bytes(0x8A, 1) + "x");
  EXPECT_EQ(session_.close(SC_CLOSE_PROTOCOL).substr(0, 4), bytes(0x88, 2, 0x03, 0xEB));
}

TEST_F(WebSocket, HoldsNoMemoryForAClientThatSaysNothing) {
  EXPECT_TRUE(session_.at_rest()) << "its handshake is written";
  EXPECT_EQ(session_.decode(client_ping("x")).reply, bytes(0x8A, 1) + "x");
  EXPECT_TRUE(session_.at_rest());
}

TEST_F(WebSocket, RemembersAClientFromTheFirstByteOfAMessageToTheAnswer) {
  const std::string message = client_text(R"({"action":"subscribe","topic":"a/b"})");
  session_.decode(message.substr(0, 1));
  EXPECT_FALSE(session_.at_rest());
  EXPECT_EQ(session_.decode(message.substr(1)).commands.size(), 1u);
  EXPECT_FALSE(session_.at_rest());
  EXPECT_NE(session_.answer(1, SC_OK, "{}"), "");
  EXPECT_TRUE(session_.at_rest());
  EXPECT_EQ(session_.close(SC_CLOSE_SHUTDOWN, "why"), bytes(0x88, 5) + close_payload(1001, "why"));
}

TEST_F(WebSocket, RemembersThatAMessageIsNotComplete) {
  session_.decode(client_frame(0x01, R"({"action":)"));
  EXPECT_FALSE(session_.at_rest());
  EXPECT_NE(session_.decode(client_frame(0x80, R"("ping"})")).reply, "");
  EXPECT_TRUE(session_.at_rest());
}

TEST_F(WebSocket, TakesItsLimitFromTheSettings) {
  testkit::TransportKit kit(testkit::transport_table<WebSocketTransport>(), R"({"max_message":1024})");
  auto session = kit.open(request());
  session.head();
  EXPECT_TRUE(session.decode(client_text(std::string(1024, ' '))).outcome.ok());
  EXPECT_EQ(session.decode(client_text(std::string(1025, ' '))).outcome,
            (Outcome{SC_REJECTED, "a message has at most 1024 bytes here"}));
  EXPECT_EQ(session.close(SC_CLOSE_PROTOCOL), bytes(0x88, 2, 0x03, 0xF1));
}

TEST_F(WebSocket, NamesTheReasonForClosing) {
  struct {
    std::uint32_t reason;
    int code;
  } const table[] = {{SC_CLOSE_SHUTDOWN, 1001},
                     {SC_CLOSE_ENDED, 1000},
                     {SC_CLOSE_SLOW, 1008},
                     {SC_CLOSE_PROTOCOL, 1002},
                     {SC_CLOSE_EXPIRED, 1000},
                     {SC_CLOSE_ERROR, 1011},
                     {99, 1011}};
  for (const auto& [reason, code] : table) {
    auto session = kit_.open(request());
    session.head();
    EXPECT_EQ(session.close(reason, "why", 2000), bytes(0x88, 5) + close_payload(code, "why")) << reason;
  }
}

TEST_F(WebSocket, WritesNothingToAClientThatIsGone) { EXPECT_EQ(session_.close(SC_CLOSE_GONE, "gone"), ""); }

TEST_F(WebSocket, WritesNoFrameToAClientWhoseHandshakeWasNotAnswered) {
  auto session = kit_.open(request());
  EXPECT_EQ(session.close(SC_CLOSE_ERROR, "denied"), "");
}

}  // namespace
}  // namespace statecast::websocket

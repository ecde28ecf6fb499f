#include "plugins/transports/sse/sse_transport.hpp"

#include <gtest/gtest.h>

#include <statecast/testkit.hpp>

namespace statecast::sse {
namespace {

constexpr std::string_view kSettings = R"({"retry":2000})";

class Sse : public ::testing::Test {
 protected:
  std::string encode(std::uint32_t encoding, const Message& message) const { return kit_.encode(encoding, message); }
  std::string plain(std::string_view json, std::string_view cursor) const {
    return encode(SseTransport::kPlain, {.kind = SC_MESSAGE_DATA, .json = json, .cursor = cursor, .topic = {}});
  }

  testkit::TransportKit kit_{testkit::transport_table<SseTransport>(), kSettings};
  testkit::SessionKit session_ = kit_.open({.path = "/api/v1/stream"});
};

TEST_F(Sse, AnswersARequestWithAnEndlessStreamAndTheTimeToReconnect) {
  EXPECT_TRUE(session_.opened().ok());
  EXPECT_EQ(session_.encoding(), SseTransport::kPlain);
  EXPECT_EQ(session_.head(),
            "HTTP/1.1 200 OK\r\n"
            "Content-Type: text/event-stream\r\n"
            "Cache-Control: no-store\r\n"
            "X-Accel-Buffering: no\r\n"
            "Connection: close\r\n"
            "\r\n"
            "retry: 2000\n\n");
}

TEST_F(Sse, TellsTheTimeToReconnectThatIsConfigured) {
  testkit::TransportKit kit(testkit::transport_table<SseTransport>(), R"({"retry":750})");
  auto session = kit.open({});
  EXPECT_TRUE(session.head().ends_with("\r\n\r\nretry: 750\n\n"));
}

TEST_F(Sse, TellsItsHeadersToARequestForTheHead) {
  auto session = kit_.open({.method = "HEAD"});
  EXPECT_TRUE(session.opened().ok());
  EXPECT_EQ(session.head(), session_.head());
}

TEST_F(Sse, WritesTheCursorAsTheEventsId) {
  EXPECT_EQ(plain(R"({"type":"order_update"})", "c1"), "id: c1\ndata: {\"type\":\"order_update\"}\n\n");
}

TEST_F(Sse, WritesNoIdForAMessageThatDoesNotMoveTheCursor) {
  EXPECT_EQ(plain(R"({"type":"connected"})", ""), "data: {\"type\":\"connected\"}\n\n");
}

TEST_F(Sse, WritesNoIdInTheBareEncoding) {
  EXPECT_EQ(encode(SseTransport::kBare, {.kind = SC_MESSAGE_DATA, .json = "{}", .cursor = "c1", .topic = {}}),
            "data: {}\n\n");
}

TEST_F(Sse, WritesControlMessagesLikeData) {
  const Message closing{.kind = SC_MESSAGE_CONTROL, .json = R"({"type":"closing"})", .cursor = "c2", .topic = {}};
  EXPECT_EQ(encode(SseTransport::kPlain, closing), "id: c2\ndata: {\"type\":\"closing\"}\n\n");
  EXPECT_EQ(encode(SseTransport::kBare, closing), "data: {\"type\":\"closing\"}\n\n");
}

TEST_F(Sse, MovesTheCursorWithABlockWithoutDataInEitherEncoding) {
  const Message cursor{.kind = SC_MESSAGE_CURSOR, .json = {}, .cursor = "c3", .topic = {}};
  EXPECT_EQ(encode(SseTransport::kPlain, cursor), "id: c3\n\n");
  EXPECT_EQ(encode(SseTransport::kBare, cursor), "id: c3\n\n");
}

TEST_F(Sse, GivesEachLineOfTheJsonAFieldOfItsOwn) {
  EXPECT_EQ(plain("{\n\"a\":1,\r\n\"b\":2\r}", "c"), "id: c\ndata: {\ndata: \"a\":1,\ndata: \"b\":2\ndata: }\n\n");
}

TEST_F(Sse, KeepsEmptyLinesAndOneAtTheEnd) {
  EXPECT_EQ(plain("{\n\n}\r\n", ""), "data: {\ndata: \ndata: }\ndata: \n\n");
  EXPECT_EQ(plain("{\n\r}", ""), "data: {\ndata: \ndata: }\n\n");
}

TEST_F(Sse, SendsAnEmptyCommentAsHeartbeat) {
  EXPECT_EQ(kit_.heartbeat(SseTransport::kPlain), ":\n\n");
  EXPECT_EQ(kit_.heartbeat(SseTransport::kBare), ":\n\n");
}

TEST_F(Sse, IgnoresWhatAClientSends) {
  const auto decoded = session_.decode("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(decoded.outcome.ok());
  EXPECT_TRUE(decoded.commands.empty());
  EXPECT_EQ(decoded.reply, "");
}

TEST_F(Sse, HasNoWordsForAnAnswer) { EXPECT_EQ(session_.answer(1, SC_OK, R"({"resumed":false})"), ""); }

TEST_F(Sse, SaysAtTheEndWhenToComeBack) {
  EXPECT_EQ(session_.close(SC_CLOSE_SHUTDOWN, "the host stops", 3500), "retry: 3500\n\n");
}

TEST_F(Sse, EndsWithoutAWordWhenNoTimeIsGiven) { EXPECT_EQ(session_.close(SC_CLOSE_ENDED), ""); }

TEST_F(Sse, WritesNothingToAClientThatIsGone) { EXPECT_EQ(session_.close(SC_CLOSE_GONE, {}, 3500), ""); }

}  // namespace
}  // namespace statecast::sse

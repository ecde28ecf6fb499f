#include <gtest/gtest.h>

#include <ostream>
#include <vector>

#include "client_frames.hpp"

namespace statecast::websocket {

// "text Hello", "close 1000 bye", ...
void PrintTo(const Inbound& inbound, std::ostream* out) {
  *out << static_cast<int>(inbound.kind) << ' ' << inbound.code << ' ' << inbound.payload;
}
static bool operator==(const Inbound& a, const Inbound& b) {
  return a.kind == b.kind && a.payload == b.payload && a.code == b.code;
}

namespace {

constexpr std::uint32_t kMaxMessage = 1024;

Inbound text(std::string payload) { return {Opcode::text, std::move(payload), kNoCode}; }
Inbound ping(std::string payload) { return {Opcode::ping, std::move(payload), kNoCode}; }
Inbound pong(std::string payload) { return {Opcode::pong, std::move(payload), kNoCode}; }

// Reads `stream` in pieces of at most `piece` bytes.
std::vector<Inbound> read(std::string_view stream, std::size_t piece = std::string_view::npos) {
  FrameReader reader;
  std::vector<Inbound> all;
  while (!stream.empty()) {
    std::string_view in = stream.substr(0, piece);
    stream.remove_prefix(in.size());
    while (auto inbound = reader.next(in, kMaxMessage)) all.push_back(*inbound);
    EXPECT_TRUE(in.empty());
  }
  return all;
}

void expect_inbound(const std::string& stream, const std::vector<Inbound>& expected) {
  EXPECT_EQ(read(stream), expected);
  EXPECT_EQ(read(stream, 1), expected) << "byte by byte";
  EXPECT_EQ(read(stream, 3), expected) << "three bytes at a time";
}

std::string violation_of(const std::string& stream, std::size_t piece) {
  try {
    read(stream, piece);
  } catch (const Violation& violation) {
    EXPECT_EQ(violation.status(), SC_REJECTED);
    return std::to_string(violation.code()) + " " + violation.what();
  }
  return "none";
}

void expect_violation(const std::string& stream, const std::string& expected) {
  EXPECT_EQ(violation_of(stream, std::string::npos), expected);
  EXPECT_EQ(violation_of(stream, 1), expected) << "byte by byte";
}

// RFC 6455 5.7, the client's examples.
TEST(FrameReader, ReadsTheExamplesOfTheRfc) {
  expect_inbound(bytes(0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58), {text("Hello")});
  expect_inbound(bytes(0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58), {pong("Hello")});
}

TEST(FrameReader, JoinsFragments) {
  expect_inbound(client_frame(0x01, "Hel") + client_frame(0x00, "") + client_frame(0x00, "l") + client_frame(0x80, "o"),
                 {text("Hello")});
}

TEST(FrameReader, HandsOutControlFramesBetweenFragments) {
  expect_inbound(client_frame(0x01, "Hel") + client_ping("are you there?") + client_pong("") + client_frame(0x80, "lo"),
                 {ping("are you there?"), pong(""), text("Hello")});
}

TEST(FrameReader, ReadsEmptyMessages) {
  expect_inbound(client_text(""), {text("")});
  expect_inbound(client_frame(0x01, "") + client_ping("") + client_frame(0x80, ""), {ping(""), text("")});
}

TEST(FrameReader, ReadsMessagesOneAfterAnother) {
  expect_inbound(client_text("one") + client_text("two") + client_ping("3"), {text("one"), text("two"), ping("3")});
}

TEST(FrameReader, ReadsEachFormOfTheLength) {
  for (const std::size_t n : {125, 126, 1024})
    expect_inbound(client_text(std::string(n, 'x')), {text(std::string(n, 'x'))});
  for (const std::size_t n : {0xFFFF, 0x10000}) {
    const auto stream = client_text(std::string(n, 'x'));
    std::string_view in = stream;
    EXPECT_EQ(FrameReader().next(in, 0x10000), text(std::string(n, 'x')));
  }
}

TEST(FrameReader, AcceptsACharacterSplitBetweenFragments) {
  expect_inbound(client_frame(0x01, "\xE2\x82") + client_ping("\xFF") + client_frame(0x80, "\xAC"),
                 {ping("\xFF"), text("\xE2\x82\xAC")});
}

TEST(FrameReader, ReadsACloseFrameWithAndWithoutCodeAndReason) {
  expect_inbound(client_frame(0x88, ""), {{Opcode::close, "", kNoCode}});
  expect_inbound(client_close(1000), {{Opcode::close, "", 1000}});
  expect_inbound(client_close(1001, "leaving the page \xE2\x82\xAC"),
                 {{Opcode::close, "leaving the page \xE2\x82\xAC", 1001}});
  expect_inbound(client_close(4999, std::string(123, 'r')), {{Opcode::close, std::string(123, 'r'), 4999}});
}

TEST(FrameReader, ReadsACloseFrameWithinAFragmentedMessage) {
  expect_inbound(client_frame(0x01, "Hel") + client_close(1000, "bye"), {{Opcode::close, "bye", 1000}});
}

TEST(FrameReader, AcceptsTheCloseCodesThatMayBeSentAndNoOthers) {
  for (int code = 0; code < 5500; ++code) {
    const bool legal =
        (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    const std::string expected =
        legal ? "none" : "1002 close code " + std::to_string(code) + " must not be sent (RFC 6455 7.4)";
    ASSERT_EQ(violation_of(client_close(code), std::string::npos), expected);
  }
}

TEST(FrameReader, RefusesReservedBits) {
  for (const int bit : {0x40, 0x20, 0x10}) {
    expect_violation(client_frame(0x81 | bit, "x"),
                     "1002 a reserved bit is set, but no extension was agreed on (RFC 6455 5.2)");
  }
}

TEST(FrameReader, RefusesOpcodesThatAreNotDefined) {
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    expect_violation(client_frame(0x80 | opcode, "x"),
                     "1002 opcode " + std::to_string(opcode) + " is not defined (RFC 6455 5.2)");
  }
}

TEST(FrameReader, RefusesFramesThatAreNotMasked) {
  expect_violation(bytes(0x81, 0x05) + "Hello", "1002 a client must mask its frames (RFC 6455 5.1)");
}

TEST(FrameReader, RefusesFragmentedControlFrames) {
  for (const int opcode : {8, 9, 10}) {
    expect_violation(client_frame(opcode, "x"), "1002 a control frame must not be fragmented (RFC 6455 5.5)");
  }
}

TEST(FrameReader, RefusesLongControlFrames) {
  expect_violation(client_ping(std::string(126, 'x')), "1002 a control frame has at most 125 bytes (RFC 6455 5.5)");
}

TEST(FrameReader, RefusesAContinuationOfNothing) {
  const std::string expected = "1002 a continuation frame has no message to continue (RFC 6455 5.4)";
  expect_violation(client_frame(0x80, "x"), expected);
  expect_violation(client_frame(0x01, "a") + client_frame(0x80, "b") + client_frame(0x00, "c"), expected);
}

TEST(FrameReader, RefusesAMessageWithinAMessage) {
  expect_violation(client_frame(0x01, "a") + client_text("b"),
                   "1002 a message began before the one before it had ended (RFC 6455 5.4)");
}

TEST(FrameReader, RefusesBinaryMessages) {
  expect_violation(client_frame(0x82, "x"), "1003 binary messages are not understood: send JSON in text messages");
}

TEST(FrameReader, RefusesALengthWithItsHighestBitSet) {
  expect_violation(bytes(0x81, 0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0) + "mask",
                   "1002 the highest bit of a length must be 0 (RFC 6455 5.2)");
}

TEST(FrameReader, RefusesALengthThatTakesMoreBytesThanItNeeds) {
  constexpr auto kWhy = "1002 a length takes the fewest bytes that hold it (RFC 6455 5.2)";
  expect_violation(bytes(0x81, 0x80 | 126, 0, 2) + "mask", kWhy);
  expect_violation(bytes(0x81, 0x80 | 126, 0, 125) + "mask", kWhy);
  expect_violation(bytes(0x81, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0, 2) + "mask", kWhy);
  expect_violation(bytes(0x81, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF) + "mask", kWhy);
}

TEST(FrameReader, RefusesAMessageThatIsTooBigBeforeItArrives) {
  const std::string expected = "1009 a message has at most 1024 bytes here";
  expect_violation(bytes(0x81) + masked_length(1025) + "mask", expected);
  expect_violation(bytes(0x81) + masked_length(0x7FFFFFFFFFFFFFFF) + "mask", expected);
  expect_violation(client_frame(0x01, std::string(1000, 'x')) + bytes(0x80) + masked_length(25) + "mask", expected);
}

TEST(FrameReader, TakesFragmentsUpToTheLimit) {
  expect_inbound(client_frame(0x01, std::string(1000, 'x')) + client_frame(0x80, std::string(24, 'x')),
                 {text(std::string(1024, 'x'))});
}

TEST(FrameReader, RefusesTextThatIsNotUtf8) {
  const std::string expected = "1007 a text message must be UTF-8 (RFC 6455 8.1)";
  expect_violation(client_text("caf\xE9!"), expected);
  expect_violation(client_text("\xED\xA0\x80"), expected);
  expect_violation(client_text("ends within a character \xE2\x82"), expected);
  expect_violation(client_frame(0x01, "\xE2\x82") + client_frame(0x80, ""), expected);
}

TEST(FrameReader, RefusesWrongTextBeforeTheMessageIsWhole) {
  const std::string wrong = client_frame(0x01, "\xC0 and more to come");
  EXPECT_EQ(violation_of(wrong.substr(0, 7), 1), "1007 a text message must be UTF-8 (RFC 6455 8.1)");
  EXPECT_EQ(violation_of(wrong.substr(0, 6), 1), "none");
}

TEST(FrameReader, RefusesACloseFrameWithHalfACode) {
  expect_violation(client_frame(0x88, "x"),
                   "1002 a close frame has no payload or begins with a code of two bytes (RFC 6455 5.5.1)");
}

TEST(FrameReader, RefusesACloseReasonThatIsNotUtf8) {
  expect_violation(client_close(1000, "\xE2\x82"), "1007 the reason in a close frame must be UTF-8 (RFC 6455 8.1)");
}

}  // namespace
}  // namespace statecast::websocket

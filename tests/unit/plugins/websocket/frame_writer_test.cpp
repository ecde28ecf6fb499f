#include <gtest/gtest.h>

#include <statecast/testkit.hpp>

#include "client_frames.hpp"

namespace statecast::websocket {
namespace {

std::string frame(Opcode opcode, std::string_view payload) {
  testkit::Collected out;
  write_frame(opcode, payload, Sink(out.abi()));
  return out.text;
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
  testkit::Collected out;
  write_close(code, reason, Sink(out.abi()));
  return out.text;
}

// RFC 6455 5.7, the server's examples; those of 256 bytes and 64 KiB are binary there.
TEST(FrameWriter, WritesTheExamplesOfTheRfc) {
  EXPECT_EQ(frame(Opcode::text, "Hello"), bytes(0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F));
  EXPECT_EQ(frame(Opcode::ping, "Hello"), bytes(0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F));
  const std::string quarter_kib(256, 'x'), sixty_four_kib(65536, 'x');
  EXPECT_EQ(frame(Opcode::binary, quarter_kib), bytes(0x82, 0x7E, 0x01, 0x00) + quarter_kib);
  EXPECT_EQ(frame(Opcode::binary, sixty_four_kib), bytes(0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0) + sixty_four_kib);
}

TEST(FrameWriter, TakesTheShortestFormOfTheLength) {
  EXPECT_EQ(frame(Opcode::text, std::string(125, 'x')).substr(0, 2), bytes(0x81, 125));
  EXPECT_EQ(frame(Opcode::text, std::string(126, 'x')).substr(0, 4), bytes(0x81, 126, 0, 126));
  EXPECT_EQ(frame(Opcode::text, std::string(65535, 'x')).substr(0, 4), bytes(0x81, 126, 0xFF, 0xFF));
}

TEST(FrameWriter, WritesACloseFrameWithCodeAndReason) {
  EXPECT_EQ(close_frame(1000, ""), bytes(0x88, 2, 0x03, 0xE8));
  EXPECT_EQ(close_frame(1001, "bye"), bytes(0x88, 5, 0x03, 0xE9) + "bye");
}

TEST(FrameWriter, WritesAnEmptyCloseFrameForNoCode) { EXPECT_EQ(close_frame(kNoCode, "unsaid"), bytes(0x88, 0)); }

TEST(FrameWriter, CutsALongCloseReasonBetweenCharacters) {
  EXPECT_EQ(close_frame(1008, std::string(200, 'r')), bytes(0x88, 125, 0x03, 0xF0) + std::string(123, 'r'));
  const std::string head(122, 'r');
  EXPECT_EQ(close_frame(1008, head + "\xE2\x82\xAC"), bytes(0x88, 124, 0x03, 0xF0) + head);
}

}  // namespace
}  // namespace statecast::websocket

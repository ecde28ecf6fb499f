#include "tests/bench/load/frames.hpp"

#include <gtest/gtest.h>

#include <string>

namespace statecast::bench {
namespace {

std::string websocket_frame(std::size_t size) {
  std::string frame = "\x81";
  if (size < 126) return frame + static_cast<char>(size) + std::string(size, 'x');
  const int bytes = size < 65536 ? 2 : 8;
  frame += bytes == 2 ? '\x7E' : '\x7F';
  for (int i = bytes; i-- > 0;) frame += static_cast<char>(size >> (8 * i));
  return frame + std::string(size, 'x');
}

TEST(Frames, ABlockOfSseEndsAtAnEmptyLine) {
  EXPECT_FALSE(first_frame(Form::sse, "id: 1\ndata: {}\n"));
  const auto frame = first_frame(Form::sse, "id: 1\ndata: {}\n\ndata: more");
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->size, 16u);
  EXPECT_EQ(frame->text, "id: 1\ndata: {}");
}

TEST(Frames, AWebSocketFrameIsTakenWholeWhateverItsLengthIsWrittenWith) {
  for (const std::size_t size : {0, 1, 125, 126, 4'096, 65'535, 65'536}) {
    const std::string bytes = websocket_frame(size);
    EXPECT_FALSE(first_frame(Form::websocket, std::string_view(bytes).substr(0, bytes.size() - 1))) << size;
    const std::string more = bytes + "\x81";
    const auto frame = first_frame(Form::websocket, more);
    ASSERT_TRUE(frame) << size;
    EXPECT_EQ(frame->size, bytes.size());
    EXPECT_EQ(frame->text, std::string(size, 'x'));
  }
}

TEST(Frames, AMessageCarriesANumberOfTenDigitsAndOtherFramesNone) {
  EXPECT_EQ(number_in(R"(data: {"location":{"number":"0000000042","note":""}})"), 42u);
  EXPECT_FALSE(number_in(R"(data: {"type":"connected","topics":["drivers/d-000042"]})"));
  EXPECT_FALSE(number_in(R"(data: {"number":"00000042"})"));
  EXPECT_FALSE(number_in(R"(data: {"number":"0004)"));
}

}  // namespace
}  // namespace statecast::bench

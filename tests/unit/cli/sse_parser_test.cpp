#include "host/cli/client/sse_parser.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace statecast::host::client {
namespace {

using namespace std::chrono_literals;
using Messages = std::vector<std::string>;

Messages feed(SseParser& parser, std::string_view bytes) {
  Messages out;
  EXPECT_TRUE(parser.feed(bytes, [&](std::string_view data) {
    out.emplace_back(data);
    return true;
  }));
  return out;
}

Messages parse(std::string_view bytes) {
  SseParser parser;
  return feed(parser, bytes);
}

TEST(SseParser, EndsALineWithLfCrOrBoth) {
  EXPECT_EQ(parse("data: 1\n\ndata: 2\r\rdata: 3\r\n\r\ndata: 4\n\n"), (Messages{"1", "2", "3", "4"}));
}

TEST(SseParser, TakesTheBytesInAnyPieces) {
  const std::string stream = "\xef\xbb\xbf:hello\r\nid: a\r\ndata: one\r\ndata: two\r\n\r\nretry: 7\rdata:three\r\r";
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    SseParser parser;
    Messages all;
    for (std::size_t at = 0; at < stream.size(); at += size)
      for (auto& message : feed(parser, std::string_view(stream).substr(at, size))) all.push_back(message);
    EXPECT_EQ(all, (Messages{"one\ntwo", "three"})) << "in pieces of " << size;
    EXPECT_EQ(parser.last_id(), "a");
    EXPECT_EQ(parser.retry(), 7ms);
  }
}

TEST(SseParser, TakesOneSpaceAfterTheColonAndNoMore) { EXPECT_EQ(parse("data:  x \n\ndata:y\n\n"), (Messages{" x ", "y"})); }

TEST(SseParser, GivesAMessageOfEmptyDataAndNoneWithoutData) {
  EXPECT_EQ(parse("data\n\n"), Messages{""});
  EXPECT_EQ(parse("data:\ndata:\n\n"), Messages{"\n"});
  EXPECT_EQ(parse("id: 1\n\n:\n\nevent: x\n\n"), Messages{});
}

TEST(SseParser, LeavesOutAByteOrderMarkAtTheVeryBeginningOnly) {
  EXPECT_EQ(parse("\xef\xbb\xbf" "data: 1\n\n"), Messages{"1"});
  EXPECT_EQ(parse("\n\xef\xbb\xbf" "data: 1\n\n"), Messages{});
}

TEST(SseParser, MovesTheIdAtTheEndOfABlockAlsoOfOneWithoutData) {
  SseParser parser;
  feed(parser, "id: 1\ndata: x\n");
  EXPECT_EQ(parser.last_id(), "");
  feed(parser, "\n");
  EXPECT_EQ(parser.last_id(), "1");
  feed(parser, "id: 2\n\n");
  EXPECT_EQ(parser.last_id(), "2");
  feed(parser, "data: y\n\n");
  EXPECT_EQ(parser.last_id(), "2");
  feed(parser, "id\ndata: z\n\n");
  EXPECT_EQ(parser.last_id(), "");
}

TEST(SseParser, TakesNoIdWithANulAndNoRetryThatIsNoNumber) {
  SseParser parser;
  feed(parser, std::string_view("id: a\0b\ndata: x\n\n", 18));
  EXPECT_EQ(parser.last_id(), "");
  feed(parser, "retry: 1s\nretry: -5\nretry:\nretry: +3\n");
  EXPECT_EQ(parser.retry(), std::nullopt);
  feed(parser, "retry: 250\n");
  EXPECT_EQ(parser.retry(), 250ms);
}

TEST(SseParser, ForgetsABlockThatWasCutOffButNotWhereItStood) {
  SseParser parser;
  feed(parser, "id: 1\ndata: whole\n\nid: 2\ndata: ha");
  parser.begin();
  EXPECT_EQ(parser.last_id(), "1");
  EXPECT_EQ(feed(parser, "\ndata: next\n\n"), Messages{"next"});
  EXPECT_EQ(parser.last_id(), "1");
}

TEST(SseParser, BeginsWithTheIdThatItWasGiven) {
  SseParser parser;
  parser.set_last_id("c");
  feed(parser, "data: x\n\n");
  EXPECT_EQ(parser.last_id(), "c");
}

TEST(SseParser, StopsWhenNoMoreIsWanted) {
  SseParser parser;
  int taken = 0;
  EXPECT_TRUE(parser.feed("data: 1\n\ndata: 2\n\n", [&](std::string_view) { return ++taken == 0; }));
  EXPECT_EQ(taken, 1);
}

TEST(SseParser, RefusesABlockWithoutEnd) {
  const auto never = [](std::string_view) { return true; };
  const std::string much(1024 * 1024, 'x');
  SseParser line, lines;
  bool taken = true;
  for (int i = 0; i < 17 && taken; ++i) taken = line.feed(much, never);
  EXPECT_FALSE(taken);
  taken = true;
  for (int i = 0; i < 17 && taken; ++i) taken = lines.feed("data:" + much + "\n", never);
  EXPECT_FALSE(taken);
}

}  // namespace
}  // namespace statecast::host::client

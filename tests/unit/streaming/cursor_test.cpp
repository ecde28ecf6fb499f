#include "host/streaming/cursor.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

Position at(std::uint64_t hi, std::uint64_t lo = 0, std::uint32_t ord = kWholeEvent, std::uint32_t partition = 0) {
  return {hi, lo, partition, ord};
}

std::string written(std::string_view state, std::string_view epoch, const Position& position) {
  std::string out;
  append_cursor_entry(out, state, epoch, position);
  return out;
}

TEST(Cursor, LeavesOutWhatIsZeroOrWhole) {
  EXPECT_EQ(written("orders", "k3x9", at(0)), "orders.k3x9.0.0");
  EXPECT_EQ(written("orders", "k3x9", at(255)), "orders.k3x9.0.ff");
  EXPECT_EQ(written("orders", "k3x9", at(255, 16)), "orders.k3x9.0.ff-10");
  EXPECT_EQ(written("orders", "k3x9", at(255, 0, 2)), "orders.k3x9.0.ff-0-2");
  EXPECT_EQ(written("orders", "k3x9", at(1, 0, kWholeEvent, 31)), "orders.k3x9.1f.1");
}

TEST(Cursor, JoinsItsEntries) {
  std::string out;
  append_cursor_entry(out, "orders", "a", at(1));
  append_cursor_entry(out, cursor_state("runs", 1, 4), "b", at(2));
  EXPECT_EQ(out, "orders.a.0.1~runs:1:4.b.0.2");
}

TEST(Cursor, NamesTheLaneOnlyWhenThereAreSeveral) {
  EXPECT_EQ(cursor_state("orders", 0, 1), "orders");
  EXPECT_EQ(cursor_state("orders", 10, 16), "orders:a:10");
}

TEST(Cursor, ReadsWhatItWrote) {
  constexpr auto kMost = ~std::uint64_t{0};
  for (const Position& position : {at(0), at(1), at(kMost, kMost, 0, 7), at(5, 6, kWholeEvent), at(5, 6, 3, 0xffffffff)}) {
    const std::string text = written(cursor_state("my-orders_2", 3, 8), "e0", position);
    const auto cursor = parse_cursor(text);
    ASSERT_TRUE(cursor) << text;
    ASSERT_EQ(cursor->size(), 1u);
    const CursorEntry& entry = cursor->front();
    EXPECT_EQ(entry.state, "my-orders_2");
    EXPECT_EQ(entry.lane, 3u);
    EXPECT_EQ(entry.lanes, 8u);
    EXPECT_EQ(entry.epoch, "e0");
    EXPECT_TRUE(entry.position == position) << text;
  }
}

TEST(Cursor, ReadsTheCursorOfAPublisher) {
  const auto cursor = parse_cursor("*.e1.0.2a");
  ASSERT_TRUE(cursor);
  EXPECT_EQ(cursor->front().state, "*");
  EXPECT_TRUE(cursor->front().position == at(42));
}

TEST(Cursor, ReadsSeveralEntries) {
  const auto cursor = parse_cursor("orders.a.0.1~runs:1:4.b.2.3");
  ASSERT_TRUE(cursor);
  ASSERT_EQ(cursor->size(), 2u);
  EXPECT_EQ(cursor->back().state, "runs");
  EXPECT_EQ(cursor->back().position.partition, 2u);
}

class MalformedCursor : public testing::TestWithParam<const char*> {};

TEST_P(MalformedCursor, IsRefused) { EXPECT_FALSE(parse_cursor(GetParam())) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(Each, MalformedCursor,
                         testing::Values("",                             // nothing
                                         "garbage",                      // no fields
                                         "42",                           // another server's event id
                                         "orders.e.0",                   // too few fields
                                         "orders.e.0.1.2",               // too many
                                         ".e.0.1",                       // no state
                                         "Orders.e.0.1",                 // a state's letters
                                         "or ders.e.0.1",                // a space
                                         "orders..0.1",                  // no epoch
                                         "orders.E.0.1",                 // an epoch's letters
                                         "orders.e..1",                  // no partition
                                         "orders.e.0.",                  // no position
                                         "orders.e.x.1",                 // no number
                                         "orders.e.0.0x1",               // a prefix
                                         "orders.e.0.-1",                // a sign
                                         "orders.e.0.1-",                // an empty lo
                                         "orders.e.0.1-2-",              // an empty ord
                                         "orders.e.0.1--2",              // an empty lo before ord
                                         "orders.e.0.1-2-3-4",           // one number too many
                                         "orders.e.0.10000000000000000", // more than 64 bits
                                         "orders.e.100000000.1",         // more than 32 bits
                                         "orders:.e.0.1",                // an empty lane
                                         "orders:1.e.0.1",               // a lane of how many
                                         "orders:1:.e.0.1",              //
                                         "orders:4:4.e.0.1",             // a lane beyond
                                         "orders:0:0.e.0.1",             // of none
                                         "orders:0:1:2.e.0.1",           //
                                         "~orders.e.0.1", "orders.e.0.1~", "orders.e.0.1~~runs.e.0.1"));

TEST(Cursor, RefusesNamesLongerThanTheirBounds) {
  EXPECT_TRUE(parse_cursor(std::string(64, 'a') + "." + std::string(32, 'e') + ".0.1"));
  EXPECT_FALSE(parse_cursor(std::string(65, 'a') + ".e.0.1"));
  EXPECT_FALSE(parse_cursor("a." + std::string(33, 'e') + ".0.1"));
}

TEST(Cursor, RefusesMoreThanEightKibibytes) {
  std::string text = "orders.e.0.1";
  while (text.size() + 13 <= kMaxCursorBytes) text += "~orders.e.0.1";
  EXPECT_TRUE(parse_cursor(text));
  EXPECT_FALSE(parse_cursor(text + "~orders.e.0.1"));
}

}  // namespace
}  // namespace statecast::host

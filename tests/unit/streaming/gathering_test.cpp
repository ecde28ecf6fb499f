#include "host/streaming/gathering.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

using namespace std::chrono_literals;

TEST(Gathering, WaitsForThoseWhoWereAnsweredAndThoseWhoCameMeanwhile) {
  Gathering gathering;
  EXPECT_EQ(gathering.wanted(), 0u) << "nobody was answered yet";
  gathering.on_append(8, 7, 1ms);
  EXPECT_EQ(gathering.wanted(), 15u);
  EXPECT_EQ(gathering.patience(), 1ms);
}

TEST(Gathering, HasNoMorePatienceThanItCouldGain) {
  Gathering gathering;
  gathering.on_append(8, 8, 1s);
  EXPECT_EQ(gathering.patience(), 1ms);
  gathering.on_append(8, 8, 300us);
  EXPECT_EQ(gathering.patience(), 300us);
  gathering.on_append(8, 8, 50us);
  EXPECT_EQ(gathering.wanted(), 0u) << "an append as short as this is not worth waiting for";
}

// How many of the next appends do not wait.
unsigned pause_of(Gathering& gathering) {
  unsigned appends = 0;
  for (; gathering.wanted() == 0 && appends < 1000; ++appends) gathering.on_append(1, 1, 1ms);
  return appends;
}

TEST(Gathering, TriesEverMoreSeldomWhileNobodyComes) {
  Gathering gathering;
  gathering.on_append(1, 1, 1ms);
  for (const unsigned pause : {2u, 4u, 8u, 16u, 32u, 64u, 64u}) {
    ASSERT_NE(gathering.wanted(), 0u);
    gathering.on_waited(1, 1);
    EXPECT_EQ(pause_of(gathering), pause);
  }
  gathering.on_waited(1, 2);
  EXPECT_EQ(pause_of(gathering), 0u);
  gathering.on_waited(1, 1);
  EXPECT_EQ(pause_of(gathering), 2u) << "the misses before are forgotten";
}

TEST(Gathering, IsContentWithHalfAsManyMore) {
  Gathering gathering;
  gathering.on_append(50, 50, 1ms);
  gathering.on_waited(40, 60);
  EXPECT_NE(gathering.wanted(), 0u);
  gathering.on_waited(40, 59);
  EXPECT_EQ(gathering.wanted(), 0u);
}

}  // namespace
}  // namespace statecast::host

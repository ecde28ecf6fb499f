#include "host/serving/emitter.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace statecast::host {
namespace {

using Written = Emitter::Written;

Ref<Frame> frame(std::string_view bytes) { return Frame::make(bytes); }

Ref<Frame> change_frame(std::string_view key, std::string_view bytes, bool appended = false, std::uint16_t lane = 0, std::uint64_t id = 0) {
  auto* change = new Change;
  change->key = key;
  change->lane = lane;
  change->id = id;
  change->appended = appended;
  return Frame::make(bytes, Ref<Change>::adopt(change));
}

// An emitter on one end of a socket, a client that reads when told to on the other.
class EmitterTest : public testing::Test {
 protected:
  EmitterTest() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_) != 0) throw std::system_error(errno, std::generic_category());
    const int small = 1;  // the kernel takes its least
    ::setsockopt(ends_[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  }
  ~EmitterTest() override {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }

  Written flush() {
    flushed_ = emitter_.flush(ends_[0], taken_);
    return flushed_.written;
  }

  // What the client can read now.
  std::string received() {
    std::string out;
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends_[1], buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(n));
    return out;
  }
  // Everything, by turns with flushing.
  std::string received_all() {
    std::string out;
    while (flush() == Written::kBlocked) out += received();
    return out + received();
  }

  // Fills the kernel's buffer with one frame, of which a part waits.
  void block() {
    block_.assign(1 << 20, 'x');
    emitter_.push(frame(block_));
    ASSERT_EQ(flush(), Written::kBlocked);
    ASSERT_TRUE(emitter_.blocked());
  }
  void hang_up() { ::close(std::exchange(ends_[1], -1)); }

  int ends_[2] = {-1, -1};
  std::string block_;
  std::vector<Ref<Frame>> taken_;
  Emitter::Flushed flushed_;
  Emitter emitter_;
};

// What is sent by somebody else, as a batch does it.
TEST_F(EmitterTest, GoesOnWithWhatWasSentOfItsOnlyFrame) {
  EXPECT_EQ(emitter_.sole(), "");
  for (const ssize_t sent : {ssize_t{9}, ssize_t{4}, ssize_t{0}, ssize_t{-EAGAIN}}) {
    emitter_.push(frame("one frame"));
    ASSERT_EQ(emitter_.sole(), "one frame");
    ASSERT_EQ(::send(ends_[0], emitter_.sole().data(), static_cast<std::size_t>(std::max<ssize_t>(sent, 0)), 0), std::max<ssize_t>(sent, 0));
    flushed_ = emitter_.after_send(ends_[0], sent, taken_);
    EXPECT_EQ(flushed_.written, Written::kAll);
    EXPECT_EQ(flushed_.frames, 1u);
    EXPECT_EQ(flushed_.bytes, 9u);
    EXPECT_EQ(flushed_.writes, sent == 9 ? 1u : 2u);
    EXPECT_EQ(received(), "one frame");
    EXPECT_TRUE(emitter_.empty());
  }
}

TEST_F(EmitterTest, LetsNobodyElseSendWhatHasAQueue) {
  emitter_.push(frame("one "));
  emitter_.push(frame("two"));
  EXPECT_EQ(emitter_.sole(), "");
  EXPECT_EQ(received_all(), "one two");
  block();
  EXPECT_EQ(emitter_.sole(), "");
}

TEST_F(EmitterTest, WritesFramesInTheirOrder) {
  for (const char* bytes : {"one ", "two ", "three"}) emitter_.push(frame(bytes));
  EXPECT_EQ(emitter_.waiting(), 3u);
  EXPECT_EQ(emitter_.bytes(), 13u);
  EXPECT_EQ(flush(), Written::kAll);
  EXPECT_EQ(received(), "one two three");
  EXPECT_EQ(flushed_.writes, 1u);
  EXPECT_EQ(flushed_.frames, 3u);
  EXPECT_EQ(flushed_.bytes, 13u);
  EXPECT_TRUE(emitter_.empty());
  EXPECT_EQ(emitter_.bytes(), 0u);
  EXPECT_FALSE(emitter_.blocked());
}

TEST_F(EmitterTest, WritesMoreFramesThanFitIntoOneCall) {
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const std::string bytes = std::to_string(i) + "\n";
    emitter_.push(frame(bytes));
    expected += bytes;
  }
  EXPECT_EQ(received_all(), expected);
}

TEST_F(EmitterTest, GoesOnWhereAPartialWriteEnded) {
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const std::string bytes(static_cast<std::size_t>(1000 + i), static_cast<char>('a' + i % 26));
    emitter_.push(frame(bytes));
    expected += bytes;
  }
  ASSERT_EQ(flush(), Written::kBlocked);
  EXPECT_LT(emitter_.bytes(), expected.size());
  EXPECT_EQ(received_all(), expected);
  EXPECT_TRUE(emitter_.empty());
  EXPECT_EQ(emitter_.bytes(), 0u);
}

TEST_F(EmitterTest, WritesAnEmptyFrame) {
  emitter_.push(frame(""));
  EXPECT_EQ(flush(), Written::kAll);
  EXPECT_TRUE(emitter_.empty());
}

TEST_F(EmitterTest, KeepsEveryFrameWhileTheClientTakesAllItIsSent) {
  EXPECT_FALSE(emitter_.push(change_frame("a", "1 ")));
  EXPECT_FALSE(emitter_.push(change_frame("a", "2 ")));
  EXPECT_EQ(flush(), Written::kAll);
  EXPECT_EQ(received(), "1 2 ");
}

TEST_F(EmitterTest, ReplacesAWaitingFrameOfTheSameKeyWhileBlockedAndMovesItToTheEnd) {
  block();
  EXPECT_FALSE(emitter_.push(change_frame("a", "a1 ")));
  EXPECT_FALSE(emitter_.push(change_frame("b", "b1 ")));
  const auto bytes = emitter_.bytes();
  EXPECT_TRUE(emitter_.push(change_frame("a", "a2 ")));
  EXPECT_EQ(emitter_.waiting(), 3u);
  EXPECT_EQ(emitter_.bytes(), bytes);
  EXPECT_EQ(received_all(), block_ + "b1 a2 ");
}

TEST_F(EmitterTest, ReplacesNothingOfAnotherLaneOrAnAppendedTopicOrASnapshot) {
  block();
  emitter_.push(change_frame("a", "lane0 "));
  EXPECT_FALSE(emitter_.push(change_frame("a", "lane1 ", false, 1)));
  EXPECT_FALSE(emitter_.push(change_frame("a", "said1 ", true)));
  EXPECT_FALSE(emitter_.push(change_frame("a", "said2 ", true)));
  EXPECT_FALSE(emitter_.push(frame("listed ")));
  EXPECT_EQ(received_all(), block_ + "lane0 lane1 said1 said2 listed ");
}

TEST_F(EmitterTest, NeverReplacesAFrameOfWhichAPartIsSent) {
  const std::string large(1 << 20, 'x');
  emitter_.push(change_frame("a", large));
  ASSERT_EQ(flush(), Written::kBlocked);
  EXPECT_FALSE(emitter_.push(change_frame("a", "newer ")));
  EXPECT_TRUE(emitter_.push(change_frame("a", "newest")));
  EXPECT_EQ(received_all(), large + "newest");
}

TEST_F(EmitterTest, ReplacesAgainAfterItWasBlockedAgain) {
  block();
  emitter_.push(change_frame("a", "a1 "));
  EXPECT_EQ(received_all(), block_ + "a1 ");
  EXPECT_FALSE(emitter_.push(change_frame("a", "a2 ")));
  EXPECT_FALSE(emitter_.push(change_frame("a", "a3 "))) << "it is not blocked any more";
  EXPECT_EQ(received_all(), "a2 a3 ");
}

TEST_F(EmitterTest, KeepsOnlyTheNewestCursor) {
  emitter_.push(frame("one "));
  EXPECT_FALSE(emitter_.push_cursor(frame("c1 ")));
  emitter_.push(frame("two "));
  EXPECT_TRUE(emitter_.push_cursor(frame("c2 "))) << "it took the place of the first";
  EXPECT_EQ(emitter_.waiting(), 3u);
  EXPECT_EQ(flush(), Written::kAll);
  EXPECT_EQ(received(), "one two c2 ");
}

TEST_F(EmitterTest, NeverReplacesACursorOfWhichAPartIsSent) {
  const std::string large(1 << 20, 'c');
  emitter_.push_cursor(frame(large));
  ASSERT_EQ(flush(), Written::kBlocked);
  emitter_.push_cursor(frame("newer"));
  EXPECT_EQ(received_all(), large + "newer");
}

TEST_F(EmitterTest, IsOverWhenMoreThanOneFrameWaitsAndEitherBoundIsPassed) {
  emitter_.push(frame("0123456789"));
  EXPECT_FALSE(emitter_.over(5, 10)) << "one frame may be larger than the buffer";
  emitter_.push(frame("x"));
  EXPECT_TRUE(emitter_.over(10, 10));
  EXPECT_FALSE(emitter_.over(11, 10));
  EXPECT_TRUE(emitter_.over(11, 1));
  EXPECT_FALSE(emitter_.over(11, 2));
}

TEST_F(EmitterTest, SaysWhenTheClientIsGone) {
  hang_up();
  emitter_.push(frame("one"));
  EXPECT_EQ(flush(), Written::kBroken);
  EXPECT_EQ(flushed_.error, EPIPE);
}

TEST_F(EmitterTest, HoldsAQueueOnlyWhileMoreThanAFrameWaits) {
  emitter_.push(frame("one "));
  EXPECT_FALSE(emitter_.holds_queue());
  EXPECT_EQ(emitter_.waiting(), 1u);
  EXPECT_EQ(emitter_.bytes(), 4u);
  EXPECT_EQ(flush(), Written::kAll);
  EXPECT_EQ(flushed_.writes, 1u);
  EXPECT_EQ(flushed_.frames, 1u);
  EXPECT_EQ(flushed_.bytes, 4u);
  for (const char* bytes : {"two ", "three"}) emitter_.push(frame(bytes));
  EXPECT_TRUE(emitter_.holds_queue());
  EXPECT_EQ(flush(), Written::kAll);
  EXPECT_FALSE(emitter_.holds_queue());
  EXPECT_EQ(received(), "one two three");
}

TEST_F(EmitterTest, CountsWhatTheKernelTookOfAFrameThatIsHalfSent) {
  block();
  EXPECT_EQ(flushed_.frames, 0u);
  EXPECT_EQ(flushed_.bytes + emitter_.bytes(), block_.size());
  EXPECT_EQ(flushed_.error, EAGAIN);
  EXPECT_EQ(received_all(), block_);
  EXPECT_FALSE(emitter_.holds_queue());
}

TEST_F(EmitterTest, TakesASingleFrameOutLikeOneOfSeveral) {
  emitter_.push(change_frame("a", "a1", false, 3, 7), 5);
  ASSERT_NE(emitter_.newest_change(3), nullptr);
  EXPECT_EQ(emitter_.newest_change(3)->id, 7u);
  EXPECT_EQ(emitter_.newest_change(4), nullptr);
  EXPECT_FALSE(emitter_.over(0, 0));
  std::uint32_t leg = 0;
  emitter_.drop_changes(3, 7, [&](std::uint32_t of) { leg = of; });
  EXPECT_EQ(leg, 0u);
  emitter_.drop_changes(3, 6, [&](std::uint32_t of) { leg = of; });
  EXPECT_EQ(leg, 5u);
  EXPECT_TRUE(emitter_.empty());
  EXPECT_EQ(emitter_.newest_change(3), nullptr);
}

TEST_F(EmitterTest, KeepsOnlyTheNewestCursorWhereNothingElseWaits) {
  EXPECT_FALSE(emitter_.push_cursor(frame("older")));
  EXPECT_TRUE(emitter_.push_cursor(frame("newer")));
  EXPECT_EQ(received_all(), "newer");
}

TEST_F(EmitterTest, ReplacesNothingWhenItIsNotToConflate) {
  block();
  emitter_.push(change_frame("a", "a1 "));
  EXPECT_FALSE(emitter_.push(change_frame("a", "a2"), 1, false));
  EXPECT_EQ(received_all(), block_ + "a1 a2");
}

TEST_F(EmitterTest, GivesBackTheFramesThatTheKernelTookWholeWhenItDoesNotTakeAll) {
  emitter_.push(frame("one"));
  block();
  ASSERT_EQ(taken_.size(), 1u);
  EXPECT_EQ(taken_[0]->bytes(), "one");
  received_all();
  EXPECT_EQ(taken_.size(), 1u) << "with the last it has all";
}

TEST_F(EmitterTest, CountsNeitherPagesNorCursorsNorAFrameThatIsHalfSentAgainstTheBounds) {
  block();
  emitter_.push(frame("0123456789"));
  for (int i = 0; i < 5; ++i) emitter_.push_page(frame("a page's"));
  emitter_.push_cursor(frame("cursor"));
  EXPECT_FALSE(emitter_.over(1, 1));
  emitter_.push(frame("x"));
  EXPECT_TRUE(emitter_.over(11, 1));
  EXPECT_TRUE(emitter_.over(10, 2));
  EXPECT_FALSE(emitter_.over(11, 2));
  received_all();
  EXPECT_FALSE(emitter_.over(0, 0));
}

// What it was called with.
class Legs {
 public:
  Emitter::Dropped note() {
    return [this](std::uint32_t leg) { seen.push_back(leg); };
  }
  std::vector<std::uint32_t> seen;
};

TEST_F(EmitterTest, DropsTheChangesOfALaneThatWaitAfterAnotherAndTheCursor) {
  Legs legs;
  block();
  emitter_.push(change_frame("a", "a1 ", true, 0, 1), 7);
  emitter_.push(change_frame("b", "b2 ", true, 0, 2), 7);
  emitter_.push(change_frame("c", "c3 ", true, 1, 3), 8);
  emitter_.push_page(frame("page "));
  emitter_.push(change_frame("d", "d4 ", true, 0, 4), 9);
  emitter_.push_cursor(frame("cursor "));
  emitter_.push(frame("said"));
  emitter_.drop_changes(0, 1, legs.note());
  EXPECT_EQ(legs.seen, (std::vector<std::uint32_t>{Emitter::kNoLeg, 9, 7}));
  EXPECT_EQ(received_all(), block_ + "a1 c3 page said");
  EXPECT_EQ(emitter_.bytes(), 0u);
}

TEST_F(EmitterTest, DropsTheNewestChangesUntilTheRestIsWithinTheBounds) {
  Legs legs;
  block();
  for (std::uint32_t i = 0; i < 6; ++i) emitter_.push(change_frame("k", std::to_string(i), true, 0, i + 1), i);
  emitter_.drop_newest(0, 0, 100, 4, legs.note());
  EXPECT_EQ(legs.seen, (std::vector<std::uint32_t>{5, 4}));
  emitter_.drop_newest(0, 0, 3, 100, legs.note());
  EXPECT_EQ(legs.seen, (std::vector<std::uint32_t>{5, 4, 3}));
  EXPECT_EQ(received_all(), block_ + "012");
}

TEST_F(EmitterTest, NeverDropsAChangeOfWhichAPartIsSent) {
  Legs legs;
  const std::string large(1 << 20, 'x');
  emitter_.push(change_frame("a", large, true, 0, 1), 1);
  ASSERT_EQ(flush(), Written::kBlocked);
  emitter_.push(change_frame("b", "b", true, 0, 2), 2);
  emitter_.drop_changes(0, 0, legs.note());
  EXPECT_EQ(legs.seen, std::vector<std::uint32_t>{2});
  EXPECT_EQ(emitter_.newest_change(0)->id, 1u);
  EXPECT_EQ(received_all(), large);
}

TEST_F(EmitterTest, KnowsTheNewestChangeOfALaneThatWaits) {
  block();
  EXPECT_EQ(emitter_.newest_change(0), nullptr);
  emitter_.push(change_frame("a", "a1", true, 0, 1));
  emitter_.push(change_frame("b", "b2", true, 0, 2));
  emitter_.push(change_frame("c", "c3", true, 1, 3));
  EXPECT_EQ(emitter_.newest_change(0)->id, 2u);
  EXPECT_EQ(emitter_.newest_change(1)->id, 3u);
  EXPECT_EQ(emitter_.newest_change(2), nullptr);
}

// The queue forgets what was sent as it goes on, with frames of every age in it.
TEST_F(EmitterTest, StaysInOrderOverManyPartialWrites) {
  std::string expected, out;
  for (int i = 0; i < 3000; ++i) {
    const std::string bytes = std::to_string(i) + std::string(static_cast<std::size_t>(i * 37 % 500), '.') + "\n";
    emitter_.push(change_frame("k", bytes, true));
    expected += bytes;
    if (i % 7 == 0) flush();
    if (i % 50 == 0) out += received();
  }
  EXPECT_EQ(out + received_all(), expected);
}

}  // namespace
}  // namespace statecast::host

#include "host/streaming/breaker.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace statecast::host {
namespace {

using namespace std::chrono_literals;

// A breaker with a clock that stands unless a test moves it, and a jitter that the test chooses.
class BreakerTest : public ::testing::Test {
 protected:
  void fail(int times, std::string_view reason = "boom") {
    for (int i = 0; i < times; ++i) breaker_.on_failure(reason, now_);
  }
  std::chrono::nanoseconds pause() const { return breaker_.retry_at() - now_; }
  // A try at the moment when it is due, that fails.
  void try_in_vain() {
    now_ = breaker_.retry_at();
    breaker_.half_open();
    fail(1, "still broken");
  }
  static std::int64_t ns(Breaker::Time time) { return std::chrono::nanoseconds(time.time_since_epoch()).count(); }

  double jitter_ = 1;
  Breaker breaker_{[this] { return jitter_; }};
  Breaker::Time now_{1h};
};

TEST_F(BreakerTest, StaysClosedUntilTheFifthFailureInARow) {
  fail(4);
  EXPECT_TRUE(breaker_.closed());
  EXPECT_FALSE(breaker_.status());
  EXPECT_EQ(breaker_.retry_at(), Breaker::Time::max()) << "there is nothing to try";
  fail(1);
  EXPECT_EQ(breaker_.state(), BreakerState::kOpen);
}

TEST_F(BreakerTest, CountsAnewAfterACallThatWentWell) {
  fail(4);
  breaker_.on_success();
  fail(4);
  EXPECT_TRUE(breaker_.closed());
}

TEST_F(BreakerTest, TellsSinceWhenItIsOpenAndWhy) {
  fail(4, "the first ones");
  now_ += 3s;
  fail(1, "the disk is gone");
  const auto status = breaker_.status();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->state, BreakerState::kOpen);
  EXPECT_EQ(status->since_ns, ns(now_));
  EXPECT_EQ(status->reason, "the disk is gone");
  EXPECT_EQ(status->failures, 5u);
}

TEST_F(BreakerTest, TriesAgainAfterASecondAndThenEachTimeTwiceAsLate) {
  fail(5);
  EXPECT_EQ(pause(), 1s);
  for (const auto longer : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    try_in_vain();
    EXPECT_EQ(pause(), longer);
  }
}

TEST_F(BreakerTest, SpreadsItsTriesOverTheSecondHalfOfThePause) {
  jitter_ = 0;
  fail(5);
  EXPECT_EQ(pause(), 500ms);
  jitter_ = 0.5;
  try_in_vain();
  EXPECT_EQ(pause(), 1500ms);
}

TEST_F(BreakerTest, OpensAgainAtAFailureWhileHalfOpenAndIsDegradedSinceTheFirstTime) {
  fail(5);
  const auto since = breaker_.status()->since_ns;
  try_in_vain();
  const auto status = breaker_.status();
  EXPECT_EQ(status->state, BreakerState::kOpen);
  EXPECT_EQ(status->since_ns, since);
  EXPECT_EQ(status->reason, "still broken");
  EXPECT_EQ(status->failures, 6u);
}

TEST_F(BreakerTest, IsHalfOpenWhileATryIsUnderWayWhateverCallsGoWell) {
  fail(5);
  breaker_.half_open();
  breaker_.on_success();
  EXPECT_EQ(breaker_.state(), BreakerState::kHalfOpen);
  EXPECT_EQ(breaker_.status()->state, BreakerState::kHalfOpen);
  EXPECT_EQ(breaker_.status()->failures, 5u);
  EXPECT_EQ(breaker_.retry_at(), Breaker::Time::max());
}

TEST_F(BreakerTest, BeginsFromTheStartOnceItHasRecovered) {
  fail(5);
  try_in_vain();
  breaker_.half_open();
  breaker_.on_recovered();
  EXPECT_TRUE(breaker_.closed());
  EXPECT_FALSE(breaker_.status());
  fail(4);
  EXPECT_TRUE(breaker_.closed());
  fail(1);
  EXPECT_EQ(pause(), 1s);
  EXPECT_EQ(breaker_.status()->since_ns, ns(now_));
}

TEST_F(BreakerTest, CountsAFailureWhileOpenWithoutPuttingTheNextTryOff) {
  fail(5);
  const auto due = breaker_.retry_at();
  now_ += 100ms;
  fail(1, "another");
  EXPECT_EQ(breaker_.retry_at(), due);
  EXPECT_EQ(breaker_.status()->failures, 6u);
  EXPECT_EQ(breaker_.status()->reason, "another");
}

TEST_F(BreakerTest, HasNothingToTryWhileClosed) {
  breaker_.half_open();
  EXPECT_TRUE(breaker_.closed());
  fail(4);
  breaker_.on_recovered();
  fail(4);
  EXPECT_TRUE(breaker_.closed()) << "what has recovered counts anew";
}

TEST_F(BreakerTest, CanBeReadWhileItsOwnerUsesIt) {
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      if (const auto status = breaker_.status()) {
        EXPECT_EQ(status->reason, "boom");
        EXPECT_GE(status->failures, 5u);
        EXPECT_NE(status->since_ns, 0);
      }
    }
  });
  for (int i = 0; i < 1000; ++i) {
    fail(5);
    breaker_.half_open();
    breaker_.on_recovered();
  }
  done = true;
  reader.join();
}

TEST(BreakerAlone, ChoosesItsOwnPauses) {
  Breaker breaker;
  const Breaker::Time now(1h);
  for (int i = 0; i < 5; ++i) breaker.on_failure("boom", now);
  EXPECT_GE(breaker.retry_at(), now + 500ms);
  EXPECT_LE(breaker.retry_at(), now + 1s);
}

}  // namespace
}  // namespace statecast::host

#include "host/streaming/health_watch.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "lane_rig.hpp"

namespace statecast::host {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr std::int64_t kStartUs = 1'703'082'900'000'000;  // 2023-12-20T14:35:00Z

// Two lanes and two shards, and a clock that stands unless a test moves it.
class HealthWatchTest : public ::testing::Test {
 protected:
  bool look_after(nanoseconds time) {
    now_ += time;
    if (!watch_) watch_.emplace(lanes_, std::vector<ShardInbox*>{&first_, &second_});
    return watch_->on_tick(looks_, now_.count(), kStartUs + std::chrono::duration_cast<std::chrono::microseconds>(now_ - 1h).count());
  }
  // What a shard has been told since it was last asked: "+1: <reason>" lane 1 is degraded, "-1" it has recovered.
  static std::vector<std::string> told(ShardInbox& inbox) {
    std::vector<std::string> out;
    ShardMessage message;
    while (inbox.try_pop(message)) {
      const auto& health = std::get<LaneHealth>(message);
      out.push_back((health.degraded ? "+" : "-") + std::to_string(health.lane) + (health.degraded ? ": " + health.reason : ""));
    }
    return out;
  }
  // The log lines of what is done in `act`.
  template <class Act>
  static std::string logged(Act&& act) {
    ::testing::internal::CaptureStderr();
    act();
    return ::testing::internal::GetCapturedStderr();
  }
  static BreakerStatus broken(nanoseconds since) { return {BreakerState::kOpen, since.count(), "the disk is gone", 5}; }
  void fill(ShardInbox& inbox) {
    while (inbox.try_push(AppendReply{})) ++filled_;
  }

  using Told = std::vector<std::string>;
  inline static const std::string kHangs = "it does not answer now: what has changed meanwhile comes when it does again";
  inline static const std::string kFails = "it has failed again and again: its values stay as they are until it has recovered";

  nanoseconds now_ = 1h;
  std::size_t filled_ = 0;
  ShardInbox first_{2}, second_{2};
  std::vector<LaneLook> looks_{2};
  std::vector<WatchedLane> lanes_{{"state 'orders' (plugin order 1.0.0)", 10'000, false}, {"state 'runs' (plugin delivery 0.1.0)", 10'000, false}};
  std::optional<HealthWatch> watch_;  // made at the first look
};

TEST_F(HealthWatchTest, TellsEveryShardOfATurnThatHasLastedTooLong) {
  looks_[1].busy_since_ns = now_.count();
  look_after(9'999ms);
  EXPECT_EQ(told(first_), Told{}) << "that is only slow";
  look_after(1ms);
  EXPECT_EQ(told(first_), Told{"+1: " + kHangs});
  EXPECT_EQ(told(second_), Told{"+1: " + kHangs});
  look_after(10s);
  EXPECT_EQ(told(first_), Told{}) << "once is enough";
}

TEST_F(HealthWatchTest, TellsThatALaneHasRecoveredWhenItsTurnIsOver) {
  looks_[1].busy_since_ns = now_.count();
  look_after(10s);
  told(first_);
  looks_[1].busy_since_ns = now_.count();  // of the turn after it
  look_after(1ms);
  EXPECT_EQ(told(first_), Told{"-1"});
}

TEST_F(HealthWatchTest, TakesALaneForDegradedUntilItsBreakerIsClosed) {
  looks_[0].breaker = broken(now_);
  look_after(0s);
  EXPECT_EQ(told(first_), Told{"+0: " + kFails});
  looks_[0].breaker->state = BreakerState::kHalfOpen;
  look_after(1s);
  EXPECT_EQ(told(first_), Told{});
  looks_[0].breaker.reset();
  look_after(1s);
  EXPECT_EQ(told(first_), Told{"-0"});
}

TEST_F(HealthWatchTest, LogsOnceWhichStateHangsWhereAndSinceWhen) {
  looks_[1] = {now_.count(), "apply", {}};
  const std::string log = logged([&] { look_after(10s), look_after(10s); });
  EXPECT_TRUE(log.ends_with("error   main: state 'runs' (plugin delivery 0.1.0) is degraded since 2023-12-20T14:35:00Z: it has not returned from apply\n")) << log;
  EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
}

TEST_F(HealthWatchTest, LogsThatALaneHasRecoveredAndForHowLongItWasDegraded) {
  looks_[1].busy_since_ns = now_.count();
  look_after(10s);
  looks_[1].busy_since_ns = 0;
  const std::string log = logged([&] { look_after(2'345ms); });
  EXPECT_TRUE(log.ends_with("warning main: state 'runs' (plugin delivery 0.1.0) has recovered; it was degraded for 12345 ms\n")) << log;
}

TEST_F(HealthWatchTest, TriesAgainAtTheNextTickWhileAShardsInboxIsFull) {
  fill(first_);
  looks_[0].breaker = broken(now_);
  look_after(0s);
  EXPECT_EQ(told(second_), Told{"+0: " + kFails}) << "the other shard does not wait for the full one";
  ShardMessage message;
  for (; filled_ > 0; --filled_) ASSERT_TRUE(first_.try_pop(message) && std::holds_alternative<AppendReply>(message));
  look_after(250ms);
  EXPECT_EQ(told(first_), Told{"+0: " + kFails});
  EXPECT_EQ(told(second_), Told{});
}

TEST_F(HealthWatchTest, TellsAShardNothingOfWhatIsOverBeforeItHadRoom) {
  fill(first_);
  looks_[0].breaker = broken(now_);
  look_after(0s);
  looks_[0].breaker.reset();
  ShardMessage message;
  for (; filled_ > 0; --filled_) ASSERT_TRUE(first_.try_pop(message));
  look_after(250ms);
  EXPECT_EQ(told(first_), Told{});
}

TEST_F(HealthWatchTest, AsksForARestartOnlyForAStateThatIsToBeRestartedWhenItHangs) {
  lanes_[1].restart_on_hang = true;
  looks_[0].busy_since_ns = now_.count();
  looks_[1].breaker = broken(now_);
  EXPECT_TRUE(look_after(10s)) << "one hangs and may, the other fails and does not hang";
  looks_[1].busy_since_ns = now_.count();
  bool go_on = true;
  const std::string log = logged([&] { go_on = look_after(10s); });
  EXPECT_FALSE(go_on);
  EXPECT_TRUE(log.ends_with("error   main: state 'runs' (plugin delivery 0.1.0) hangs, and its 'on_hang' is restart: the host ends, to be started anew\n")) << log;
}

// ---- what is wrong with a lane

TEST(Degradation, SaysOfAnOpenBreakerHowOftenAndWhyItFailed) {
  const BreakerStatus open{BreakerState::kOpen, 7, "apply failed: boom", 12};
  EXPECT_EQ(degradation_of({0, nullptr, open}, 10'000, 10)->reason, "12 failures in a row, the last: apply failed: boom");
  const BreakerStatus tried{BreakerState::kHalfOpen, 7, "apply failed: boom", 12};
  EXPECT_EQ(degradation_of({0, nullptr, tried}, 10'000, 10)->reason, "it is tried again after 12 failures in a row, the last: apply failed: boom");
  EXPECT_EQ(degradation_of({0, nullptr, tried}, 10'000, 10)->since_ns, 7);
}

TEST(Degradation, SaysOfAHangMoreThanOfFailures) {
  const BreakerStatus tried{BreakerState::kHalfOpen, 1, "boom", 5};
  const auto hang = degradation_of({2, nullptr, tried}, 1, 1'000'002);
  EXPECT_EQ(hang->reason, "its turn does not come to an end");
  EXPECT_EQ(hang->since_ns, 2);
}

TEST(Degradation, NamesThePartitionOfASplitState) {
  StateSettings settings;
  settings.id = "runs";
  Plugin plugin;
  plugin.id = "delivery";
  plugin.version = "0.1.0";
  EXPECT_EQ(lane_title(settings, plugin, 0), "state 'runs' (plugin delivery 0.1.0)");
  settings.partitions = 4;
  EXPECT_EQ(lane_title(settings, plugin, 1), "state 'runs', partition 2 of 4 (plugin delivery 0.1.0)");
}

// ---- a real lane

class LookedAt : public test::LaneRig {};

TEST_F(LookedAt, ShowsTheFunctionThatHasNotReturned) {
  start();
  publish({test::event("Block", "b", "{}")});
  ASSERT_TRUE(script_.blocked.try_acquire_for(test::kDeadline));
  const LaneLook look = look_at(lane());
  EXPECT_STREQ(look.under_way, "apply");
  EXPECT_NE(look.busy_since_ns, 0);
  EXPECT_FALSE(look.breaker);
  script_.unblock.release();
  lane().close();
  ASSERT_TRUE(lane().join_until(std::chrono::steady_clock::now() + test::kDeadline));
  EXPECT_EQ(look_at(lane()).under_way, nullptr);
  EXPECT_EQ(look_at(lane()).busy_since_ns, 0);
}

}  // namespace
}  // namespace statecast::host

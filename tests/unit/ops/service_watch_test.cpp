#include "host/ops/service_watch.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace statecast::host {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

class RecordingManager : public ServiceManager {
 public:
  explicit RecordingManager(nanoseconds patience) : patience_(patience) {}
  void send(const std::string& assignments) override { sent.push_back(assignments); }
  nanoseconds patience() const override { return patience_; }

  std::vector<std::string> sent;

 private:
  nanoseconds patience_;
};

// A host with two shards, and a clock that stands unless a test moves it.
class ServiceWatchTest : public ::testing::Test {
 protected:
  // What is sent at a look, so much later than the one before; the threads come round unless they are stuck.
  std::vector<std::string> look_after(nanoseconds time) {
    now_ += time;
    for (auto& thread : vitals_.threads)
      if (thread.name != stuck_) thread.alive_ns = now_.count();
    vitals_.now_ns = now_.count();
    manager_.sent.clear();
    watch_.on_tick(vitals_);
    return manager_.sent;
  }
  long pings(const std::vector<std::string>& sent) { return std::ranges::count(sent, "WATCHDOG=1"); }

  using Sent = std::vector<std::string>;

  RecordingManager manager_{10s};
  ServiceWatch watch_{manager_};
  nanoseconds now_ = 1h;
  Vitals vitals_{0, {}, 0, {{"shard 0", 0}, {"shard 1", 0}}};
  std::string stuck_;
};

TEST_F(ServiceWatchTest, SaysReadyOnceWhenNothingStandsAgainstIt) {
  vitals_.not_ready = {"states are still replaying source 'events'", "source 'more' cannot be read"};
  EXPECT_EQ(look_after(0s),
            (Sent{"WATCHDOG=1", "EXTEND_TIMEOUT_USEC=60000000",
                  "STATUS=starting: states are still replaying source 'events'; source 'more' cannot be read"}));
  vitals_.not_ready = {};
  EXPECT_EQ(look_after(1ms), Sent{"READY=1\nSTATUS=ready: 0 clients"});
  EXPECT_EQ(look_after(1ms), Sent{});
}

TEST_F(ServiceWatchTest, TellsItsStatusWhenItChangesAndAtMostOnceASecond) {
  look_after(0s);
  vitals_.clients = 1;
  EXPECT_EQ(look_after(999ms), Sent{});
  vitals_.clients = 2;
  EXPECT_EQ(look_after(1ms), Sent{"STATUS=ready: 2 clients"});
  EXPECT_EQ(look_after(2s), Sent{});
  vitals_.clients = 1;
  EXPECT_EQ(look_after(1ms), Sent{"STATUS=ready: 1 client"});
}

TEST_F(ServiceWatchTest, TellsWhyItIsNoLongerReadyWithoutTakingReadyBack) {
  look_after(0s);
  vitals_.not_ready = {"source 'events' takes no events"};
  EXPECT_EQ(look_after(1s), Sent{"STATUS=not ready: source 'events' takes no events"});
  vitals_.not_ready = {};
  EXPECT_EQ(look_after(1s), Sent{"STATUS=ready: 0 clients"});
}

TEST_F(ServiceWatchTest, MakesOneLineOfAStatus) {
  look_after(0s);
  vitals_.not_ready = {"a plugin said:\nREADY=0"};
  EXPECT_EQ(look_after(1s), Sent{"STATUS=not ready: a plugin said: READY=0"});
}

TEST_F(ServiceWatchTest, AsksForTimeAsLongAsAReplayLasts) {
  vitals_.not_ready = {"states are still replaying source 'events'"};
  look_after(0s);
  EXPECT_EQ(std::ranges::count(look_after(9s), "EXTEND_TIMEOUT_USEC=60000000"), 0);
  EXPECT_EQ(std::ranges::count(look_after(1s), "EXTEND_TIMEOUT_USEC=60000000"), 1);
  vitals_.not_ready = {};
  EXPECT_EQ(std::ranges::count(look_after(10s), "EXTEND_TIMEOUT_USEC=60000000"), 0);
}

TEST_F(ServiceWatchTest, PingsTwiceWithinTheManagersPatience) {
  long sent = 0;
  for (nanoseconds time = 0s; time < 10s; time += watch_.period()) sent += pings(look_after(watch_.period()));
  EXPECT_GE(sent, 2);
  EXPECT_LE(sent, 3);
}

TEST_F(ServiceWatchTest, PingsNoMoreWhileAThreadIsStuckAndAgainWhenItComesRound) {
  look_after(0s);
  stuck_ = "shard 1";
  EXPECT_EQ(pings(look_after(5s)), 1);
  EXPECT_EQ(look_after(1s), Sent{"STATUS=not ready: shard 1 does not come round"});
  EXPECT_EQ(look_after(60s), Sent{});
  stuck_ = "";
  EXPECT_EQ(look_after(1s), (Sent{"WATCHDOG=1", "STATUS=ready: 0 clients"}));
}

TEST_F(ServiceWatchTest, NeitherStartsNorAsksForTimeWhileAThreadIsStuck) {
  stuck_ = "shard 0";
  EXPECT_EQ(look_after(6s), Sent{"STATUS=starting: shard 0 does not come round"});
  stuck_ = "";
  EXPECT_EQ(look_after(1s), (Sent{"WATCHDOG=1", "READY=1\nSTATUS=ready: 0 clients"}));
}

TEST_F(ServiceWatchTest, LogsAStuckThreadOnceAndThatItComesRoundAgain) {
  ::testing::internal::CaptureStderr();
  look_after(0s);
  stuck_ = "shard 1";
  look_after(6s);
  look_after(6s);
  stuck_ = "";
  look_after(1s);
  const std::string log = ::testing::internal::GetCapturedStderr();
  const std::string told = "error   main: shard 1 has not come round for 6000 ms: the watchdog is not fed until it does\n";
  const std::string again = "warning main: shard 1 comes round again\n";
  ASSERT_NE(log.find(told), log.npos) << log;
  ASSERT_NE(log.find(again), log.npos) << log;
  EXPECT_EQ(std::ranges::count(log, '\n'), 2) << log;
}

TEST_F(ServiceWatchTest, AsksForTheTimeThatAStopMayTake) {
  watch_.on_stop(10s);
  EXPECT_EQ(manager_.sent, Sent{"STOPPING=1\nSTATUS=stopping: clients are told to come back\nEXTEND_TIMEOUT_USEC=15000000"});
}

TEST(ServiceWatchAlone, NeverPingsAManagerThatDoesNotWatch) {
  RecordingManager manager(0s);
  ServiceWatch watch(manager);
  EXPECT_EQ(watch.period(), 250ms);
  watch.on_tick({nanoseconds(1h).count(), {}, 0, {{"shard 0", nanoseconds(1h).count()}}});
  EXPECT_EQ(manager.sent, std::vector<std::string>{"READY=1\nSTATUS=ready: 0 clients"});
}

}  // namespace
}  // namespace statecast::host

#include "host/streaming/trusted_clock.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace statecast::host {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr std::int64_t kStart = 1'700'000'000 * kSecond;  // 2023-11-14T22:13:20Z

// A machine whose clock goes as it runs, and jumps when a test says so.
class Machine : public Clock {
 public:
  std::int64_t now_us() const override { return wall_us; }
  std::int64_t mono_ns() const override { return running_us * 1000; }
  std::int64_t running_ns() const override { return running_us * 1000; }

  std::int64_t wall_us = kStart, running_us = 7 * kHour;
};

class TrustedClockTest : public testing::Test {
 protected:
  TrustedClockTest() {
    char name[] = "/tmp/trusted-clock-XXXXXX";
    folder_ = ::mkdtemp(name);
    start();
  }
  ~TrustedClockTest() override { std::filesystem::remove_all(folder_); }

  std::string file() const { return folder_ + "/clock"; }
  void start() { clock_ = std::make_unique<TrustedClock>(file(), machine_); }
  void stop() { clock_->keep(true); }
  // A restart after the host was down for so long, by a clock that goes; `jump` is what it jumps meanwhile.
  std::string restart(std::int64_t down, std::int64_t jump = 0) {
    stop();
    pass(down);
    machine_.wall_us += jump;
    testing::internal::CaptureStderr();
    start();
    return testing::internal::GetCapturedStderr();
  }

  void pass(std::int64_t time) {
    machine_.running_us += time;
    machine_.wall_us += time;
  }
  void run(std::int64_t time) {
    pass(time);
    clock_->look();
  }
  // What the host logs when it sees the jump.
  std::string jump(std::int64_t by) {
    machine_.wall_us += by;
    testing::internal::CaptureStderr();
    clock_->look();
    return testing::internal::GetCapturedStderr();
  }
  // Whether what was noted at this time is old enough to go.
  bool goes(std::int64_t noted_us, std::int64_t age_us) const { return noted_us < clock_->aged_us(age_us); }

  Machine machine_;
  std::string folder_;
  std::unique_ptr<TrustedClock> clock_;
};

TEST_F(TrustedClockTest, IsTheMachinesClockWhileThatDoesNotJump) {
  EXPECT_EQ(clock_->now_us(), kStart);
  run(kHour);
  EXPECT_EQ(clock_->now_us(), kStart + kHour);
  EXPECT_EQ(clock_->wall_us(), kStart + kHour);
  EXPECT_EQ(clock_->aged_us(kMinute), kStart + kHour - kMinute);
}

TEST_F(TrustedClockTest, FollowsAClockThatIsSlewed) {
  testing::internal::CaptureStderr();
  for (int second = 0; second < 1000; ++second) {
    machine_.wall_us += 10'000;
    run(kSecond);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(clock_->now_us(), kStart + 1010 * kSecond);
}

// ---- jumps

TEST_F(TrustedClockTest, TellsAJumpOnceWithBothTimes) {
  EXPECT_NE(jump(kDay).find("the wall clock jumped from 2023-11-14T22:13:20.000Z to 2023-11-15T22:13:20.000Z, 86400 s forward: nothing is evicted for "
                            "that, and times go on as before until the new one has stood for 5 minutes; see whether the clock is right"),
            std::string::npos);
  EXPECT_EQ(jump(0), "");
  EXPECT_NE(jump(-2 * kDay).find("from 2023-11-15T22:13:20.000Z to 2023-11-13T22:13:20.000Z, 172800 s back"), std::string::npos);
  EXPECT_EQ(jump(0), "");
}

TEST_F(TrustedClockTest, GoesOnAsBeforeWhileAJumpMayBePutRight) {
  for (const std::int64_t by : {kDay, -kDay, -kStart}) {
    const std::int64_t before = clock_->now_us();
    jump(by);
    run(4 * kMinute);
    EXPECT_EQ(clock_->now_us(), before + 4 * kMinute) << by;
    EXPECT_EQ(clock_->wall_us(), machine_.wall_us);
    jump(-by);
    run(10 * kMinute);
    EXPECT_EQ(clock_->now_us(), before + 14 * kMinute) << by;
  }
}

TEST_F(TrustedClockTest, FollowsATimeThatHasStood) {
  for (const std::int64_t by : {kDay, -2 * kDay}) {
    jump(by);
    run(5 * kMinute - 1);
    EXPECT_NE(clock_->now_us(), machine_.wall_us) << by;
    testing::internal::CaptureStderr();
    run(1);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("has stood for 5 minutes and is followed"), std::string::npos) << by;
    EXPECT_EQ(clock_->now_us(), machine_.wall_us) << by;
  }
}

// ---- ages

TEST_F(TrustedClockTest, CountsNoJumpForwardAsAge) {
  run(kHour);
  const std::int64_t noted = clock_->now_us();
  run(kMinute);
  jump(kDay);
  EXPECT_FALSE(goes(noted, kHour));
  run(kHour - kMinute);
  EXPECT_FALSE(goes(noted, kHour));
  run(kSecond);
  EXPECT_TRUE(goes(noted, kHour)) << "it has been there for an hour";
}

TEST_F(TrustedClockTest, SeesAJumpThatCameSinceTheLastLook) {
  const std::int64_t noted = clock_->now_us();
  machine_.wall_us += kDay;
  EXPECT_FALSE(goes(noted, kHour));
}

TEST_F(TrustedClockTest, CountsNoAgeForWhatIsStampedByAClockThatWasPutBack) {
  run(kHour);
  jump(-kDay);
  const std::int64_t by_others = machine_.wall_us;  // who looks at the machine's clock
  EXPECT_FALSE(goes(by_others, kHour));
  run(10 * kMinute);
  EXPECT_FALSE(goes(clock_->now_us(), kHour));
  jump(kDay);
  run(10 * kMinute);
  EXPECT_FALSE(goes(by_others, kHour));
  run(40 * kMinute + kSecond);
  EXPECT_TRUE(goes(by_others, kHour));
}

TEST_F(TrustedClockTest, CountsNoAgeForWhatIsStampedIn1970) {
  std::filesystem::remove(file());
  machine_.wall_us = 5 * kSecond;
  start();
  run(kMinute);
  const std::int64_t noted = clock_->now_us();
  EXPECT_EQ(noted, kMinute + 5 * kSecond);
  jump(kStart);
  run(10 * kMinute);
  EXPECT_EQ(clock_->now_us(), machine_.wall_us);
  EXPECT_FALSE(goes(noted, kHour));
  run(50 * kMinute + kSecond);
  EXPECT_TRUE(goes(noted, kHour));
}

TEST_F(TrustedClockTest, EvictsNothingTooEarlyHoweverOftenTheClockJumps) {
  std::vector<std::pair<std::int64_t, std::int64_t>> noted;  // when by running time, and the stamp
  for (std::size_t i = 0; i < 3 * TrustedClock::kPeriods; ++i) {
    testing::internal::CaptureStderr();
    machine_.wall_us += (i % 7 < 3 ? -1 : 1) * static_cast<std::int64_t>(i % 11) * kHour;
    run(kMinute);
    testing::internal::GetCapturedStderr();
    noted.emplace_back(machine_.running_us, clock_->now_us());
    noted.emplace_back(machine_.running_us, machine_.wall_us);
    for (const auto& [running, stamp] : noted) {
      const bool fresh = machine_.running_us - running < kHour;
      ASSERT_FALSE(fresh && goes(stamp + kSecond, kHour)) << i;
    }
  }
  testing::internal::CaptureStderr();
  run(100 * kHour);
  run(2 * kHour);
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(clock_->aged_us(kHour), clock_->now_us() - kHour) << "once the clock goes right again, ages are what they were";
}

// ---- restarts

TEST_F(TrustedClockTest, CountsNoAgeWhileTheHostIsDown) {
  run(kHour);
  const std::int64_t noted = clock_->now_us();
  run(10 * kMinute);
  EXPECT_NE(restart(3 * kDay).find("the host last ran at 2023-11-14T23:23:20.000Z; by the wall clock it is 2023-11-17T23:23:20.000Z now"), std::string::npos);
  EXPECT_EQ(clock_->now_us(), machine_.wall_us);
  EXPECT_FALSE(goes(noted, kHour));
  run(50 * kMinute + kSecond);
  EXPECT_TRUE(goes(noted, kHour));
}

TEST_F(TrustedClockTest, KnowsAfterARestartOfTheJumpsBeforeIt) {
  jump(-kDay);
  const std::int64_t by_others = machine_.wall_us;
  run(10 * kMinute);
  jump(kDay);
  restart(kMinute);
  EXPECT_FALSE(goes(by_others, kHour));
}

TEST_F(TrustedClockTest, GoesOnFromWhereItWasWhenItStartsWithAClockThatWasPutBack) {
  run(kHour);
  for (const std::int64_t back : {kDay, kStart}) {
    const std::int64_t before = clock_->now_us();
    EXPECT_NE(restart(0, -back).find("the wall clock was put back while the host was down, or is wrong"), std::string::npos);
    EXPECT_EQ(clock_->now_us(), before);
    run(kMinute);
    jump(back);
    run(kMinute);
    EXPECT_EQ(clock_->now_us(), machine_.wall_us);
  }
}

TEST_F(TrustedClockTest, FollowsAClockThatWasPutBackForGood) {
  restart(0, -kDay);
  run(5 * kMinute);
  EXPECT_EQ(clock_->now_us(), machine_.wall_us);
}

TEST_F(TrustedClockTest, WritesItsFileOnceAMinute) {
  stop();
  std::filesystem::remove(file());
  run(kMinute - 1);
  clock_->keep();
  EXPECT_FALSE(std::filesystem::exists(file()));
  run(1);
  clock_->keep();
  EXPECT_TRUE(std::filesystem::exists(file()));
}

TEST_F(TrustedClockTest, WritesItsFileAfterAJump) {
  stop();
  std::filesystem::remove(file());
  jump(-kDay);
  clock_->keep();
  EXPECT_TRUE(std::filesystem::exists(file()));
}

TEST_F(TrustedClockTest, SaysSoWhenItsFileIsNotWhatItWrote) {
  for (const char* text : {"", "{", "[]", "{\"of\":\"statecast clock\",\"form\":2}",
                           R"({"of":"something else","form":1,"running_us":5,"offset_us":0,"periods":[[0,0]]})",
                           R"({"of":"statecast clock","form":1,"running_us":5,"offset_us":0,"periods":[]})",
                           R"({"of":"statecast clock","form":1,"running_us":5,"offset_us":0,"periods":[[3,0],[2,0]]})",
                           R"({"of":"statecast clock","form":1,"running_us":5,"offset_us":0,"periods":[[7,0]]})",
                           R"({"of":"statecast clock","form":1,"running_us":9223372036854775807,"offset_us":9223372036854775807,"periods":[[0,0]]})",
                           R"({"of":"statecast clock","form":1,"running_us":5,"offset_us":0,"periods":[["x",0]]})"}) {
    std::ofstream(file()) << text;
    testing::internal::CaptureStderr();
    start();
    EXPECT_NE(testing::internal::GetCapturedStderr().find(file() + " is not what a host wrote there: when the host ran before is not known, and "
                                                                   "ages count by the clock as it is now"),
              std::string::npos)
        << text;
    EXPECT_EQ(clock_->now_us(), machine_.wall_us);
  }
}

TEST_F(TrustedClockTest, SaysOnceThatItsFileCannotBeWritten) {
  std::filesystem::remove_all(folder_);
  testing::internal::CaptureStderr();
  stop();
  EXPECT_NE(testing::internal::GetCapturedStderr().find(file() + " cannot be written: after a restart ages may count a jump of the clock"),
            std::string::npos);
  testing::internal::CaptureStderr();
  stop();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace statecast::host

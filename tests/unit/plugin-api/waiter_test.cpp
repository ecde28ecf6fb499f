#include <gtest/gtest.h>

#include <statecast/testkit/fake_host.hpp>
#include <statecast/waiter.hpp>
#include <thread>

namespace statecast {
namespace {

constexpr std::int64_t kMs = 1'000'000;

class WaiterTest : public ::testing::Test {
 protected:
  std::int64_t in(std::int64_t ns) const { return host_.mono_ns() + ns; }

  testkit::FakeHost fake_;
  Host host_{fake_.abi()};
  Waiters waiters_;
  Waiter waiter_{waiters_};
};

TEST_F(WaiterTest, SeesTheMomentThatItWaitedFor) {
  const std::int64_t moment = in(2 * kMs);
  EXPECT_TRUE(waiter_.await(host_, moment, [&] { return host_.mono_ns() >= moment; }));
}

TEST_F(WaiterTest, GivesUpWhenTheTimeIsUp) {
  EXPECT_FALSE(waiter_.await(host_, in(2 * kMs), [] { return false; }));
}

TEST_F(WaiterTest, IsInterruptedBeforeItLooks) {
  waiter_.interrupt();
  EXPECT_FALSE(waiter_.await(host_, in(20'000 * kMs), [] { return true; }));
  EXPECT_TRUE(waiter_.await(host_, in(20'000 * kMs), [] { return true; }));
}

TEST_F(WaiterTest, IsInterruptedWhileItWaits) {
  std::jthread other([&] { waiter_.interrupt(); });
  EXPECT_FALSE(waiter_.await(host_, in(20'000 * kMs), [] { return false; }));
}

}  // namespace
}  // namespace statecast

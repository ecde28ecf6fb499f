#include "host/cli/client/backoff.hpp"

#include <gtest/gtest.h>

namespace statecast::host::client {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, GrowsWithEveryTryUpToTenSeconds) {
  Backoff backoff([] { return 1.0; });
  EXPECT_EQ(backoff.next(), 1500ms);
  EXPECT_EQ(backoff.next(), 3000ms);
  EXPECT_EQ(backoff.next(), 6000ms);
  EXPECT_EQ(backoff.next(), 10s);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(backoff.next(), 10s);
}

TEST(Backoff, NeverWaitsLessThanTheHostAskedFor) {
  Backoff backoff([] { return 0.0; });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(backoff.next(2000ms), 2000ms);
  EXPECT_EQ(backoff.next(60s), 60s);
}

TEST(Backoff, BeginsAgainAfterATryThatWorked) {
  Backoff backoff([] { return 1.0; });
  backoff.next();
  backoff.next();
  backoff.reset();
  EXPECT_EQ(backoff.next(), 1500ms);
}

TEST(Backoff, StaysBetweenWhatWasAskedForAndTheLongest) {
  Backoff backoff;
  for (int i = 0; i < 1000; ++i) {
    const auto wait = backoff.next(2000ms);
    EXPECT_GE(wait, 2000ms);
    EXPECT_LE(wait, Backoff::kLongest);
  }
}

}  // namespace
}  // namespace statecast::host::client

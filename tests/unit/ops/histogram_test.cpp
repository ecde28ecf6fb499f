#include "host/ops/histogram.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

using Buckets = std::array<std::uint64_t, Histogram::kBounds.size() + 1>;

TEST(Histogram, CountsADurationUnderTheFirstBoundThatIsNotBelowIt) {
  Histogram histogram;
  for (const auto ns : std::initializer_list<std::int64_t>{1, 1'000, 1'001, 4'000, 4'000'000'000, 4'000'000'001}) histogram.observe(ns);
  const auto seen = histogram.snapshot();
  EXPECT_EQ(seen.buckets, (Buckets{2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(seen.count(), 6u);
  EXPECT_EQ(seen.sum_ns, 8'000'006'003u);
}

TEST(Histogram, TakesAClockThatWentBackwardsForNoTime) {
  Histogram histogram;
  histogram.observe(-5);
  EXPECT_EQ(histogram.snapshot().buckets.front(), 1u);
  EXPECT_EQ(histogram.snapshot().sum_ns, 0u);
}

TEST(Histogram, IsSummedOverItsWriters) {
  Histogram one, other;
  one.observe(500);
  other.observe(700);
  other.observe(2'000);
  auto sum = one.snapshot();
  sum += other.snapshot();
  EXPECT_EQ(sum.buckets, (Buckets{2, 1}));
  EXPECT_EQ(sum.sum_ns, 3'200u);
}

TEST(Counter, GrowsAndAGaugeGoesBothWays) {
  Counter counter;
  counter.add();
  counter.add(4);
  EXPECT_EQ(counter.value(), 5u);
  Gauge gauge;
  gauge.add(2);
  gauge.add(-3);
  EXPECT_EQ(gauge.value(), -1);
}

}  // namespace
}  // namespace statecast::host

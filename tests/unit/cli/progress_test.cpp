#include "host/cli/progress.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

TEST(ProgressLine, IsABarAndAPercentage) {
  EXPECT_EQ(progress_line(0, "0 events"), "[------------------------------]   0%  0 events");
  EXPECT_EQ(progress_line(0.5, "x"), "[###############---------------]  50%  x");
  EXPECT_EQ(progress_line(1.2, "x"), "[##############################] 100%  x");
}

TEST(ProgressLine, IsTheTextAloneWhenNobodyKnowsHowMuchThereIs) { EXPECT_EQ(progress_line(-1, "7 events"), "7 events"); }

TEST(Counted, IsSingularOrPlural) {
  EXPECT_EQ(counted(0, "event"), "0 events");
  EXPECT_EQ(counted(1, "event"), "1 event");
  EXPECT_EQ(counted(1500, "event"), "1,500 events");
}

TEST(Grouped, SeparatesThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace statecast::host

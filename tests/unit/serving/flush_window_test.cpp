#include "host/serving/flush_window.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace statecast::host::test {
namespace {

class FlushWindowTest : public testing::Test {
 protected:
  bool take_in(std::uint32_t slot) {
    return window_.take_in(sessions_[slot], slot, [this] { ++ends_; });
  }
  void leave_out(std::uint32_t slot) {
    window_.leave_out(sessions_[slot], slot, [this] { ++ends_; });
  }

  boost::asio::io_context io_;
  FlushWindow window_{io_, 1, 1};
  Session sessions_[3];
  int ends_ = 0;
};

TEST_F(FlushWindowTest, BeginsWithTheFirstThatWaitsAndEndsOnceForAll) {
  EXPECT_FALSE(window_.open());
  EXPECT_TRUE(take_in(0));
  EXPECT_TRUE(window_.open());
  EXPECT_TRUE(take_in(2));
  EXPECT_TRUE(take_in(0)) << "it waits already";
  io_.run();
  EXPECT_EQ(ends_, 1);
  EXPECT_EQ(window_.end(), (std::vector<std::uint32_t>{0, 2}));
  EXPECT_FALSE(window_.open());
  EXPECT_TRUE(window_.end().empty());
}

TEST_F(FlushWindowTest, TakesInNobodyWhoWasWrittenToBeforeItsEnd) {
  EXPECT_TRUE(take_in(0));
  leave_out(0);
  leave_out(1);
  EXPECT_FALSE(take_in(0));
  EXPECT_FALSE(take_in(1));
  EXPECT_TRUE(sessions_[0].waits_for_window) << "until it is written to";
  EXPECT_FALSE(sessions_[1].waits_for_window);
  EXPECT_EQ(window_.end(), (std::vector<std::uint32_t>{0, 1}));
}

TEST_F(FlushWindowTest, IsOpenForOneThatIsLeftOutToo) {
  leave_out(1);
  EXPECT_TRUE(window_.open());
  io_.run();
  EXPECT_EQ(ends_, 1);
  EXPECT_EQ(window_.end(), std::vector<std::uint32_t>{1});
}

TEST_F(FlushWindowTest, CallsNobodyOnceItIsGone) {
  {
    FlushWindow gone(io_, 1, 1);
    EXPECT_TRUE(gone.take_in(sessions_[0], 0, [this] { ++ends_; }));
  }
  io_.run();
  EXPECT_EQ(ends_, 0);
}

}  // namespace
}  // namespace statecast::host::test

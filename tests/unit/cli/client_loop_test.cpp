#include "host/cli/client/client_loop.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "host/cli/output.hpp"

namespace statecast::host::client {
namespace {

using namespace std::chrono_literals;

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~Pipe() {
    for (const int end : ends)
      if (end >= 0) ::close(end);
  }
  void close(int which) { ::close(std::exchange(ends[static_cast<std::size_t>(which)], -1)); }
  std::array<int, 2> ends{-1, -1};
};

TEST(ClientLoop, EndsAWaitWhenItsTimeIsUp) {
  ClientLoop loop;
  boost::asio::steady_timer never(loop.io(), 1h);
  const auto error = loop.await(after(1ms), [&](auto done) { never.async_wait(std::move(done)); }, [&] { never.cancel(); });
  EXPECT_EQ(error, boost::asio::error::timed_out);
  EXPECT_FALSE(loop.ended());
}

TEST(ClientLoop, EndsEveryWaitOnAnInterrupt) {
  ClientLoop loop;
  ::raise(SIGINT);
  EXPECT_FALSE(loop.sleep(1h));
  EXPECT_EQ(loop.end(), ClientLoop::End::kInterrupted);
  EXPECT_FALSE(loop.sleep(1h));
}

TEST(ClientLoop, EndsEveryWaitWhenTheCommandHasRunForItsTime) {
  ClientLoop loop;
  loop.end_at(after(1ms));
  EXPECT_FALSE(loop.sleep(1h));
  EXPECT_EQ(loop.end(), ClientLoop::End::kTimeUp);
}

TEST(ClientLoop, EndsEveryWaitWhenNobodyReadsTheOutput) {
  ClientLoop loop;
  Pipe pipe;
  loop.watch_output(pipe.ends[1]);
  EXPECT_TRUE(loop.sleep(0ms));
  pipe.close(0);
  EXPECT_FALSE(loop.sleep(1h));
  EXPECT_EQ(loop.end(), ClientLoop::End::kNobodyReads);
}

TEST(ClientLoop, WaitsForWhatCanBeReadAndNotForAFile) {
  ClientLoop loop;
  Pipe pipe;
  ASSERT_EQ(::write(pipe.ends[1], "x", 1), 1);
  EXPECT_TRUE(loop.await_readable(pipe.ends[0]));
  FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_TRUE(loop.await_readable(::fileno(file)));
  std::fclose(file);
}

TEST(Output, EndsQuietlyWhenNobodyReads) {
  ClientLoop loop;
  Pipe pipe;
  pipe.close(0);
  Output output(loop, pipe.ends[1], "the pipe");
  EXPECT_FALSE(output.write("x\n"));
  EXPECT_FALSE(output.error());
}

TEST(Output, SaysWhyItCannotBeWritten) {
  ClientLoop loop;
  const int full = ::open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  Output output(loop, full, "standard output");
  EXPECT_FALSE(output.write("x\n"));
  ASSERT_TRUE(output.error());
  EXPECT_EQ(output.error()->text(), "cannot write standard output: No space left on device\n  = fix: see that there is space and that you may write there");
  ::close(full);
}

}  // namespace
}  // namespace statecast::host::client

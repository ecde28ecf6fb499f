#include "host/serving/send_batch.hpp"

#include <gtest/gtest.h>
#include <linux/io_uring.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace statecast::host {
namespace {

// 0, or why this machine lets nobody have the kind of ring that is needed.
int refusal() {
  io_uring_params how{};
  how.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL;
  const auto fd = static_cast<int>(::syscall(SYS_io_uring_setup, 8, &how));
  if (fd < 0) return errno;
  ::close(fd);
  return 0;
}

struct Pair {
  Pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error(std::strerror(errno));
    ours = ends[0];
    theirs = ends[1];
  }
  ~Pair() {
    ::close(ours);
    close_theirs();
  }
  void close_theirs() {
    if (theirs >= 0) ::close(std::exchange(theirs, -1));
  }
  std::string arrived() const {
    std::string all(1 << 20, 0);
    const auto n = ::recv(theirs, all.data(), all.size(), MSG_DONTWAIT);
    all.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return all;
  }
  int ours = -1, theirs = -1;
};

std::vector<std::unique_ptr<Pair>> pairs(std::size_t n) {
  std::vector<std::unique_ptr<Pair>> all;
  while (all.size() < n) all.push_back(std::make_unique<Pair>());
  return all;
}

class SendBatchTest : public testing::Test {
 protected:
  // Where there is no ring, submit() says that nothing was sent, and that is what is checked.
  void SetUp() override {
    opened_ = batch_.open();
    ASSERT_EQ(opened_, refusal());
    ASSERT_EQ(batch_.usable(), opened_ == 0);
  }

  SendBatch batch_;
  int opened_ = 0;
};

TEST_F(SendBatchTest, SendsToEachWhatIsForIt) {
  const auto clients = pairs(SendBatch::kMost);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < clients.size(); ++i) texts.push_back("for " + std::to_string(i));
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      EXPECT_FALSE(batch_.full());
      batch_.add(static_cast<std::uint32_t>(i), clients[i]->ours, texts[i]);
    }
    EXPECT_TRUE(batch_.full());
    const auto sends = batch_.submit();
    ASSERT_EQ(sends.size(), clients.size());
    for (std::size_t i = 0; i < clients.size(); ++i) {
      EXPECT_EQ(sends[i].slot, i);
      EXPECT_EQ(sends[i].sent, opened_ == 0 ? static_cast<::ssize_t>(texts[i].size()) : -1);
      EXPECT_EQ(clients[i]->arrived(), opened_ == 0 ? texts[i] : "");
    }
    batch_.clear();
    EXPECT_TRUE(batch_.empty());
  }
}

TEST_F(SendBatchTest, WaitsForNobodyAndSaysWhatEachTook) {
  const auto clients = pairs(3);
  const std::string large(8 << 20, 'x'), small = "small";
  batch_.add(0, clients[0]->ours, large);
  batch_.add(1, clients[1]->ours, small);
  clients[2]->close_theirs();
  batch_.add(2, clients[2]->ours, small);
  const auto sends = batch_.submit();
  ASSERT_EQ(sends.size(), 3u);
  if (opened_ != 0) {
    for (const auto& send : sends) EXPECT_EQ(send.sent, -1);
    return;
  }
  EXPECT_GT(sends[0].sent, 0);
  EXPECT_LT(sends[0].sent, static_cast<::ssize_t>(large.size()));
  EXPECT_EQ(sends[1].sent, static_cast<::ssize_t>(small.size()));
  EXPECT_LT(sends[2].sent, 0);
  batch_.clear();

  batch_.add(0, clients[0]->ours, small);  // that socket is full
  batch_.add(1, clients[1]->ours, small);
  const auto more = batch_.submit();
  EXPECT_LT(more[0].sent, 1);
  EXPECT_EQ(more[1].sent, static_cast<::ssize_t>(small.size()));
}

TEST(SendBatch, SendsNothingWhereNoRingWasSetUp) {
  Pair client;
  SendBatch batch;
  EXPECT_FALSE(batch.usable());
  batch.add(7, client.ours, "text");
  const auto sends = batch.submit();
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(sends[0].sent, -1);
  EXPECT_EQ(client.arrived(), "");
}

}  // namespace
}  // namespace statecast::host

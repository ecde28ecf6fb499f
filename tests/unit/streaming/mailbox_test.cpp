#include "host/streaming/mailbox.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <semaphore>
#include <string>
#include <thread>
#include <vector>

namespace statecast::host {
namespace {

using namespace std::chrono_literals;

constexpr auto kDeadline = 60s;  // far beyond what any wait of a test needs

auto in(std::chrono::milliseconds wait) { return std::chrono::steady_clock::now() + wait; }

TEST(Mailbox, GivesMessagesBackInTheOrderInWhichTheyCame) {
  Mailbox<std::string> mailbox(4);
  for (const char* word : {"one", "two", "three"}) ASSERT_TRUE(mailbox.try_push(word));
  std::string out;
  for (const char* word : {"one", "two", "three"}) {
    ASSERT_TRUE(mailbox.try_pop(out));
    EXPECT_EQ(out, word);
  }
  EXPECT_FALSE(mailbox.try_pop(out));
}

TEST(Mailbox, RoundsItsCapacityUpToAPowerOfTwo) {
  EXPECT_EQ(Mailbox<int>(0).capacity(), 2u);
  EXPECT_EQ(Mailbox<int>(5).capacity(), 8u);
  EXPECT_EQ(Mailbox<int>(8).capacity(), 8u);
}

TEST(Mailbox, RefusesAMessageWhenFullAndLeavesItUntouched) {
  Mailbox<std::string> mailbox(2);
  ASSERT_TRUE(mailbox.try_push("one"));
  ASSERT_TRUE(mailbox.try_push("two"));
  std::string third = "three";
  EXPECT_FALSE(mailbox.try_push(third));
  EXPECT_EQ(third, "three");
  std::string out;
  ASSERT_TRUE(mailbox.try_pop(out));
  EXPECT_TRUE(mailbox.try_push(third));
  EXPECT_EQ(mailbox.size(), 2u);
}

TEST(Mailbox, LetsGoOfAMessageOnceItIsTaken) {
  Mailbox<std::shared_ptr<int>> mailbox(2);
  auto message = std::make_shared<int>(7);
  const std::weak_ptr<int> watched = message;
  ASSERT_TRUE(mailbox.try_push(message));
  std::shared_ptr<int> out;
  ASSERT_TRUE(mailbox.try_pop(out));
  out.reset();
  EXPECT_TRUE(watched.expired());
}

TEST(Mailbox, WakesAProducerThatWaitsWhenRoomComes) {
  Mailbox<int> mailbox(2);
  ASSERT_TRUE(mailbox.try_push(1) && mailbox.try_push(2));
  std::binary_semaphore done{0};
  std::thread producer([&] {
    int third = 3;
    EXPECT_TRUE(mailbox.push_wait(third));
    done.release();
  });
  int out = 0;
  ASSERT_TRUE(mailbox.try_pop(out));
  EXPECT_TRUE(done.try_acquire_for(kDeadline));
  producer.join();
  ASSERT_TRUE(mailbox.try_pop(out) && mailbox.try_pop(out));
  EXPECT_EQ(out, 3);
}

TEST(Mailbox, FreesProducersThatWaitWhenItCloses) {
  Mailbox<int> mailbox(2);
  ASSERT_TRUE(mailbox.try_push(1) && mailbox.try_push(2));
  std::counting_semaphore<> freed{0};
  std::vector<std::thread> producers;
  for (int i = 0; i < 3; ++i)
    producers.emplace_back([&] {
      int message = 3;
      EXPECT_FALSE(mailbox.push_wait(message));
      EXPECT_EQ(message, 3);
      freed.release();
    });
  mailbox.close();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(freed.try_acquire_for(kDeadline));
  for (auto& producer : producers) producer.join();
}

TEST(Mailbox, LetsWhatIsInsideBePoppedAfterItClosed) {
  Mailbox<int> mailbox(4);
  ASSERT_TRUE(mailbox.try_push(1) && mailbox.try_push(2));
  mailbox.close();
  EXPECT_TRUE(mailbox.closed());
  EXPECT_FALSE(mailbox.try_push(3));
  int out = 0;
  EXPECT_TRUE(mailbox.try_pop(out));
  EXPECT_TRUE(mailbox.try_pop(out));
  EXPECT_EQ(out, 2);
  EXPECT_FALSE(mailbox.try_pop(out));
}

TEST(Mailbox, WakesASleepingConsumerWhenItCloses) {
  Mailbox<int> mailbox(2);
  std::binary_semaphore awake{0};
  std::thread consumer([&] {
    while (!mailbox.closed()) mailbox.wait_until(in(kDeadline));
    awake.release();
  });
  mailbox.close();
  EXPECT_TRUE(awake.try_acquire_for(kDeadline));
  consumer.join();
}

TEST(Mailbox, WakesItsConsumerByAPokeThatIsSeenOnce) {
  Mailbox<int> mailbox(2);
  std::binary_semaphore poked{0};
  std::thread consumer([&] {
    while (!mailbox.take_poke()) mailbox.wait_until(in(kDeadline));
    EXPECT_FALSE(mailbox.take_poke());
    poked.release();
  });
  mailbox.poke();
  EXPECT_TRUE(poked.try_acquire_for(kDeadline));
  consumer.join();
}

TEST(Mailbox, DoesNotSleepPastAMessageThatCameFirst) {
  Mailbox<int> mailbox(2);
  ASSERT_TRUE(mailbox.try_push(1));
  EXPECT_FALSE(mailbox.prepare_sleep());
  int out = 0;
  ASSERT_TRUE(mailbox.try_pop(out));
  EXPECT_TRUE(mailbox.prepare_sleep());
  mailbox.clear_wake();
}

TEST(Mailbox, LetsItsConsumerSleepUntilSoManyMessagesWait) {
  Mailbox<int> mailbox(4);
  ASSERT_TRUE(mailbox.prepare_sleep(3));
  const auto readable = [&] {
    pollfd entry{mailbox.descriptor(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  };
  ASSERT_TRUE(mailbox.try_push(1) && mailbox.try_push(2));
  EXPECT_FALSE(readable());
  ASSERT_TRUE(mailbox.try_push(3));
  EXPECT_TRUE(readable());
  mailbox.clear_wake();
  EXPECT_FALSE(mailbox.prepare_sleep(3)) << "so many wait already";
  ASSERT_TRUE(mailbox.prepare_sleep(4));
  mailbox.poke();
  EXPECT_TRUE(readable()) << "a poke wakes whoever sleeps";
}

TEST(Mailbox, WakesForAsManyMessagesAsItHolds) {
  Mailbox<int> mailbox(4);
  std::binary_semaphore woken{0};
  std::thread consumer([&] {
    mailbox.wait_until(in(kDeadline), mailbox.capacity());
    EXPECT_EQ(mailbox.size(), 4u);
    woken.release();
  });
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(mailbox.try_push(i));
  EXPECT_TRUE(woken.try_acquire_for(kDeadline));
  consumer.join();
}

TEST(Mailbox, WakesOnceForAllThatWasPutIn) {
  Mailbox<int> mailbox(4);
  ASSERT_TRUE(mailbox.prepare_sleep());
  const auto readable = [&] {
    pollfd entry{mailbox.descriptor(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
  };
  for (int i : {1, 2}) ASSERT_TRUE(mailbox.try_put(i));
  EXPECT_FALSE(readable());
  mailbox.wake();
  EXPECT_TRUE(readable());
  mailbox.clear_wake();
  int out = 0;
  EXPECT_TRUE(mailbox.try_pop(out) && out == 1 && mailbox.try_pop(out) && out == 2);
}

TEST(Mailbox, MakesItsDescriptorReadableForASleeper) {
  Mailbox<int> mailbox(2);
  ASSERT_TRUE(mailbox.prepare_sleep());
  pollfd entry{mailbox.descriptor(), POLLIN, 0};
  ASSERT_EQ(::poll(&entry, 1, 0), 0);
  ASSERT_TRUE(mailbox.try_push(1));
  EXPECT_EQ(::poll(&entry, 1, 0), 1);
  mailbox.clear_wake();
  EXPECT_EQ(::poll(&entry, 1, 0), 0);
}

// One consumer that sleeps whenever it can, against producers that wait for room.
TEST(Mailbox, LosesNothingBetweenManyProducersAndASleepyConsumer) {
  constexpr int kProducers = 4, kEach = 5000;
  Mailbox<std::pair<int, int>> mailbox(8);
  std::vector<std::thread> producers;
  for (int p = 0; p < kProducers; ++p)
    producers.emplace_back([&mailbox, p] {
      for (int i = 0; i < kEach; ++i) {
        std::pair<int, int> message{p, i};
        ASSERT_TRUE(mailbox.push_wait(message));
      }
    });
  const auto deadline = in(kDeadline);
  std::vector<int> next(kProducers, 0);
  std::pair<int, int> out;
  for (int taken = 0; taken < kProducers * kEach && std::chrono::steady_clock::now() < deadline;) {
    mailbox.wait_until(deadline);
    for (; mailbox.try_pop(out); ++taken) {
      ASSERT_EQ(next[static_cast<std::size_t>(out.first)], out.second);  // each producer's own order is kept
      ++next[static_cast<std::size_t>(out.first)];
    }
  }
  for (auto& producer : producers) producer.join();
  EXPECT_EQ(next, std::vector<int>(kProducers, kEach));
}

// A ping and a pong, each asleep until the other's message: a wake-up that is lost would stop both.
TEST(Mailbox, AlwaysWakesAConsumerThatSleeps) {
  constexpr int kRounds = 10'000;
  Mailbox<int> ping(2), pong(2);
  const auto deadline = in(kDeadline);
  const auto take = [&](Mailbox<int>& from) {
    int out = -1;
    while (!from.try_pop(out) && std::chrono::steady_clock::now() < deadline) from.wait_until(deadline);
    return out;
  };
  std::thread other([&] {
    for (int i = 0; i < kRounds; ++i) pong.try_push(take(ping) + 1);
  });
  int ball = 0;
  for (int i = 0; i < kRounds; ++i) {
    ping.try_push(std::move(ball));
    ball = take(pong);
    if (ball != i + 1) break;
  }
  EXPECT_EQ(ball, kRounds);
  ping.close();
  other.join();
}

}  // namespace
}  // namespace statecast::host

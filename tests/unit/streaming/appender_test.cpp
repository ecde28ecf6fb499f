#include "host/streaming/appender.hpp"

#include <gtest/gtest.h>

#include "fake_source.hpp"

namespace statecast::host::test {
namespace {

constexpr std::chrono::seconds kDeadline{30};

class AppenderTest : public testing::Test {
 protected:
  ~AppenderTest() override {
    store_.go_on.release(1000);
    for (auto& inbox : inboxes_) inbox.close();
  }

  void start(std::function<std::vector<Position>()> saved = {}) {
    source_ = make_source("events");
    appender_ = std::make_unique<Appender>(*source_, std::vector<ShardInbox*>{&inboxes_[0], &inboxes_[1]}, std::chrono::milliseconds(2));
    appender_->acknowledge(std::move(saved));
    appender_->start();
  }

  static AppendRequest request(std::uint64_t number, std::vector<std::string> types, std::uint16_t shard = 0) {
    std::vector<OwnedEvent> events;
    for (const std::string& type : types) events.push_back(event(type, std::to_string(number), "1"));
    return {{shard, number}, batch_of(events)};
  }
  bool post(AppendRequest asked) {
    const bool posted = appender_->post(asked);
    appender_->wake();
    return posted;
  }

  AppendReply reply(std::uint16_t shard = 0) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    ShardMessage message;
    while (!inboxes_[shard].try_pop(message)) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "no reply came";
        return {};
      }
      inboxes_[shard].wait_until(deadline);
    }
    return std::get<AppendReply>(std::move(message));
  }

  // Holds the appender inside an append of one event, so that what is posted meanwhile waits.
  void hold() {
    store_.hold_appends = true;
    ASSERT_TRUE(post(request(0, {"Set"})));
    ASSERT_TRUE(store_.holding.try_acquire_for(kDeadline));
    store_.hold_appends = false;
  }

  Store store_;
  ShardInbox inboxes_[2]{ShardInbox(2048), ShardInbox(2048)};
  std::unique_ptr<SourceInstance> source_;
  std::unique_ptr<Appender> appender_;
};

TEST_F(AppenderTest, AnswersARequestOnItsShardWithAReceiptForEachEvent) {
  start();
  ASSERT_TRUE(post(request(7, {"Set", "Refused", "Twice"}, 1)));
  const AppendReply answer = reply(1);
  EXPECT_EQ(answer.request.number, 7u);
  EXPECT_EQ(answer.status, SC_OK);
  EXPECT_EQ(answer.why, "");
  ASSERT_EQ(answer.receipts.size(), 3u);
  EXPECT_EQ(answer.receipts[0].status, SC_OK);
  EXPECT_FALSE(answer.receipts[0].duplicate);
  EXPECT_EQ(answer.receipts[0].position.hi, 1u);
  EXPECT_EQ(answer.receipts[1].status, SC_REJECTED);
  EXPECT_EQ(answer.receipts[1].why, "too large");
  EXPECT_TRUE(answer.receipts[2].duplicate);
  EXPECT_EQ(answer.receipts[2].position.hi, 2u);
}

TEST_F(AppenderTest, GivesAllRequestsThatWaitToTheSourceInOneAppend) {
  start();
  hold();
  for (std::uint64_t n = 1; n <= 5; ++n) ASSERT_TRUE(post(request(n, std::vector<std::string>(n, "Set"), n % 2)));
  store_.go_on.release();
  EXPECT_EQ(reply().request.number, 0u);
  std::uint64_t expected = 1;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    const AppendReply answer = reply(n % 2);
    EXPECT_EQ(answer.request.number, n);
    ASSERT_EQ(answer.receipts.size(), n) << "each request gets its own receipts";
    for (const auto& receipt : answer.receipts) EXPECT_EQ(receipt.position.hi, ++expected);
  }
  EXPECT_EQ(store_.append_sizes(), (std::vector<std::size_t>{1, 15}));
  EXPECT_EQ(appender_->commits(), 2u);
  EXPECT_EQ(appender_->events(), 16u);
}

TEST_F(AppenderTest, CountsWhatBecameOfEvents) {
  start();
  ASSERT_TRUE(post(request(1, {"Set", "Refused", "Twice", "Set"})));
  reply();
  store_.append_fails = true;
  ASSERT_TRUE(post(request(2, {"Set", "Set"})));
  reply();
  EXPECT_EQ(appender_->events(), 2u);
  EXPECT_EQ(appender_->duplicates(), 1u);
  EXPECT_EQ(appender_->refused(), 1u);
  EXPECT_EQ(appender_->failed(), 2u);
  EXPECT_EQ(appender_->commits(), 1u);
  EXPECT_EQ(appender_->times().count(), 2u) << "one for each request";
}

TEST_F(AppenderTest, CutsACommitThatGrowsTooLarge) {
  start();
  hold();
  for (std::uint64_t n = 1; n <= 5; ++n) ASSERT_TRUE(post(request(n, std::vector<std::string>(6000, "Refused"))));
  store_.go_on.release();
  for (int n = 0; n <= 5; ++n) reply();
  EXPECT_EQ(store_.append_sizes(), (std::vector<std::size_t>{1, 18'000, 12'000}));
}

TEST_F(AppenderTest, FailsEveryRequestOfAnAppendThatFailed) {
  start();
  hold();
  store_.append_fails = true;
  ASSERT_TRUE(post(request(1, {"Set"})) && post(request(2, {"Set", "Set"}, 1)));
  store_.go_on.release();
  reply();
  for (std::uint16_t shard : {0, 1}) {
    const AppendReply answer = reply(shard);
    EXPECT_EQ(answer.status, SC_FAILED);
    EXPECT_EQ(answer.why, "the disk is full");
    EXPECT_TRUE(answer.receipts.empty());
  }
  EXPECT_NE(appender_->last_failed_ns(), 0);
  EXPECT_EQ(appender_->events(), 0u);
}

TEST_F(AppenderTest, WorksAgainAfterAFailure) {
  start();
  store_.append_fails = true;
  ASSERT_TRUE(post(request(1, {"Set"})));
  EXPECT_EQ(reply().status, SC_FAILED);
  store_.append_fails = false;
  ASSERT_TRUE(post(request(2, {"Set"})));
  EXPECT_EQ(reply().status, SC_OK);
  EXPECT_EQ(appender_->last_failed_ns(), 0);
}

TEST_F(AppenderTest, AsksTheSourceAfterAFailureUntilItTakesEventsAgain) {
  start();
  EXPECT_EQ(appender_->fault(), std::nullopt);
  store_.append_fails = true;
  ASSERT_TRUE(post(request(1, {"Set"})));
  reply();
  EXPECT_EQ(appender_->fault(), "the disk is full");
  ASSERT_TRUE(store_.probed.try_acquire_for(kDeadline));
  EXPECT_EQ(appender_->fault(), "the disk is full");
  EXPECT_EQ(appender_->failed(), 1u) << "a question is no event";
  store_.append_fails = false;
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (appender_->fault()) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  EXPECT_EQ(appender_->last_failed_ns(), 0);
  EXPECT_EQ(appender_->events(), 0u);
  EXPECT_EQ(store_.newest(), 0u);
}

TEST_F(AppenderTest, TellsTheSourceWhatTheStatesHaveSaved) {
  std::atomic<std::uint64_t> saved = 0;
  start([&] { return saved == 0 ? std::vector<Position>{} : std::vector<Position>{at(saved)}; });
  saved = 7;
  ASSERT_TRUE(store_.acked.try_acquire_for(kDeadline));
  EXPECT_EQ(store_.acks().front(), 7u) << "while nobody knows there is nothing to tell";
  appender_->stop();  // it asks on as long as it runs
}

TEST_F(AppenderTest, TakesNoEventsWhenTheSourceFindsInItsUpkeepThatItCannotStoreThem) {
  start([] { return std::vector<Position>{at(1)}; });
  store_.ack_fails = true;
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (appender_->fault() != "the file is gone") ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  EXPECT_EQ(appender_->failed(), 0u) << "nobody published";
  store_.ack_fails = false;
  while (appender_->fault()) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  appender_->stop();
}

TEST_F(AppenderTest, ComesRoundWhileNothingIsPublishedButNotWhileTheSourceHangs) {
  start();
  const std::int64_t began = appender_->alive_ns();
  EXPECT_NE(began, 0);
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (appender_->alive_ns() == began) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  hold();
  const std::int64_t hung = appender_->alive_ns();
  EXPECT_FALSE(appender_->stop(std::chrono::steady_clock::now() + std::chrono::milliseconds(20)));
  EXPECT_EQ(appender_->alive_ns(), hung);
  store_.go_on.release();
  reply();
}

TEST_F(AppenderTest, RefusesARequestWhenTooManyWait) {
  start();
  hold();
  std::uint64_t number = 1;
  while (post(request(number, {"Set"}))) ++number;
  EXPECT_EQ(number, 1025u);
  AppendRequest refused = request(number, {"Set"});
  EXPECT_FALSE(appender_->post(refused));
  EXPECT_TRUE(refused.events) << "it is untouched";
  store_.go_on.release();
  for (std::uint64_t n = 0; n <= 1024; ++n) EXPECT_EQ(reply().request.number, n);
}

TEST_F(AppenderTest, AppendsAndAnswersWhatWaitsBeforeItStops) {
  start();
  hold();
  ASSERT_TRUE(post(request(1, {"Set"})));
  std::thread stopper([&] { appender_->stop(); });
  store_.go_on.release();
  stopper.join();
  reply();
  EXPECT_EQ(reply().status, SC_OK);
  EXPECT_EQ(store_.newest(), 2u);
  EXPECT_FALSE(post(request(2, {"Set"})));
}

}  // namespace
}  // namespace statecast::host::test

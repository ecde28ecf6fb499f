#include "host/streaming/source_pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "fake_source.hpp"

namespace statecast::host::test {
namespace {

using namespace std::chrono_literals;
constexpr auto kDeadline = 30s, kLong = 3600s;

class SourcePagesTest : public testing::Test {
 protected:
  void add(int n, const std::string& data = "{}") {
    std::vector<OwnedEvent> events;
    for (int i = 0; i < n; ++i) events.push_back(event("Set", "k", data));
    store_.add(std::move(events));
  }

  SourcePages::Wanted wanted(std::uint64_t after = 0) const {
    SourcePages::Wanted out;
    out.source = source_.get();
    out.after = {at(after)};
    return out;
  }

  // The page, once it comes.
  std::future<SourcePages::Page> begin(SourcePages::Wanted wanted) {
    auto promise = std::make_shared<std::promise<SourcePages::Page>>();
    EXPECT_TRUE(pages_.read(std::move(wanted), [promise](SourcePages::Page page) { promise->set_value(std::move(page)); }));
    return promise->get_future();
  }
  static SourcePages::Page result(std::future<SourcePages::Page>& page) {
    if (page.wait_for(kDeadline) == std::future_status::ready) return page.get();
    ADD_FAILURE() << "no page came";
    return {};
  }
  SourcePages::Page read(SourcePages::Wanted asked) {
    auto page = begin(std::move(asked));
    return result(page);
  }
  void run_until_waiting(int polls) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (store_.polls < polls && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ASSERT_GE(store_.polls, polls);
  }

  Store store_;
  std::unique_ptr<SourceInstance> source_ = make_source("events");
  SourcePages pages_{system_clock()};
};

TEST_F(SourcePagesTest, GivesTheEventsPageAfterPage) {
  add(5);
  auto first = wanted(0);
  first.events = 3;
  const auto page = read(first);
  EXPECT_EQ(page.status, SC_OK);
  EXPECT_EQ(page.events, 3u);
  EXPECT_EQ(std::ranges::count(page.lines, '\n'), 3);
  EXPECT_EQ(page.at[0].hi, 3u);
  const auto rest = read(wanted(3));
  EXPECT_EQ(rest.events, 2u);
  EXPECT_EQ(rest.at[0].hi, 5u);
}

TEST_F(SourcePagesTest, EndsWhereItWasToldToThoughThereIsMore) {
  add(5);
  auto asked = wanted();
  asked.until = {at(2)};
  asked.wait = kLong;
  const auto page = read(asked);
  EXPECT_EQ(page.events, 2u);
  EXPECT_TRUE(SourcePages::reached(page.at, {at(2)}));
  EXPECT_FALSE(SourcePages::reached(page.at, {at(3)}));
  EXPECT_FALSE(SourcePages::reached(page.at, {}));
}

TEST_F(SourcePagesTest, IsEmptyWhenNothingComesInTime) {
  const auto page = read(wanted());
  EXPECT_EQ(page.status, SC_OK);
  EXPECT_EQ(page.events, 0u);
  EXPECT_EQ(page.lines, "");
}

TEST_F(SourcePagesTest, WaitsForTheFirstEventAsLongAsAsked) {
  auto asked = wanted();
  asked.wait = kLong;
  auto page = begin(asked);
  run_until_waiting(1);
  add(1);
  EXPECT_EQ(result(page).events, 1u);
}

TEST_F(SourcePagesTest, EndsAPageThatHasGrownLarge) {
  add(100, "\"" + std::string(64 * 1024, 'x') + "\"");
  const auto page = read(wanted());
  EXPECT_EQ(page.events, SourcePages::kEventsAPoll);
  EXPECT_GE(page.lines.size(), SourcePages::kPageBytes);
}

TEST_F(SourcePagesTest, ReadsSoManyPagesAtOnceAndNoMore) {
  std::vector<std::future<SourcePages::Page>> waiting;
  auto asked = wanted();
  asked.wait = kLong;
  for (std::size_t i = 0; i < SourcePages::kAtOnce; ++i) waiting.push_back(begin(asked));
  EXPECT_FALSE(pages_.read(asked, [](SourcePages::Page) { ADD_FAILURE() << "one page too many"; }));
  run_until_waiting(static_cast<int>(SourcePages::kAtOnce));
  add(1);
  for (auto& page : waiting) EXPECT_EQ(result(page).events, 1u);
}

TEST_F(SourcePagesTest, HasRoomAgainAfterAPage) {
  add(1);
  // A page's thread has its place until it ends, a moment after its page was taken.
  for (int i = 0; i < 20; ++i) {
    std::promise<SourcePages::Page> promise;
    auto page = promise.get_future();
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (!pages_.read(wanted(), [&](SourcePages::Page read) { promise.set_value(std::move(read)); }))
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    EXPECT_EQ(result(page).events, 1u);
  }
}

TEST_F(SourcePagesTest, EndsThePagesUnderWayWhenItIsStopped) {
  auto asked = wanted();
  asked.wait = kLong;
  auto page = begin(asked);
  run_until_waiting(1);
  EXPECT_TRUE(pages_.stop(std::chrono::steady_clock::now() + kDeadline));
  EXPECT_EQ(result(page).events, 0u);
  EXPECT_FALSE(pages_.read(asked, [](SourcePages::Page) { ADD_FAILURE() << "read after the stop"; }));
}

TEST_F(SourcePagesTest, SaysThatWhatFollowsWasTrimmed) {
  add(10);
  store_.forget_before(8);
  const auto page = read(wanted(3));
  EXPECT_EQ(page.status, SC_GONE);
  EXPECT_EQ(page.why, "event 4 is no longer held: the oldest is 8");
}

TEST_F(SourcePagesTest, SaysWhyASourceCannotBeRead) {
  add(1);
  store_.failing_polls = 1;
  const auto page = read(wanted());
  EXPECT_EQ(page.status, SC_RETRY);
  EXPECT_EQ(page.why, "the disk is busy");
  EXPECT_EQ(read(wanted()).events, 1u);
}

TEST_F(SourcePagesTest, KnowsBothEndsOfASource) {
  EXPECT_EQ(SourcePages::newest(*source_)[0].hi, 0u);
  add(10);
  store_.forget_before(8);
  EXPECT_EQ(SourcePages::oldest(*source_)[0].hi, 8u);
  EXPECT_EQ(SourcePages::newest(*source_)[0].hi, 10u);
}

}  // namespace
}  // namespace statecast::host::test

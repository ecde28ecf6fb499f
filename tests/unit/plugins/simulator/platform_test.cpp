#include "plugins/sources/simulator/platform.hpp"

#include <map>
#include <set>

#include "tests/unit/plugins/simulator/story.hpp"

namespace statecast::simulator {
namespace {

using testkit::OwnedEvent;

constexpr std::int64_t kMany = 10'000;
const nlohmann::json kBigCity = {
    {"rate", 120}, {"drivers", 400}, {"merchants", 40}, {"customers", 500}, {"location_interval", 120'000}};

TEST(Platform, TellsTheSameStoryToTheLastByteForTheSameSeed) {
  const auto one = simulator(settings_for(kMany, kBigCity)), other = simulator(settings_for(kMany, kBigCity));
  auto first = one->open_reader(), second = other->open_reader();
  std::int64_t count = 0;
  for (;;) {
    const auto expected = first.poll(500, std::chrono::milliseconds(0));
    const auto told = second.poll(500, std::chrono::milliseconds(0));
    ASSERT_EQ(told.outcome, expected.outcome);
    if (!told.outcome.ok()) break;
    ASSERT_EQ(told.events, expected.events) << "after " << count;
    count += std::ssize(told.events);
  }
  EXPECT_GT(count, 8 * kMany);
}

TEST(Platform, EndsEveryOrderAndHoldsNothingAtTheEnd) {
  const Settings settings = Settings::read(settings_for(kMany, kBigCity));
  Platform platform(settings, Identity::of(settings), kStartUs);
  std::set<std::string> under_way;
  std::int64_t created = 0;
  for (; const Happening* next = platform.next(); platform.take()) {
    if (next->type == std::string_view("OrderCreated")) {
      EXPECT_TRUE(under_way.insert(next->subject).second);
      ++created;
    } else if (next->type == std::string_view("OrderStatusUpdated")) {
      const auto status = nlohmann::json::parse(next->data)["status"];
      if (status == "DELIVERED" || status == "CANCELLED" || status == "FAILED") under_way.erase(next->subject);
    }
  }
  EXPECT_EQ(created, kMany);
  EXPECT_TRUE(under_way.empty());
  EXPECT_TRUE(platform.is_empty());
}

TEST(Platform, TellsAnotherStoryForAnotherSeed) {
  std::vector<std::string> told[2];
  for (const int seed : {1, 2})
    follow(settings_for(5, {{"seed", seed}}),
           [&](const OwnedEvent& event, const auto&) { told[seed - 1].push_back(event.data); });
  EXPECT_NE(told[0], told[1]);
}

TEST(Platform, TellsEventsInTheOrderOfTheirTimesUnderIdsOfTheirOwn) {
  std::set<std::string> ids;
  std::int64_t last_us = kStartUs;
  const std::size_t count = follow(settings_for(200), [&](const OwnedEvent& event, const auto&) {
    EXPECT_TRUE(ids.insert(event.id).second) << event.id;
    EXPECT_EQ(event.source, "/simulator/test");
    EXPECT_GE(event.time_us, last_us);
    last_us = event.time_us;
  });
  EXPECT_EQ(ids.size(), count);
  EXPECT_TRUE(ids.contains("7-1"));
}

TEST(Platform, HasIdsThatNeedNoEscaping) {
  follow(settings_for(100), [](const OwnedEvent& event, const auto&) {
    constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyz0123456789-";
    EXPECT_EQ(event.subject.find_first_not_of(kPlain), std::string::npos) << event.subject;
  });
}

TEST(Platform, TakesNoMoreOrdersThanItsDriversCanBear) {
  const Settings settings =
      Settings::read(settings_for(0, {{"drivers", 2}, {"rate", 600}, {"location_interval", 600'000}}));
  Platform platform(settings, Identity::of(settings), kStartUs);
  std::size_t most = 0;
  for (int i = 0; i < 20'000; ++i, platform.take()) {
    ASSERT_NE(platform.next(), nullptr);
    most = std::max(most, platform.orders_under_way());
  }
  EXPECT_EQ(most, 32u);
}

TEST(Platform, HasIdsOfItsOwnWhenThereIsNoSeed) {
  const Identity one = Identity::of(Settings::read("{}")), other = Identity::of(Settings::read("{}"));
  EXPECT_NE(one.tag, other.tag);
  EXPECT_EQ(one.tag.size(), 6u);
  EXPECT_TRUE(one.tag[0] >= 'a' && one.tag[0] <= 'z');
}

}  // namespace
}  // namespace statecast::simulator

#include <map>
#include <set>

#include "tests/unit/plugins/simulator/story.hpp"

namespace statecast::simulator {
namespace {

using nlohmann::json;
using testkit::OwnedEvent;

// So few drivers that the story of these orders takes some days.
std::string long_story() {
  return settings_for(3'000, {{"drivers", 4}, {"merchants", 4}, {"rate", 60}, {"location_interval", 600'000}});
}

std::int64_t time_in(const json& text) { return parse_rfc3339(text.get<std::string>()).value(); }

TEST(SimulatedMerchants, OpenAndCloseAndSayUntilWhen) {
  std::map<std::string, bool> open;
  std::set<bool> seen;
  follow(long_story(), [&](const OwnedEvent& event, const json& data) {
    if (event.type != "RestaurantStatusChanged") return;
    open[event.subject] = data["open"].get<bool>();
    seen.insert(data["open"].get<bool>());
    EXPECT_GT(time_in(data["until"]), event.time_us);
  });
  EXPECT_EQ(open.size(), 4u);
  EXPECT_EQ(seen.size(), 2u);
}

TEST(SimulatedMerchants, SellWhatTheyToldOfAtThePriceThatTheyTold) {
  std::map<std::string, json> items;
  std::map<std::string, bool> open;
  int changes = 0;
  follow(long_story(), [&](const OwnedEvent& event, const json& data) {
    if (event.type == "RestaurantStatusChanged") open[event.subject] = data["open"].get<bool>();
    if (event.type == "MenuItemUpdated") changes += !std::exchange(items[event.subject], data).is_null();
    if (event.type != "OrderCreated") return;
    EXPECT_TRUE(open[data["merchantId"].get<std::string>()]);
    for (const json& item : data["items"]) {
      const json& told = items[item["menuItemId"].get<std::string>()];
      EXPECT_EQ(told["price"], item["price"]);
      EXPECT_EQ(told["name"], item["name"]);
      EXPECT_EQ(told["merchantId"], data["merchantId"]);
      EXPECT_EQ(told["available"], true);
    }
  });
  EXPECT_GT(changes, 100);
}

TEST(SimulatedMerchants, MakeAFewOffersEachThatEnd) {
  std::map<std::string, std::set<std::string>> offers;
  int made = 0;
  follow(long_story(), [&](const OwnedEvent& event, const json& data) {
    if (event.type != "PromotionPublished") return;
    ++made;
    offers[data["merchantId"].get<std::string>()].insert(event.subject);
    EXPECT_NE(data["title"], "");
    EXPECT_GT(time_in(data["endsAt"]), event.time_us);
  });
  EXPECT_GT(made, 50);
  for (const auto& [merchant, ids] : offers) EXPECT_LE(ids.size(), 3u) << merchant;
}

}  // namespace
}  // namespace statecast::simulator

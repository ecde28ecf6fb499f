#include <nlohmann/json.hpp>

#include "merchant_fixture.hpp"

namespace statecast::merchant {
namespace {

const sc_descriptor& descriptor() { return *statecast_entry_v1()->descriptors[0]; }
Json manifest() { return Json::parse(view(descriptor().manifest)); }

TEST(MerchantManifest, NamesTheState) {
  ASSERT_EQ(statecast_entry_v1()->n, 1u);
  EXPECT_EQ(descriptor().kind, SC_KIND_STATE);
  EXPECT_EQ(view(descriptor().id), "merchant");
  EXPECT_EQ(view(descriptor().version), "1.0.0");
  EXPECT_EQ(view(descriptor().summary), "Merchants: whether they are open, their menus and promotions");
}

TEST(MerchantManifest, SaysWhatTheStateConsumesAndOffers) {
  const Json json = manifest();
  EXPECT_EQ(json["consumes"].dump(),
            R"([{"type":"MenuItemUpdated","key":"/data/merchantId"},)"
            R"({"type":"RestaurantStatusChanged","key":"/subject"},)"
            R"({"type":"PromotionPublished","key":"/data/merchantId"}])");
  EXPECT_EQ(json["topics"].dump(), R"([{"prefix":"merchants","kind":"updated","spans":["all"]}])");
  EXPECT_EQ(json["partitionable"], true);
}

TEST(MerchantManifest, CarriesEachSettingWithItsDefaultAndIsClosed) {
  const Json settings = manifest()["settings"];
  const Json defaults = Json::parse(kDefaultSettings);
  EXPECT_EQ(settings["additionalProperties"], false);
  EXPECT_EQ(settings["properties"].size(), defaults.size());
  for (const auto& [name, value] : defaults.items()) {
    EXPECT_EQ(settings["properties"][name]["default"], value) << name;
    EXPECT_TRUE(settings["properties"][name].contains("description")) << name;
  }
}

TEST(MerchantManifest, ItsDefaultsMakeAnInstance) {
  testkit::StateKit merchants(*static_cast<const sc_state*>(descriptor().functions), kDefaultSettings);
  EXPECT_TRUE(merchants.creation().ok()) << merchants.creation().text;
}

}  // namespace
}  // namespace statecast::merchant

#include <nlohmann/json.hpp>

#include "order_fixture.hpp"

namespace statecast::order {
namespace {

const sc_descriptor& descriptor() { return *statecast_entry_v1()->descriptors[0]; }
Json manifest() { return Json::parse(view(descriptor().manifest)); }

TEST(OrderManifest, NamesTheState) {
  ASSERT_EQ(statecast_entry_v1()->n, 1u);
  EXPECT_EQ(descriptor().kind, SC_KIND_STATE);
  EXPECT_EQ(view(descriptor().id), "order");
  EXPECT_EQ(view(descriptor().version), "1.0.0");
  EXPECT_EQ(view(descriptor().summary), "Orders: their status, items and payment, for customers and staff");
}

TEST(OrderManifest, SaysWhatTheStateConsumesAndOffers) {
  const Json json = manifest();
  EXPECT_EQ(json["consumes"].dump(),
            R"([{"type":"OrderCreated","key":"/subject"},{"type":"PaymentProcessed","key":"/subject"},)"
            R"({"type":"OrderStatusUpdated","key":"/subject"}])");
  EXPECT_EQ(json["topics"].dump(), R"([{"prefix":"orders","kind":"updated","spans":["all"]},)"
                                   R"({"prefix":"customers","kind":"updated","spans":true}])");
  EXPECT_EQ(json["partitionable"], true);
}

TEST(OrderManifest, CarriesEachSettingWithItsDefaultAndIsClosed) {
  const Json settings = manifest()["settings"];
  const Json defaults = Json::parse(kDefaultSettings);
  EXPECT_EQ(settings["additionalProperties"], false);
  EXPECT_EQ(settings["properties"].size(), defaults.size());
  for (const auto& [name, value] : defaults.items()) {
    EXPECT_EQ(settings["properties"][name]["default"], value) << name;
    EXPECT_TRUE(settings["properties"][name].contains("description")) << name;
  }
}

TEST(OrderManifest, ItsDefaultsMakeAnInstance) {
  testkit::StateKit orders(*static_cast<const sc_state*>(descriptor().functions), kDefaultSettings);
  EXPECT_TRUE(orders.creation().ok()) << orders.creation().text;
}

}  // namespace
}  // namespace statecast::order

#include <nlohmann/json.hpp>

#include "delivery_fixture.hpp"

namespace statecast::delivery {
namespace {

const sc_descriptor& descriptor() { return *statecast_entry_v1()->descriptors[0]; }
Json manifest() { return Json::parse(view(descriptor().manifest)); }

TEST(DeliveryManifest, NamesTheState) {
  ASSERT_EQ(statecast_entry_v1()->n, 1u);
  EXPECT_EQ(descriptor().kind, SC_KIND_STATE);
  EXPECT_EQ(view(descriptor().id), "delivery");
  EXPECT_EQ(view(descriptor().version), "1.0.0");
  EXPECT_EQ(view(descriptor().summary),
            "Delivery runs and where drivers are, for staff, drivers and waiting customers");
}

TEST(DeliveryManifest, SaysWhatTheStateConsumesAndOffersAndThatItCannotBeSplit) {
  const Json json = manifest();
  EXPECT_EQ(json["consumes"].dump(),
            R"([{"type":"RunUpdated","key":"/subject"},{"type":"DriverLocationUpdated","key":"/subject"},)"
            R"({"type":"OrderCreated","key":"/subject"},{"type":"OrderStatusUpdated","key":"/subject"}])");
  EXPECT_EQ(json["topics"].dump(), R"([{"prefix":"runs","kind":"updated","spans":["all"]},)"
                                   R"({"prefix":"drivers","kind":"updated","spans":["all"]}])");
  EXPECT_EQ(json["partitionable"], false);
}

TEST(DeliveryManifest, CarriesEachSettingWithItsDefaultAndIsClosed) {
  const Json settings = manifest()["settings"];
  const Json defaults = Json::parse(kDefaultSettings);
  EXPECT_EQ(settings["additionalProperties"], false);
  EXPECT_EQ(settings["properties"].size(), defaults.size());
  for (const auto& [name, value] : defaults.items()) {
    EXPECT_EQ(settings["properties"][name]["default"], value) << name;
    EXPECT_TRUE(settings["properties"][name].contains("description")) << name;
  }
}

TEST(DeliveryManifest, ItsDefaultsMakeAnInstance) {
  testkit::StateKit state(*static_cast<const sc_state*>(descriptor().functions), kDefaultSettings);
  EXPECT_TRUE(state.creation().ok()) << state.creation().text;
}

TEST(DeliverySettings, AnOrderCannotBeOnItsWayAndOver) {
  EXPECT_EQ(testkit::StateKit(testkit::state_table<DeliveryState>(), R"({"tracked_statuses":["FAILED"]})").creation(),
            (testkit::Outcome{SC_REJECTED, "tracked_statuses: 'FAILED' is also among ended_order_statuses; "
                                           "an order cannot be on its way and over: take it from one"}));
}

}  // namespace
}  // namespace statecast::delivery

#include <nlohmann/json.hpp>
#include <set>

#include "window_fixture.hpp"

namespace statecast::window {
namespace {

using Json = nlohmann::ordered_json;

const sc_descriptor& descriptor() { return *statecast_entry_v1()->descriptors[0]; }
Json manifest() { return Json::parse(view(descriptor().manifest)); }

TEST(WindowManifest, NamesTheState) {
  ASSERT_EQ(statecast_entry_v1()->n, 1u);
  EXPECT_EQ(descriptor().kind, SC_KIND_STATE);
  EXPECT_EQ(view(descriptor().id), "window");
  EXPECT_EQ(view(descriptor().version), "1.0.0");
  EXPECT_EQ(view(descriptor().summary), "Windows: how many events of each type came in each span of time");
}

TEST(WindowManifest, SaysWhatTheStateConsumesAndOffers) {
  const Json json = manifest();
  EXPECT_EQ(json["consumes"].dump(), R"([{"type":"*","key":"/subject"}])");
  EXPECT_EQ(json["topics"].dump(), R"([{"prefix":"windows","kind":"appended"}])");
  EXPECT_FALSE(json.contains("partitionable"));
}

TEST(WindowManifest, CarriesEachSettingWithItsDefaultAndIsClosed) {
  const Json settings = manifest()["settings"];
  const Json defaults = Json::parse(kDefaultSettings);
  EXPECT_EQ(settings["additionalProperties"], false);
  std::set<std::string> without_default = {"types", "group_by", "name"};
  for (const auto& [name, property] : settings["properties"].items()) {
    EXPECT_TRUE(property.contains("description")) << name;
    if (without_default.erase(name) > 0) continue;
    EXPECT_EQ(property["default"], defaults.at(name)) << name;
  }
  EXPECT_EQ(without_default, std::set<std::string>{});
  EXPECT_EQ(settings["properties"].size(), defaults.size() + 3);
}

class WindowSettings : public WindowTest {
 protected:
  static testkit::Outcome creation(std::string_view settings) {
    return testkit::StateKit(table(), settings).creation();
  }
  static testkit::Outcome refused(std::string why) { return {SC_REJECTED, std::move(why)}; }
};

TEST_F(WindowSettings, TheDefaultsMakeAnInstance) {
  EXPECT_EQ(creation(kDefaultSettings), testkit::Outcome{});
}

TEST_F(WindowSettings, WhatCannotBeIsRefused) {
  EXPECT_EQ(creation(R"({"size":0})"), refused("size: must be at least 1ms"));
  EXPECT_EQ(creation(R"({"size":10,"allowed_lateness":10010})"),
            refused("allowed_lateness: is as long as 1001 windows of this size; 1000 may be open at a time, so shorten "
                    "it, or lengthen 'size'"));
  EXPECT_EQ(creation(R"({"types":[]})"), refused("types: name at least one, or leave it out for all"));
  EXPECT_EQ(creation(R"({"name":"a b"})"), refused("name: must be an id: 1 to 128 characters of A-Z a-z 0-9 . _ - :"));
  EXPECT_EQ(creation(R"({"group_by":"merchantId"})"),
            refused("group_by: must be '/subject' or begin with '/data/', is 'merchantId'"));
  EXPECT_EQ(creation(R"({"group_by":"/data/a~2"})"),
            refused("group_by: '/data/a~2' is no JSON pointer: '~' stands before 0 or 1 only (RFC 6901 3)"));
}

}  // namespace
}  // namespace statecast::window

#include <nlohmann/json.hpp>

#include "job_fixture.hpp"

namespace statecast::job {
namespace {

using Json = nlohmann::ordered_json;

const sc_descriptor& descriptor() { return *statecast_entry_v1()->descriptors[0]; }
Json manifest() { return Json::parse(view(descriptor().manifest)); }

TEST(JobManifest, NamesTheState) {
  ASSERT_EQ(statecast_entry_v1()->n, 1u);
  EXPECT_EQ(descriptor().kind, SC_KIND_STATE);
  EXPECT_EQ(view(descriptor().id), "job");
  EXPECT_EQ(view(descriptor().version), "1.0.0");
  EXPECT_EQ(view(descriptor().summary), "Jobs: every update of the nodes that work on them");
}

TEST(JobManifest, SaysWhatTheStateConsumesAndOffers) {
  const Json json = manifest();
  EXPECT_EQ(json["consumes"].dump(), R"([{"type":"NodeStateUpdated","key":"/subject"}])");
  EXPECT_EQ(json["topics"].dump(), R"([{"prefix":"jobs","kind":"appended","spans":true},)"
                                   R"({"prefix":"nodes","kind":"appended"}])");
  EXPECT_EQ(json["partitionable"], true);
}

TEST(JobManifest, CarriesEachSettingWithItsDefaultAndIsClosed) {
  const Json settings = manifest()["settings"];
  const Json defaults = Json::parse(kDefaultSettings);
  EXPECT_EQ(settings["additionalProperties"], false);
  EXPECT_EQ(settings["properties"].size(), defaults.size());
  for (const auto& [name, value] : defaults.items()) {
    EXPECT_EQ(settings["properties"][name]["default"], value) << name;
    EXPECT_TRUE(settings["properties"][name].contains("description")) << name;
  }
}

TEST(JobManifest, ItsDefaultsMakeAnInstance) {
  testkit::StateKit nodes(*static_cast<const sc_state*>(descriptor().functions), kDefaultSettings);
  EXPECT_TRUE(nodes.creation().ok()) << nodes.creation().text;
}

}  // namespace
}  // namespace statecast::job

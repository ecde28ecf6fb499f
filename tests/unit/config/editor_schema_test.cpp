#include <nlohmann/json.hpp>

#include "config_fixture.hpp"
#include "host/config/editor_schema.hpp"
#include "host/config/written_schema.hpp"

namespace statecast::host {
namespace {

using Json = nlohmann::ordered_json;

Json schema() { return Json::parse(editor_schema(catalog())); }

TEST(EditorSchema, WritesQuantitiesAsTextWithTheirUnit) {
  EXPECT_EQ(schema()["definitions"]["source.log"]["properties"]["retention"]["properties"]["age"], Json::parse(R"({
    "type": "string",
    "default": "3d",
    "pattern": "^[0-9]+(ms|s|m|h|d)$",
    "description": "At least 1s."
  })"));
  EXPECT_EQ(schema()["properties"]["limits"]["properties"]["header"], Json::parse(R"({
    "type": "string",
    "default": "16KiB",
    "pattern": "^[0-9]+(B|KiB|MiB|GiB|KB|MB|GB)$",
    "description": "At least 1KiB. At most 63KiB."
  })"));
}

TEST(EditorSchema, ClosesMapsAsTheHostDoes) {
  const Json all = schema();
  EXPECT_EQ(all["additionalProperties"], false);
  EXPECT_EQ(all["definitions"]["state.order"]["additionalProperties"], false);
  EXPECT_EQ(all["properties"]["limits"]["type"], (Json{"object", "null"}));
  EXPECT_TRUE(all["definitions"]["state.order"]["properties"]["lifecycle"]["additionalProperties"].is_object());
}

TEST(EditorSchema, ChoosesSettingsByType) {
  const Json state = schema()["definitions"]["state"];
  EXPECT_EQ(state["else"]["properties"]["type"]["enum"], Json::array({"order"}));
  EXPECT_EQ(state["allOf"], Json::parse(R"([{
    "if": {"properties": {"type": {"const": "order"}}},
    "then": {"$ref": "#/definitions/state.order"}
  }])"));
}

TEST(EditorSchema, MovesReferencesWithTheirSchema) {
  const Json moved = written_schema(Json::parse(R"({
    "definitions": {"wait": {"type": "integer", "format": "duration"}},
    "properties": {"a": {"$ref": "#/definitions/wait"}},
    "anyOf": [{"properties": {"a": {"$ref": "#/definitions/wait"}}}]
  })"), "#/definitions/state.x");
  EXPECT_EQ(moved["properties"]["a"]["$ref"], "#/definitions/state.x/definitions/wait");
  EXPECT_EQ(moved["anyOf"][0]["properties"]["a"]["$ref"], "#/definitions/state.x/definitions/wait");
  EXPECT_EQ(moved["definitions"]["wait"]["type"], "string");
}

TEST(EditorSchema, LeavesSettingsOpenWhoseSchemaIsUnusable) {
  std::vector<std::unique_ptr<Plugin>> all;
  all.push_back(state("odd", {"odd"}, R"({"required": 5, "properties": {"a": {"format": 5}}})"));
  const Json odd = Json::parse(editor_schema(PluginCatalog(std::move(all), {}, {})))["definitions"]["state.odd"];
  EXPECT_EQ(odd["title"], "state.odd 1.0.0");
  EXPECT_EQ(odd["additionalProperties"], true);
}

}  // namespace
}  // namespace statecast::host

#include "host/config/editor_schema.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/config/host_schema.hpp"
#include "host/config/merged_schema.hpp"
#include "host/config/written_schema.hpp"

namespace statecast::host {
namespace {

using Schema = nlohmann::ordered_json;

constexpr const char* kDescription =
    "In place of any single value may stand !env NAME, !file PATH or !credential NAME, which the host replaces. An editor "
    "must be told of these tags: for yaml-language-server, 'yaml.customTags': ['!env scalar', '!file scalar', "
    "'!credential scalar'].";

constexpr const char* kAccess = R"json({
  "oneOf": [
    {"const": "none"},
    {
      "type": "object",
      "properties": {
        "tokens": {
          "oneOf": [
            {
              "type": "object",
              "minProperties": 1,
              "propertyNames": {"minLength": 8, "pattern": "^[A-Za-z0-9._~+/=-]+$"},
              "additionalProperties": {"$ref": "#/definitions/claims"}
            },
            {
              "type": "array",
              "minItems": 1,
              "items": {
                "allOf": [{"$ref": "#/definitions/claims"}],
                "properties": {"token": {"type": "string", "minLength": 1}},
                "required": ["token"]
              }
            }
          ]
        }
      },
      "additionalProperties": false
    }
  ]
})json";

constexpr const char* kClaims = R"json({
  "type": "object",
  "properties": {
    "sub": {"type": "string", "minLength": 1},
    "roles": {"type": "array", "items": {"type": "string", "minLength": 1}}
  },
  "required": ["sub", "roles"]
})json";

constexpr struct {
  std::uint32_t kind;
  const char* section;
} kSections[] = {{SC_KIND_SOURCE, "sources"}, {SC_KIND_STATE, "states"}, {SC_KIND_TRANSPORT, "transports"}};

std::string name_of(const Plugin& plugin) { return std::string(kind_name(plugin.kind)) + "." + plugin.id; }

// A plugin whose schema is unusable is told by `check`; here its settings are left open.
Schema schema_of_plugin(const Plugin& plugin) {
  const auto read = [&](const Plugin* known) {
    return written_schema(merged_schema(plugin.kind, known), "#/definitions/" + name_of(plugin));
  };
  Schema schema;
  try {
    schema = read(&plugin);
  } catch (const nlohmann::json::exception&) {
    schema = read(nullptr);
  }
  schema["title"] = name_of(plugin) + " " + plugin.version;
  schema["description"] = plugin.summary;
  return schema;
}

// The plugin's schema by `type`. The plugin of a disabled instance need not be there.
Schema schema_of_instance(std::uint32_t kind, const PluginCatalog& catalog) {
  Schema types = Schema::array(), choices = Schema::array();
  for (const auto& plugin : catalog.plugins()) {
    if (plugin->kind != kind) continue;
    types.push_back(plugin->id);
    choices.push_back({{"if", {{"properties", {{"type", {{"const", plugin->id}}}}}}},
                       {"then", {{"$ref", "#/definitions/" + name_of(*plugin)}}}});
  }
  Schema schema{{"type", "object"}, {"required", Schema::array({"type"})}, {"properties", {{"type", {{"type", "string"}}}}}};
  schema["if"] = {{"properties", {{"enabled", {{"const", false}}}}}, {"required", Schema::array({"enabled"})}};
  schema["else"] = {{"properties", {{"type", {{"enum", types}}}}}};
  if (!choices.empty()) schema["allOf"] = choices;
  return schema;
}

Schema section(std::string_view kind) {
  return {{"type", Schema::array({"object", "null"})},
          {"propertyNames", {{"pattern", "^[a-z][a-z0-9_-]{0,62}$"}}},
          {"additionalProperties", {{"$ref", "#/definitions/" + std::string(kind)}}}};
}

}  // namespace

std::string editor_schema(const PluginCatalog& catalog) {
  Schema schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"title", "The configuration of statecast"},
                {"description", kDescription}};
  schema.update(written_schema(file_schema(), "#"));
  schema["type"] = "object";
  Schema definitions{{"claims", Schema::parse(kClaims)}};
  for (const auto& [kind, name] : kSections) {
    schema["properties"][name] = section(kind_name(kind));
    definitions[std::string(kind_name(kind))] = schema_of_instance(kind, catalog);
  }
  for (const auto& plugin : catalog.plugins()) definitions[name_of(*plugin)] = schema_of_plugin(*plugin);
  schema["properties"]["access"] = Schema::parse(kAccess);
  schema["definitions"] = definitions;
  return schema.dump(2) + "\n";
}

}  // namespace statecast::host

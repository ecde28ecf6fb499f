#include "host/config/merged_schema.hpp"

#include <nlohmann/json.hpp>

#include "host/config/host_schema.hpp"

namespace statecast::host {

using Schema = nlohmann::ordered_json;

Schema host_schema_of(std::uint32_t kind, const Plugin* plugin) {
  Schema host = instance_schema(kind);
  if (plugin && !plugin->manifest.feeds) host["properties"].erase("into");
  return host;
}

Schema merged_schema(std::uint32_t kind, const Plugin* plugin) {
  const Schema host = host_schema_of(kind, plugin);
  Schema merged =
      plugin ? Schema::parse(plugin->manifest.settings_schema) : Schema{{"additionalProperties", true}};
  Schema properties = host["properties"];
  Schema last = Schema::object();  // known to everybody, so they end the list that a diagnostic shows
  for (const char* key : {"type", "enabled"}) {
    last[key] = properties[key];
    properties.erase(key);
  }
  const Schema own = merged.value("properties", Schema::object());
  for (const auto& [key, schema] : own.items())
    if (!properties.contains(key) && !last.contains(key)) properties[key] = schema;
  properties.update(last);
  merged["type"] = "object";
  merged["properties"] = properties;
  Schema required = host.value("required", Schema::array());
  for (const auto& key : merged.value("required", Schema::array())) required.push_back(key);
  merged["required"] = required;
  return merged;
}

}  // namespace statecast::host

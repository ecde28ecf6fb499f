#include "host/config/instances.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/config/host_schema.hpp"
#include "host/config/merged_schema.hpp"
#include "host/config/missing_plugin.hpp"
#include "host/config/schema_reader.hpp"
#include "host/config/settings_check.hpp"

namespace statecast::host {
namespace {

using Json = nlohmann::json;
using Schema = nlohmann::ordered_json;

constexpr std::size_t kLongestId = 63;

bool is_id(const std::string& text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto may_follow = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !text.empty() && text.size() <= kLongestId && is_letter(text[0]) &&
         std::all_of(text.begin(), text.end(), may_follow);
}

struct Raw {
  std::string id;
  Path path;
  const Plugin* plugin = nullptr;
  Json host = Json::object(), own = Json::object();  // the host's keys and the plugin's
};

class InstanceReader {
 public:
  InstanceReader(const Document& document, const PluginCatalog& catalog, Report& report)
      : document_(document), catalog_(catalog), report_(report) {}

  // Calls take(Raw) for every instance of a section.
  template <class Take>
  void read_section(std::uint32_t kind, const char* name, Take take) {
    const Path section = Path() / name;
    const YamlNode* node = document_.root().find(name);
    if (!node || node->kind == YamlNode::Kind::refused || node->kind == YamlNode::Kind::nothing) return;
    if (node->kind != YamlNode::Kind::map) {
      report_.at_value(section, "wrong-type", "expected a map of ids");
      return;
    }
    for (const YamlEntry& entry : node->entries) {
      if (!is_id(entry.key))
        report_.at_key(section / entry.key, "id", "'" + entry.key + "' is no id").fix =
            "use a-z, 0-9, '_' and '-', begin with a letter, and at most 63 characters";
      if (entry.value.kind != YamlNode::Kind::refused) take(read(kind, section / entry.key, entry));
    }
  }

 private:
  Raw read(std::uint32_t kind, const Path& path, const YamlEntry& entry) {
    Raw raw{entry.key, path, plugin_of(kind, path, entry.value)};
    try {
      read_keys(kind, entry.value, raw);
    } catch (const std::exception& e) {  // nlohmann and valijson throw at a schema that is none
      report_
          .at_value(path / "type", "plugin-schema",
                    "the settings schema of this plugin can't be used: " + std::string(e.what()))
          .fix = "ask whoever ships " + raw.plugin->library.string();
    }
    return raw;
  }

  const Plugin* plugin_of(std::uint32_t kind, const Path& path, const YamlNode& node) {
    const YamlNode* type = node.find("type");
    if (!type || type->kind != YamlNode::Kind::text) return nullptr;  // reported as missing or of a wrong type
    const Plugin* plugin = catalog_.find(kind, type->text);
    const YamlNode* enabled = node.find("enabled");
    const bool disabled = enabled && enabled->text == "false" && !enabled->quoted;
    if (!plugin && !disabled) report_missing_plugin(kind, type->text, path, catalog_, report_);
    return plugin;
  }

  void read_keys(std::uint32_t kind, const YamlNode& node, Raw& raw) {
    const Schema host = host_schema_of(kind, raw.plugin);
    SchemaReader::Names names;
    if (raw.plugin) {
      names.owner = raw.plugin->id + " " + raw.plugin->version;
      names.explain = "statecast explain " + std::string(kind_name(kind)) + "/" + raw.plugin->id;
    }
    const Schema merged = merged_schema(kind, raw.plugin);
    const Json all = SchemaReader(report_, merged, names).read(node, raw.path);
    if (!all.is_object()) return;
    for (const auto& [key, value] : all.items()) (host["properties"].contains(key) ? raw.host : raw.own)[key] = value;
    if (raw.plugin) check_settings(raw.own, Json::parse(raw.plugin->manifest.settings_schema), names, raw.path, report_);
  }

  const Document& document_;
  const PluginCatalog& catalog_;
  Report& report_;
};

template <class Settings>
Declared<Settings> declared(const Raw& raw) {
  Declared<Settings> d;
  d.path = raw.path;
  d.plugin = raw.plugin;
  d.enabled = raw.host.value("enabled", true);
  d.settings.id = raw.id;
  d.settings.type = raw.host.value("type", "");
  d.settings.settings = raw.own.dump();
  Json keys = raw.host;
  keys.update(raw.own);
  d.keys = keys.dump();
  return d;
}

Declared<SourceSettings> source_from(const Raw& raw) {
  auto d = declared<SourceSettings>(raw);
  d.settings.into = raw.host.value("into", "");
  return d;
}

Declared<StateSettings> state_from(const Raw& raw) {
  auto d = declared<StateSettings>(raw);
  StateSettings& s = d.settings;
  s.sources = raw.host.value("sources", s.sources);
  s.refresh_ms = raw.host.value("refresh", s.refresh_ms);
  s.partitions = raw.host.value("partitions", s.partitions);
  s.send_always = raw.host.value("send", "") == "always";
  s.history = raw.host.value("history", s.history);
  s.history_age_ms = raw.host.value("history_age", s.history_age_ms);
  s.history_idle_ms = raw.host.value("history_idle", s.history_idle_ms);
  s.hang_after_ms = raw.host.value("hang_after", s.hang_after_ms);
  s.restart_on_hang = raw.host.value("on_hang", "") == "restart";
  return d;
}

// Where requests reach it: as written, or else as its plugin says.
std::vector<RouteSettings> routes_of(const Raw& raw) {
  std::vector<RouteSettings> routes;
  for (const Json& route : raw.host.value("routes", Json::array()))
    routes.push_back({route.value("path", ""), route.value("topic", "")});
  if (raw.host.contains("path")) routes.push_back({raw.host["path"], ""});
  if (routes.empty() && raw.plugin)
    for (const Manifest::Route& route : raw.plugin->manifest.routes) routes.push_back({route.path, route.topic});
  return routes;
}

std::string keys_with_routes(std::string text, const std::vector<RouteSettings>& routes) {
  Json keys = Json::parse(text);
  keys.erase("routes");
  if (!keys.contains("path"))
    for (const RouteSettings& route : routes) keys["routes"].push_back({{"path", route.path}, {"topic", route.topic}});
  return keys.dump();
}

SlowUpdated slow_updated_from(const std::string& word) {
  if (word == "drop_oldest") return SlowUpdated::kDropOldest;
  if (word == "drop_newest") return SlowUpdated::kDropNewest;
  return word == "disconnect" ? SlowUpdated::kDisconnect : SlowUpdated::kConflate;
}

Declared<TransportSettings> transport_from(const Raw& raw) {
  auto d = declared<TransportSettings>(raw);
  TransportSettings& t = d.settings;
  const Json expose = raw.host.value("expose", Json("all"));
  t.expose_all = expose == "all";
  if (expose.is_array()) t.expose = expose.get<std::vector<std::string>>();
  if (expose.is_string() && !t.expose_all) t.expose = {expose.get<std::string>()};
  t.buffer_bytes = raw.host.value("buffer", t.buffer_bytes);
  t.buffer_messages = raw.host.value("buffer_messages", t.buffer_messages);
  const Json slow = raw.host.value("slow_clients", Json::object());
  t.slow_updated = slow_updated_from(slow.value("updated", ""));
  t.slow_appended = slow.value("appended", "") == "block" ? SlowAppended::kBlock : SlowAppended::kDisconnect;
  t.heartbeat_ms = raw.host.value("heartbeat", t.heartbeat_ms);
  t.flush_window_ms = raw.host.value("flush_window", t.flush_window_ms);
  t.write_timeout_ms = raw.host.value("write_timeout", t.write_timeout_ms);
  t.max_age_ms = raw.host.value("max_age", t.max_age_ms);
  t.routes = routes_of(raw);
  d.keys = keys_with_routes(d.keys, t.routes);
  return d;
}

}  // namespace

Instances read_instances(const Document& document, const PluginCatalog& catalog, Report& report) {
  Instances all;
  InstanceReader reader(document, catalog, report);
  reader.read_section(SC_KIND_SOURCE, "sources",
                      [&](const Raw& raw) { all.sources.push_back(source_from(raw)); });
  reader.read_section(SC_KIND_STATE, "states", [&](const Raw& raw) { all.states.push_back(state_from(raw)); });
  reader.read_section(SC_KIND_TRANSPORT, "transports",
                      [&](const Raw& raw) { all.transports.push_back(transport_from(raw)); });
  return all;
}

}  // namespace statecast::host

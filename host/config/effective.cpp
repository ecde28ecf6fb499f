#include "host/config/effective.hpp"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>
#include <yaml-cpp/null.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "host/config/cross_checks.hpp"
#include "host/config/host_schema.hpp"
#include "host/config/merged_schema.hpp"
#include "host/config/plain_json.hpp"
#include "host/config/schema_walk.hpp"
#include "host/config/schema_words.hpp"

namespace statecast::host {
namespace {

using Json = nlohmann::json;
using Schema = nlohmann::ordered_json;

constexpr const char* kRedacted = "<redacted>";

// The keys of a map in the order of its schema, then of the file, then of the alphabet.
std::vector<std::string> keys_in_order(const Json& map, const Schema& schema, const YamlNode* written) {
  std::vector<std::string> keys;
  const auto add = [&](const std::string& key) {
    if (map.contains(key) && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  };
  if (const auto properties = schema.find("properties"); properties != schema.end())
    for (const auto& [key, _] : properties->items()) add(key);
  if (written)
    for (const YamlEntry& entry : written->entries) add(entry.key);
  for (const auto& [key, _] : map.items()) add(key);
  return keys;
}

class Writer {
 public:
  explicit Writer(const Document& document) : document_(document) {}

  std::string take() const { return std::string(out_.c_str()) + "\n"; }

  void begin_map() { out_ << YAML::BeginMap; }
  void end_map() { out_ << YAML::EndMap; }
  void key(const std::string& key) { out_ << YAML::Key << key << YAML::Value; }

  // `root` is what references within the schema are relative to.
  void value(const Json& json, const Schema& declared, const Schema& root, const Path& path) {
    const Schema& schema = resolved(declared, root);
    if (json.is_object() && !json.empty()) return map(json, schema, root, path);
    if (json.is_array() && std::any_of(json.begin(), json.end(), [](const Json& j) { return j.is_structured(); }))
      return list(json, schema, root, path);
    if (json.is_array() || json.is_object())
      flow_list(json, schema, root, path);
    else
      scalar(json, schema, path);
    comment(path);
  }

  void plain(const YamlNode& node, const Path& path) { value(plain_json(node), any_schema(), any_schema(), path); }

  // A token and what it stands for. It is never shown, not even where it is a key.
  void token(const YamlNode& claims, const Place& place, const Path& path) {
    begin_map();
    key("token");
    out_ << kRedacted << YAML::Comment(place_text(place));
    for (const YamlEntry& claim : claims.entries) {
      if (claim.key == "token") continue;
      key(claim.key);
      plain(claim.value, path / claim.key);
    }
    end_map();
  }

  void begin_list() { out_ << YAML::BeginSeq; }
  void end_list() { out_ << YAML::EndSeq; }

 private:
  void map(const Json& json, const Schema& schema, const Schema& root, const Path& path) {
    auto keys = keys_in_order(json, schema, document_.find(path));
    const bool is_instance = &schema == &root && path.parts().size() == 2;
    if (is_instance) std::stable_partition(keys.begin(), keys.end(), [](const std::string& k) { return k == "type"; });
    begin_map();
    for (const std::string& name : keys) {
      const Schema* beneath = schema_of_key(schema, name);
      key(name);
      value(json[name], beneath ? *beneath : any_schema(), root, path / name);
    }
    end_map();
  }

  void list(const Json& json, const Schema& schema, const Schema& root, const Path& path) {
    begin_list();
    for (std::size_t i = 0; i < json.size(); ++i) value(json[i], schema_of_items(schema), root, path[i]);
    end_list();
  }

  void flow_list(const Json& json, const Schema& schema, const Schema& root, const Path& path) {
    out_ << YAML::Flow;
    if (json.is_object()) {
      out_ << YAML::BeginMap << YAML::EndMap;
      return;
    }
    begin_list();
    for (std::size_t i = 0; i < json.size(); ++i) scalar(json[i], resolved(schema_of_items(schema), root), path[i]);
    end_list();
  }

  void scalar(const Json& json, const Schema& schema, const Path& path) {
    const YamlNode* node = document_.find(path);
    const auto quantity = quantity_of(schema);
    if (node && !node->from.empty())
      out_ << kRedacted;
    else if (json.is_null())
      out_ << YAML::Null;
    else if (quantity && json.is_number_integer())
      out_ << format_quantity(*quantity, json.get<std::int64_t>());
    else if (json.is_string())
      text(json.get<std::string>());
    else
      out_ << json.dump();
  }

  // In quotes where it would be read as something else.
  void text(const std::string& text) {
    if (!plain_scalar(text).is_string()) out_ << YAML::DoubleQuoted;
    out_ << text;
  }

  std::string place_text(const Place& place) const {
    return document_.file(place).name() + ":" + std::to_string(place.line);
  }

  void comment(const Path& path) {
    const YamlNode* node = document_.find(path);
    if (!node || node->place.line == 0) return;
    out_ << YAML::Comment(place_text(node->place) + (node->from.empty() ? "" : ", " + node->from));
  }

  const Document& document_;
  YAML::Emitter out_;
};

template <class Settings>
void write_instances(Writer& writer, std::uint32_t kind, const std::vector<Declared<Settings>>& all) {
  writer.begin_map();
  for (const Declared<Settings>& one : all) {
    const Schema schema = merged_schema(kind, one.plugin);
    writer.key(one.settings.id);
    writer.value(Json::parse(one.keys), schema, schema, one.path);
  }
  writer.end_map();
}

// Of the routes that a plugin brings along, those that lead to no state are as good as none; written ones would be errors.
std::vector<Declared<TransportSettings>> with_useful_routes(const Document& document, const Instances& instances) {
  const auto prefixes = offered_prefixes(instances);
  const auto is_useful = [&](const Json& route) {
    const auto topic = route["topic"].get<std::string>();
    return topic.empty() || std::find(prefixes.begin(), prefixes.end(), topic.substr(0, topic.find('/'))) != prefixes.end();
  };
  auto transports = instances.transports;
  for (Declared<TransportSettings>& transport : transports) {
    Json keys = Json::parse(transport.keys);
    if (!keys.contains("routes") || document.find(transport.path / "routes")) continue;
    Json useful = Json::array();
    std::copy_if(keys["routes"].begin(), keys["routes"].end(), std::back_inserter(useful), is_useful);
    keys["routes"] = std::move(useful);
    transport.keys = keys.dump();
  }
  return transports;
}

void write_tokens(Writer& writer, const YamlNode& tokens, const Path& path) {
  writer.begin_list();
  for (const YamlEntry& entry : tokens.entries) writer.token(entry.value, entry.key_place, path / entry.key);
  for (std::size_t i = 0; i < tokens.items.size(); ++i)
    writer.token(tokens.items[i], tokens.items[i].place, path[i]);
  writer.end_list();
}

void write_access(Writer& writer, const YamlNode& access) {
  const Path path = Path() / "access";
  if (access.kind != YamlNode::Kind::map) return writer.plain(access, path);
  writer.begin_map();
  for (const YamlEntry& entry : access.entries) {
    writer.key(entry.key);
    if (entry.key == "tokens")
      write_tokens(writer, entry.value, path / "tokens");
    else
      writer.plain(entry.value, path / entry.key);
  }
  writer.end_map();
}

std::string title(const Document& document) {
  const auto& files = document.files();
  std::string text = "# The configuration in effect, of " + files.front().name();
  for (std::size_t i = 1; i < files.size(); ++i) text += (i == 1 ? " with " : ", ") + files[i].name();
  return text + "\n";
}

}  // namespace

std::string effective_yaml(const Document& document, const HostSections& host, const Instances& instances) {
  Json file = Json::parse(host.keys);
  file["server"]["publish"] = host.server.publish.empty() ? "off" : host.server.publish;
  Writer writer(document);
  writer.begin_map();
  for (const auto& [key, schema] : file_schema()["properties"].items()) {
    if (key == "include" || !file.contains(key)) continue;
    writer.key(key);
    if (key == "sources")
      write_instances(writer, SC_KIND_SOURCE, instances.sources);
    else if (key == "states")
      write_instances(writer, SC_KIND_STATE, instances.states);
    else if (key == "transports")
      write_instances(writer, SC_KIND_TRANSPORT, with_useful_routes(document, instances));
    else if (key == "access")
      write_access(writer, *document.root().find("access"));
    else
      writer.value(file[key], schema, file_schema(), Path() / key);
  }
  writer.end_map();
  return title(document) + writer.take();
}

}  // namespace statecast::host

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/loading/catalog.hpp"

namespace statecast::host {
namespace {

using nlohmann::json;

// A manifest that says what it must not; ends the reading of it. Caught by read_manifest.
struct Wrong {
  std::string text;
};

[[noreturn]] void wrong(const std::string& where, const std::string& what) { throw Wrong{where + ": " + what}; }

std::string member_name(const std::string& where, const char* name) {
  return where.empty() ? name : where + "." + name;
}

// One object of the manifest, and the name by which errors call it: "topics[0]", empty for the manifest itself.
class Object {
 public:
  Object(const json& value, std::string where) : value_(value), where_(std::move(where)) {
    if (!value.is_object()) wrong(where_, "must be an object");
  }

  std::string name(const char* member) const { return member_name(where_, member); }
  bool has(const char* member) const { return value_.contains(member); }
  const json& at(const char* member) const { return value_.at(member); }

  std::string text(const char* member) const {
    if (!has(member)) wrong(name(member), "is missing");
    const json& value = at(member);
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
      wrong(name(member), "must be a string that is not empty");
    return value.get<std::string>();
  }

  std::string text_or_empty(const char* member) const { return has(member) ? text(member) : std::string(); }

  bool flag(const char* member) const {
    if (!has(member)) return false;
    if (!at(member).is_boolean()) wrong(name(member), "must be true or false");
    return at(member).get<bool>();
  }

  // Calls `each(element, its name)`; an array that is absent is empty.
  template <class Each>
  void array(const char* member, Each&& each) const {
    if (!has(member)) return;
    if (!at(member).is_array()) wrong(name(member), "must be an array");
    std::size_t i = 0;
    for (const json& element : at(member)) each(element, name(member) + "[" + std::to_string(i++) + "]");
  }

 private:
  const json& value_;
  std::string where_;
};

std::string read_settings(const Object& root) {
  if (!root.has("settings")) return "{}";
  const Object schema(root.at("settings"), "settings");
  if (schema.has("properties")) Object(schema.at("properties"), "settings.properties");
  return root.at("settings").dump();
}

Manifest::Consumes read_consumes(const Object& object) {
  Manifest::Consumes consumes{object.text("type"), object.text("key")};
  if (consumes.type != kEveryType && consumes.type.find('*') != std::string::npos) {
    wrong(object.name("type"), "must be one type, or '*' alone for every type, is '" + consumes.type + "'");
  }
  if (consumes.key != "/subject" && consumes.key != "/data" && !consumes.key.starts_with("/data/")) {
    wrong(object.name("key"), "must be '/subject' or begin with '/data', is '" + consumes.key + "'");
  }
  return consumes;
}

bool is_legal_prefix(std::string_view prefix) {
  return std::ranges::all_of(
      prefix, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

void read_spans(const Object& object, Manifest::Topic& topic) {
  if (object.has("spans") && object.at("spans").is_boolean()) {
    topic.spans_all = object.at("spans").get<bool>();
    return;
  }
  object.array("spans", [&](const json& name, const std::string& where) {
    if (!name.is_string()) wrong(where, "must be a string");
    topic.spans.push_back(name.get<std::string>());
  });
}

Manifest::Topic read_topic(const Object& object) {
  Manifest::Topic topic;
  topic.prefix = object.text("prefix");
  if (!is_legal_prefix(topic.prefix))
    wrong(object.name("prefix"), "must be of a-z, 0-9, '-' and '_', is '" + topic.prefix + "'");
  const std::string kind = object.text("kind");
  if (kind != "updated" && kind != "appended")
    wrong(object.name("kind"), "must be 'updated' or 'appended', is '" + kind + "'");
  topic.appended = kind == "appended";
  read_spans(object, topic);
  return topic;
}

void read_state(const Object& root, Manifest& manifest) {
  root.array("consumes", [&](const json& element, const std::string& where) {
    Manifest::Consumes consumes = read_consumes(Object(element, where));
    const auto same = [&](const Manifest::Consumes& other) { return other.type == consumes.type; };
    if (std::ranges::any_of(manifest.consumes, same)) wrong(where + ".type", "'" + consumes.type + "' is there twice");
    manifest.consumes.push_back(std::move(consumes));
  });
  root.array("topics", [&](const json& element, const std::string& where) {
    Manifest::Topic topic = read_topic(Object(element, where));
    const auto same = [&](const Manifest::Topic& other) { return other.prefix == topic.prefix; };
    if (std::ranges::any_of(manifest.topics, same)) wrong(where + ".prefix", "'" + topic.prefix + "' is there twice");
    manifest.topics.push_back(std::move(topic));
  });
  if (manifest.topics.empty()) wrong("topics", "a state must offer at least one topic");
  manifest.partitionable = root.flag("partitionable");
}

Manifest::Encoding read_encoding(const Object& object, std::size_t number, std::size_t count) {
  Manifest::Encoding encoding{object.text("name"), static_cast<std::uint32_t>(number)};
  if (!object.has("bare")) return encoding;
  const json& bare = object.at("bare");
  if (!bare.is_number_unsigned() || bare.get<std::uint64_t>() >= count)
    wrong(object.name("bare"), "must be the number of an encoding");
  encoding.bare = bare.get<std::uint32_t>();
  return encoding;
}

Manifest::Route read_route(const Object& object) {
  Manifest::Route route{object.text("path"), object.text_or_empty("topic")};
  if (!route.path.starts_with('/')) wrong(object.name("path"), "must begin with '/', is '" + route.path + "'");
  return route;
}

void read_transport(const Object& root, Manifest& manifest) {
  root.array("encodings", [&](const json& element, const std::string& where) {
    manifest.encodings.push_back(
        read_encoding(Object(element, where), manifest.encodings.size(), root.at("encodings").size()));
  });
  if (manifest.encodings.empty()) wrong("encodings", "a transport must have at least one encoding");
  root.array("routes", [&](const json& element, const std::string& where) {
    manifest.routes.push_back(read_route(Object(element, where)));
  });
  manifest.upgrade = root.text_or_empty("upgrade");
  manifest.heartbeat_answered = root.flag("heartbeat_answered");
}

void read_source(const Object& root, Manifest& manifest) {
  manifest.appends = root.flag("appends");
  manifest.exclusive = root.flag("exclusive");
  manifest.feeds = root.flag("feeds");
  if (manifest.exclusive && !manifest.appends) wrong("exclusive", "belongs to a source that takes events ('appends')");
  if (manifest.appends && manifest.feeds) wrong("feeds", "a source that takes events ('appends') keeps them itself");
}

// Members that this host does not know are let through: a newer plugin may say more. One of another kind is a mistake.
void refuse_members_of_other_kinds(const Object& root, std::uint32_t kind) {
  constexpr struct {
    const char* member;
    std::uint32_t kind;
  } kOwners[] = {{"consumes", SC_KIND_STATE},
                 {"topics", SC_KIND_STATE},
                 {"partitionable", SC_KIND_STATE},
                 {"encodings", SC_KIND_TRANSPORT},
                 {"routes", SC_KIND_TRANSPORT},
                 {"upgrade", SC_KIND_TRANSPORT},
                 {"heartbeat_answered", SC_KIND_TRANSPORT},
                 {"appends", SC_KIND_SOURCE},
                 {"exclusive", SC_KIND_SOURCE},
                 {"feeds", SC_KIND_SOURCE}};
  for (const auto& [member, owner] : kOwners) {
    if (owner == kind || !root.has(member)) continue;
    wrong(member, "belongs to a " + std::string(kind_name(owner)) + ", this is a " + std::string(kind_name(kind)));
  }
}

Manifest read(std::uint32_t kind, const json& value) {
  if (!value.is_object()) throw Wrong{"must be a JSON object"};
  const Object root(value, "");
  refuse_members_of_other_kinds(root, kind);
  Manifest manifest;
  manifest.settings_schema = read_settings(root);
  if (kind == SC_KIND_STATE) read_state(root, manifest);
  if (kind == SC_KIND_TRANSPORT) read_transport(root, manifest);
  if (kind == SC_KIND_SOURCE) read_source(root, manifest);
  return manifest;
}

}  // namespace

Result<Manifest> read_manifest(std::uint32_t kind, std::string_view text) {
  const auto refused = [](const std::string& what) {
    return Error{"manifest: " + what, "install a corrected build of the plugin"};
  };
  try {
    return read(kind, json::parse(text));
  } catch (const Wrong& found) {
    return refused(found.text);
  } catch (const json::parse_error& error) {
    return refused("not JSON, from byte " + std::to_string(error.byte));
  }
}

}  // namespace statecast::host

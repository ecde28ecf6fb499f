#include "host/streaming/file_identity.hpp"

#include <xxhash.h>

#include <cstdio>
#include <nlohmann/json.hpp>

namespace statecast::host {

namespace {

using Json = nlohmann::json;

// 16 hexadecimal digits.
std::string fingerprint(std::string_view text) {
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(XXH3_64bits(text.data(), text.size())));
  return out;
}

std::string value_of(const FileIdentity& identity, const std::string& fact) {
  const auto found = identity.find(fact);
  return found == identity.end() ? "" : found->second;
}

std::string quoted(const std::string& text) { return "'" + text + "'"; }

std::string sentence(const std::string& fact, const std::string& saved, const std::string& now) {
  const std::string history = kHistoryFact, setting = kSettingFact;
  if (fact == kPluginFact) return "it is of plugin " + quoted(saved) + ", not " + quoted(now);
  if (fact == kPartitionFact) return "it is of partition " + saved + ", not " + now;
  if (fact == kSourcesFact) return "it is of other sources (" + saved + ", not " + now + ")";
  if (fact.starts_with(history)) return "source " + quoted(fact.substr(history.size())) + " has another history now";
  if (fact.starts_with(setting)) return "the setting " + quoted(fact.substr(setting.size())) + " was another";
  return "its " + fact + " is " + quoted(saved) + ", not " + quoted(now);
}

}  // namespace

std::string difference(const FileIdentity& saved, const FileIdentity& now) {
  FileIdentity all = saved;
  all.insert(now.begin(), now.end());
  // Another plugin has other settings, and other sources other histories: those say no more.
  for (const char* first : {kPluginFact, kSourcesFact})
    if (value_of(saved, first) != value_of(now, first)) return sentence(first, value_of(saved, first), value_of(now, first));
  std::string out;
  for (const auto& [fact, ignored] : all) {
    const std::string was = value_of(saved, fact), is = value_of(now, fact);
    if (was != is) out += (out.empty() ? "" : ", and ") + sentence(fact, was, is);
  }
  return out;
}

std::string ending_of(const FileIdentity& identity) {
  std::string text;
  for (const auto& [fact, value] : identity) text += fact + '\0' + value + '\0';
  return value_of(identity, kPluginFact) + "-" + fingerprint(text);
}

void add_settings(FileIdentity& identity, std::string_view settings, std::string_view schema) {
  const Json properties = Json::parse(schema).value("properties", Json::object());
  const Json given = Json::parse(settings);
  for (const auto& [name, value] : given.items()) {
    const Json declared = properties.value(name, Json::object());
    const bool shapes = !declared.is_object() || declared.value("shapes_saved", true);
    const bool usual = declared.is_object() && declared.contains("default") && declared["default"] == value;
    if (shapes && !usual) identity[kSettingFact + name] = fingerprint(value.dump());
  }
}

}  // namespace statecast::host

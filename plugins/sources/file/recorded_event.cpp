#include "plugins/sources/file/recorded_event.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <nlohmann/json.hpp>
#include <statecast/repeated_member.hpp>
#include <statecast/rfc3339.hpp>
#include <statecast/shown_text.hpp>

namespace statecast::file {
namespace {

using nlohmann::json;

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string shown(std::string_view text) { return in_quotes(shortened(text, 60)); }

json parse(std::string_view line) {
  if (line.starts_with("\xef\xbb\xbf")) throw BadLine("it begins with a byte order mark: save the file without one");
  if (nested_deeper_than(line, kDeepestDocument)) throw BadLine("it is nested more than " + std::to_string(kDeepestDocument) + " deep");
  if (line.find('\0') != line.npos) throw BadLine("it contains a NUL byte");
  try {
    json object = json::parse(line);
    if (!object.is_object()) throw BadLine("it is no JSON object but " + std::string(object.type_name()));
    if (const auto twice = repeated_member(line)) throw BadLine("its member " + shown(*twice) + " is there twice");
    return object;
  } catch (const json::parse_error& error) {
    throw BadLine("it is no JSON, from byte " + std::to_string(error.byte) + ": " + shown(line));
  } catch (const json::out_of_range&) {
    throw BadLine("it has a number that is too large to be represented");
  }
}

// Empty when absent; null means absent (CloudEvents 1.0, JSON format 2.2).
std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  if (!found->is_string()) throw BadLine(in_quotes(name) + " must be a string");
  return found->get<std::string>();
}

std::string checked(const json& object, const char* name, std::size_t longest) {
  std::string text = text_of(object, name);
  if (text.size() > longest) throw BadLine(in_quotes(name) + " is longer than " + std::to_string(longest) + " bytes");
  if (has_control(text)) throw BadLine(in_quotes(name) + " contains a control character");
  return text;
}

std::string required(const json& object, const char* name, std::size_t longest) {
  std::string text = checked(object, name, longest);
  if (text.empty()) throw BadLine(in_quotes(name) + " is missing");
  return text;
}

void check_version(const json& object) {
  const std::string version = text_of(object, "specversion");
  if (version.empty())
    throw BadLine("'specversion' is missing: each line is a CloudEvent with \"specversion\":\"1.0\"");
  if (version != "1.0") throw BadLine("'specversion' is " + shown(version) + ": only 1.0 is known");
}

void check_data(const json& object) {
  if (object.contains("data_base64")) throw BadLine("'data_base64' is not taken: data must be JSON, in 'data'");
  const std::string type = text_of(object, "datacontenttype");
  const std::string_view media = std::string_view(type).substr(0, type.find(';'));
  if (!type.empty() && media != "application/json" && media != "text/json" && !media.ends_with("+json"))
    throw BadLine("'datacontenttype' is " + shown(type) + ": data must be JSON");
}

std::int64_t time_of(const json& object, std::int64_t now_us) {
  const std::string text = text_of(object, "time");
  if (text.empty()) return now_us;
  if (const auto us = parse_rfc3339(text)) return *us;
  throw BadLine("'time' is " + shown(text) + ", not a time like 2023-12-20T14:35:00.000Z");
}

bool is_extension(std::string_view name) {
  constexpr std::string_view kOther[] = {"specversion", "id",   "source",          "type",
                                         "subject",     "time", "datacontenttype", "data"};
  return std::ranges::find(kOther, name) == std::end(kOther);
}

// CloudEvents 1.0 3.1: names are of lower-case letters and digits, values are no structures.
void check_extension(const std::string& name, const json& value) {
  const bool named = !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
  if (!named) throw BadLine(shown(name) + " is no name of an attribute: those are of a-z and 0-9, at most 64");
  if (!value.is_string() && !value.is_boolean() && !value.is_number_integer())
    throw BadLine("the attribute " + in_quotes(name) + " must be a string, an integer or a boolean");
}

// In the order of the line.
std::string extensions_of(const json& object, std::string_view line) {
  nlohmann::ordered_json extensions = nlohmann::ordered_json::object();
  WrittenMembers members(line);
  for (std::string_view written, ignored; members.next(written, ignored);) {
    const std::string name = unescaped(written);
    const json& value = object.at(name);
    if (!is_extension(name) || value.is_null()) continue;
    check_extension(name, value);
    extensions.push_back({name, value});
  }
  return extensions.dump();
}

std::string data_of(std::string_view line) {
  const std::string_view data = written_member(line, "data").value_or("null");
  if (nested_deeper_than(data, kDeepestData)) throw BadLine("its data are nested more than " + std::to_string(kDeepestData) + " deep");
  return std::string(data);
}

}  // namespace

RecordedEvent RecordedEvent::read(std::string_view line, std::int64_t now_us) {
  const json object = parse(line);
  check_version(object);
  check_data(object);
  RecordedEvent event;
  event.id = required(object, "id", 256);
  event.source = required(object, "source", 1024);
  if (!boost::urls::parse_uri_reference(event.source))
    throw BadLine("'source' is no URI reference: " + shown(event.source));
  event.type = required(object, "type", 256);
  event.subject = checked(object, "subject", 256);
  event.time_us = time_of(object, now_us);
  event.extensions = extensions_of(object, line);
  event.data = data_of(line);
  return event;
}

}  // namespace statecast::file

#include "host/serving/envelope.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>

#include "host/serving/cloud_events.hpp"
#include "host/serving/quick_envelope.hpp"
#include "host/streaming/json.hpp"
#include "plugin-api/include/statecast/repeated_member.hpp"
#include "plugin-api/include/statecast/shown_text.hpp"

namespace statecast::host {

namespace {

using nlohmann::json;

std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  // Cannot fail for so few bytes once the kernel's pool is ready (getrandom(2)).
  [[maybe_unused]] const auto n = ::getrandom(bytes.data(), bytes.size(), 0);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const auto byte : bytes) out.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return out;
}

void check_text(std::string_view name, std::string_view value, std::size_t longest) {
  if (value.size() > longest) throw Refusal{in_quotes(name) + " is longer than " + std::to_string(longest) + " bytes"};
  if (has_control(value)) throw Refusal{in_quotes(name) + " contains a control character"};
}

// Most events are from where the one before them was.
void check_source(const std::string& source) {
  static thread_local std::string last_right;
  if (source == last_right) return;
  if (!boost::urls::parse_uri_reference(source)) throw Refusal{"'source' is not a URI reference: " + excerpt(source)};
  last_right = source;
}

void check_extension(std::string_view name, const json& value) {
  if (!is_extension_name(name)) throw Refusal{"'" + excerpt(name) + "' is no attribute name: extension attributes are a-z and 0-9 (CloudEvents 1.0 3.1)"};
  if (!value.is_string() && !value.is_boolean() && !value.is_number_integer())
    throw Refusal{"the attribute " + in_quotes(name) + " must be a string, an integer or a boolean; put structured values into 'data'"};
}

void set_time(Envelope& event, std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (!time) throw Refusal{"'time' is not an RFC 3339 timestamp like 2023-12-20T14:35:00.000Z: " + excerpt(text)};
  event.time_us = *time;
}

void check_content_type(std::string_view type) {
  const bool is_json = type == "application/json" || type.starts_with("application/json;") || type.starts_with("text/json") ||
                       type.substr(0, type.find(';')).ends_with("+json");
  if (!is_json) throw Refusal{"'datacontenttype' is " + in_quotes(excerpt(type)) + ": data must be JSON", 415};
}

void require(std::initializer_list<std::pair<const char*, const std::string*>> fields) {
  for (const auto& [name, value] : fields)
    if (value->empty()) throw Refusal{in_quotes(name) + " is missing"};
}

void fill_in(Envelope& event, const Defaults& defaults) {
  require({{"type", &event.type}});
  if (event.id.empty()) event.id = defaults.id.empty() ? random_id() : std::string(defaults.id);
  if (event.source.empty()) event.source = kDefaultEventSource;
}

void complete(Envelope& event, const Defaults& defaults) {
  if (event.versioned) require({{"id", &event.id}, {"source", &event.source}, {"type", &event.type}});
  else if (defaults.short_form) fill_in(event, defaults);
  else throw Refusal{"'specversion' is missing: an event of this media type is a CloudEvent, with \"specversion\":\"1.0\""};
  check(event);
}

}  // namespace

std::string in_quotes(std::string_view name) { return "'" + std::string(name) + "'"; }

void check(const Envelope& event) {
  check_text("id", event.id, 256);
  check_text("source", event.source, 1024);
  check_text("type", event.type, 256);
  check_text("subject", event.subject, 256);
  check_source(event.source);
}

void set_attribute(Envelope& event, const std::string& name, const json& value) {
  if (name == "data_base64") throw Refusal{"'data_base64' is not taken: data must be JSON, in 'data'", 415};
  const bool core = name == "id" || name == "source" || name == "type" || name == "subject" || name == "time" ||
                    name == "datacontenttype" || name == "dataschema" || name == "specversion";
  if (value.is_null()) return;  // CloudEvents JSON format 2.2: null means absent
  if (core && !value.is_string()) throw Refusal{in_quotes(name) + " must be a string"};
  if (name == "id") event.id = value;
  else if (name == "source") event.source = value;
  else if (name == "type") event.type = value;
  else if (name == "subject") event.subject = value;
  else if (name == "time") set_time(event, value.get_ref<const std::string&>());
  else if (name == "datacontenttype") check_content_type(value.get_ref<const std::string&>());
  else if (name == "specversion") {
    if (value != "1.0") throw Refusal{"'specversion' is '" + excerpt(value.get_ref<const std::string&>()) + "': this host takes CloudEvents 1.0"};
  } else {
    if (name != "dataschema") check_extension(name, value);
    add_extension(event, name, value.dump());
  }
}

void add_extension(Envelope& event, std::string_view name, std::string_view value) {
  event.extensions.append(event.extensions.empty() ? "\"" : ",\"").append(name).append("\":").append(value);
}

void check_members(std::string_view value, std::string_view name) {
  const auto twice = repeated_member(value);
  if (!twice) return;
  const std::string path = std::string(name) + (name.empty() || twice->starts_with('[') ? "" : ".") + *twice;
  throw Refusal{"the member " + in_quotes(excerpt(path)) + " is there twice: which of the two counts is not for us to say"};
}

void check_depth(std::string_view data) {
  if (nested_deeper_than(data, kDeepestData)) throw Refusal{"'data' is nested deeper than " + std::to_string(kDeepestData) + " levels"};
}

Envelope read_envelope(const json& object, std::string_view text, const Defaults& defaults) {
  if (!object.is_object()) throw Refusal{"an event is a JSON object; this is " + std::string(object.type_name())};
  Envelope event;
  event.time_us = defaults.now_us;
  event.versioned = object.contains("specversion");
  check_members(text, {});
  WrittenMembers members(text);
  for (std::string_view written, value; members.next(written, value);) {
    const std::string name = unescaped(written);
    if (name == "data") check_depth(event.data = value);
    else set_attribute(event, name, object.at(name));
  }
  complete(event, defaults);
  return event;
}

Envelope read_envelope(std::string_view text, const Defaults& defaults) {
  // One for each shard; it keeps its memory from event to event.
  static thread_local QuickEnvelope quick;
  auto event = quick.read(text, defaults.now_us);
  if (!event) return read_envelope(parse_document(text), text, defaults);
  complete(*event, defaults);
  return std::move(*event);
}

json parse_document(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) throw Refusal{"the request holds no event"};
  // Deeper documents than anybody writes would overflow the stack of whoever walks them.
  if (nested_deeper_than(text, kDeepestDocument)) throw Refusal{"nested deeper than " + std::to_string(kDeepestDocument) + " levels"};
  // The parser would skip it, and what is cut from the text as it was written would not fit what was parsed.
  if (text.starts_with("\xef\xbb\xbf")) throw Refusal{"the JSON begins with a byte order mark: leave it out (RFC 8259 8.1)"};
  // It would take what follows for the end, which the original text is not.
  if (text.find('\0') != text.npos) throw Refusal{"the JSON contains a NUL byte"};
  try {
    return json::parse(text);
  } catch (const json::out_of_range& error) {
    throw Refusal{"a number is too large to be represented: " + excerpt(text)};
  } catch (const json::parse_error& error) {
    throw Refusal{"not valid JSON at byte " + std::to_string(error.byte) + ": " + excerpt(text)};
  }
}

}  // namespace statecast::host

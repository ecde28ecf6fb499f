#include "host/ops/log_line.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "plugin-api/include/statecast/shown_text.hpp"

namespace statecast::host::log {
namespace {

// On one line: a line break from outside must not forge a line of the log.
std::string text_payload(const Line& line) {
  std::string text = line.component + ": " + as_one_line(line.text);
  for (const auto& [name, value] : line.fields) text += "   = " + name + ": " + as_one_line(value);
  return text;
}

// nlohmann escapes what could end the line, and replaces what is no UTF-8.
std::string json_payload(const Line& line) {
  nlohmann::ordered_json json{{"component", line.component}, {"message", line.text}};
  for (const auto& [name, value] : line.fields) json[name] = value;
  return escape_unseen(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)).substr(1);
}

// Of the journal's field names only the project's own are made here, with the prefix that keeps them apart.
std::string journal_name(std::string_view name) {
  std::string upper = "STATECAST_" + std::string(name);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

void add_field(std::string& payload, std::string_view name, std::string_view text) {
  std::string value = escape_unseen(text);
  std::ranges::replace(value, '\0', ' ');
  payload.append(name).append("=").append(value) += '\0';
}

std::string journal_payload(const Line& line) {
  std::string payload;
  add_field(payload, "MESSAGE", line.text);
  add_field(payload, "STATECAST_COMPONENT", line.component);
  for (const auto& [name, value] : line.fields) add_field(payload, journal_name(name), value);
  return payload;
}

}  // namespace

const char* pattern_of(Format format) {
  if (format == Format::kJson) return R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v)";
  return format == Format::kText ? "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v" : "%v";
}

std::string payload(Format format, const Line& line) {
  if (format == Format::kJson) return json_payload(line);
  return format == Format::kText ? text_payload(line) : journal_payload(line);
}

std::vector<std::string_view> journal_fields(std::string_view payload) {
  std::vector<std::string_view> fields;
  for (std::size_t end = payload.find('\0'); end != std::string_view::npos; end = payload.find('\0')) {
    fields.push_back(payload.substr(0, end));
    payload.remove_prefix(end + 1);
  }
  return fields;
}

}  // namespace statecast::host::log

#include "host/streaming/json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/streaming/quick_parser.hpp"
#include "plugin-api/include/statecast/plain_json.hpp"
#include "plugin-api/include/statecast/shown_text.hpp"

namespace statecast::host {

using nlohmann::json;

bool is_json(std::string_view text) { return json::accept(text); }

namespace {

// Most messages; of the others it says nothing.
bool is_plain_object(std::string_view text) {
  PlainJson json(text);
  std::string_view ignored;
  return json.next() == '{' && json.take_value(ignored) && json.ends();
}

}  // namespace

bool is_json_object(std::string_view text) {
  if (is_plain_object(text)) return true;
  thread_local QuickParser quick;
  simdjson::dom::object members;
  if (quick.parse_object(text, members)) return true;
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && text[first] == '{' && json::accept(text);
}

std::string json_quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json_quoted(out, text);
  return out;
}

void append_json_quoted(std::string& out, std::string_view text) {
  // Ids and names, which is nearly everything that is quoted here.
  const bool plain = std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  if (plain) out.append(1, '"').append(text).append(1, '"');
  else out += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<std::string> json_text_at(std::string_view text, std::string_view pointer) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return std::nullopt;
  try {
    const json::json_pointer at{std::string(pointer)};
    if (!document.contains(at)) return std::nullopt;
    const json& value = document[at];
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number()) return value.dump();
  } catch (const json::exception&) {
    // A pointer that is none, from a plugin's manifest: it finds nothing.
  }
  return std::nullopt;
}

std::string excerpt(std::string_view text) {
  return shortened(text, 80);
}

}  // namespace statecast::host

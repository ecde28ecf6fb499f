#include "host/cli/message_text.hpp"

#include <nlohmann/json.hpp>

#include "plugin-api/include/statecast/shown_text.hpp"

namespace statecast::host {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t kValueAtMost = 60;
constexpr const char *kDim = "2", *kBold = "1", *kCyan = "36";

std::string harmless(std::string_view text) { return as_one_line(text); }

// Not within a character.
std::string cut(std::string text) {
  if (text.size() <= kValueAtMost) return text;
  text.resize(kValueAtMost);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.pop_back();
  return text + "...";
}

std::string text_of(const ordered_json& value) { return harmless(value.dump(-1, ' ', false, ordered_json::error_handler_t::replace)); }

std::string shown(const ordered_json& value) { return cut(text_of(value)); }

// A text without its quotes.
std::string plain(const ordered_json& value) {
  const std::string text = text_of(value);
  return cut(value.is_string() ? text.substr(1, text.size() - 2) : text);
}

struct Entity {
  std::string text;    // "order o-17"
  std::string member;  // that names it: "orderId"; empty = none does
};

// "order_update" goes with "orderId".
std::string member_of_entity(const ordered_json& message, const std::string& kind) {
  for (const std::string& name : {kind + "Id", std::string("node")})
    if (message.contains(name)) return name;
  std::string first;
  for (const auto& [name, value] : message.items()) {
    if (!value.is_string() || name == "type" || name == "status" || name == "timestamp") continue;
    if (name.ends_with("Id")) return name;
    if (first.empty()) first = name;
  }
  return first;
}

Entity entity_in(const ordered_json& message) {
  const std::string type = message.contains("type") && message["type"].is_string() ? message["type"].get<std::string>() : "message";
  const std::string kind = type.substr(0, type.find('_')), member = member_of_entity(message, kind);
  return {harmless(kind) + (member.empty() ? std::string() : " " + plain(message[member])), member};
}

void flatten(const ordered_json& value, const std::string& path, std::map<std::string, std::string>& out) {
  if (!value.is_object() || value.empty()) {
    out[path] = shown(value);
    return;
  }
  for (const auto& [name, member] : value.items()) flatten(member, path.empty() ? harmless(name) : path + "." + harmless(name), out);
}

}  // namespace

std::string MessageText::line(std::string_view text, std::string_view time) {
  const auto message = ordered_json::parse(text, nullptr, false);
  if (!message.is_object()) return paint(kDim, time) + "  " + shown(text);
  const Entity entity = entity_in(message);
  const bool wrapped = message.contains("data") && message["data"].is_object();
  const ordered_json& body = wrapped ? message["data"] : message;
  std::string out = paint(kDim, time) + "  " + paint(kCyan, entity.text);
  Fields fields;
  for (const auto& [name, value] : body.items()) {
    const bool known = name == "status" || (!wrapped && (name == "type" || name == entity.member));
    if (!known) flatten(value, harmless(name), fields);
  }
  if (body.contains("status")) out += "  " + paint(kBold, plain(body["status"]));
  return out + changes(entity.text, fields);
}

std::string MessageText::changes(const std::string& entity, const Fields& fields) {
  const auto [known, first] = last_.try_emplace(entity);
  std::string out;
  for (const auto& [name, value] : fields) {
    const auto before = known->second.find(name);
    if (before == known->second.end() || before->second != value) out += " " + paint(kDim, name + "=") + value;
  }
  for (const auto& [name, value] : known->second)
    if (!fields.contains(name)) out += " " + paint(kDim, "-" + name);
  known->second = fields;
  if (first) order_.push_back(entity);
  if (order_.size() > kEntitiesAtMost) {
    last_.erase(order_.front());
    order_.pop_front();
  }
  return out.empty() ? out : " " + out;
}

std::string MessageText::paint(const char* code, std::string_view text) const {
  return color_ ? "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m" : std::string(text);
}

}  // namespace statecast::host

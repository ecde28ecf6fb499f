#include "host/serving/quick_envelope.hpp"

#include <algorithm>
#include <array>

#include "host/serving/cloud_events.hpp"
#include "host/serving/raw_json.hpp"
#include "host/streaming/quick_parser.hpp"

namespace statecast::host {

namespace {

namespace sj = simdjson::dom;

enum Attribute : std::size_t { kData, kId, kSource, kType, kSubject, kTime, kContentType, kVersion };
constexpr std::array<std::string_view, 8> kAttributes{"data", "id", "source", "type", "subject", "time", "datacontenttype", "specversion"};

bool set_time(Envelope& event, std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (time) event.time_us = *time;
  return time.has_value();
}

bool set_text(Envelope& event, std::size_t attribute, std::string_view text) {
  switch (attribute) {
    case kId: return event.id = text, true;
    case kSource: return event.source = text, true;
    case kType: return event.type = text, true;
    case kSubject: return event.subject = text, true;
    case kTime: return set_time(event, text);
    case kContentType: return text == "application/json";
    default: return event.versioned = text == "1.0";
  }
}

bool set_extension(Envelope& event, std::string_view name, std::string_view text) {
  if (!is_extension_name(name) || event.extensions.contains(name)) return false;
  event.extensions[std::string(name)] = text;
  return true;
}

// `seen`: of the attributes that there may be once, a bit each.
bool take(Envelope& event, unsigned& seen, std::string_view whole, std::string_view name, const sj::element& value) {
  const auto attribute = static_cast<std::size_t>(std::ranges::find(kAttributes, name) - kAttributes.begin());
  const bool again = (seen & 1u << attribute) != 0;
  if (attribute < kAttributes.size()) seen |= 1u << attribute;
  if (attribute == kData) {
    event.data = raw_member(whole, name);
    return !again && !event.data.empty();
  }
  std::string_view text;
  if (again || value.get(text)) return false;
  return attribute < kAttributes.size() ? set_text(event, attribute, text) : set_extension(event, name, text);
}

}  // namespace

bool is_extension_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

QuickEnvelope::QuickEnvelope() : parser_(std::make_unique<QuickParser>()) {}
QuickEnvelope::~QuickEnvelope() = default;

std::optional<Envelope> QuickEnvelope::read(std::string_view text, std::int64_t now_us) {
  sj::object members;
  if (!parser_->parse_object(text, members)) return std::nullopt;
  Envelope event;
  event.time_us = now_us;
  unsigned seen = 0;
  for (const auto member : members)
    if (!take(event, seen, text, member.key, member.value)) return std::nullopt;
  return event;
}

}  // namespace statecast::host

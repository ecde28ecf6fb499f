#include "host/serving/quick_envelope.hpp"

#include <algorithm>
#include <array>

#include "host/serving/cloud_events.hpp"
#include "host/streaming/json.hpp"
#include "host/streaming/quick_parser.hpp"
#include "plugin-api/include/statecast/plain_json.hpp"
#include "plugin-api/include/statecast/repeated_member.hpp"

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

// Members, each of which there may be once. take_data() gives the value as it is written, take_text() what it says; false = it is
// not for this way.
class Members {
 public:
  explicit Members(Envelope& event) : event_(event) {}

  template <class TakeData, class TakeText>
  bool take(std::string_view name, TakeData&& take_data, TakeText&& take_text) {
    const auto attribute = static_cast<std::size_t>(std::ranges::find(kAttributes, name) - kAttributes.begin());
    const bool again = (seen_ & 1u << attribute) != 0;
    if (attribute < kAttributes.size()) seen_ |= 1u << attribute;
    std::string_view written;
    if (again || !(attribute == kData ? take_data(written) : take_text(written))) return false;
    if (attribute == kData) return event_.data = written, true;
    return attribute < kAttributes.size() ? set_text(event_, attribute, written) : set_extension(name, written);
  }

 private:
  bool set_extension(std::string_view name, std::string_view text) {
    if (!is_extension_name(name) || !extensions_.add(name)) return false;
    add_extension(event_, name, json_quote(text));
    return true;
  }

  Envelope& event_;
  unsigned seen_ = 0;  // a bit for each attribute
  MemberNames extensions_;
};

bool read_plain(std::string_view text, Envelope& event) {
  PlainJson json(text);
  Members members(event);
  return json.take_members([&](std::string_view name, PlainJson& value) {
    return members.take(
        name, [&](std::string_view& data) { return value.take_value(data); }, [&](std::string_view& content) { return value.take_text(content); });
  }) && json.ends();
}

bool read_any(std::string_view text, QuickParser& parser, Envelope& event) {
  sj::object object;
  if (!parser.parse_object(text, object)) return false;
  Members members(event);
  return std::ranges::all_of(object, [&](const auto& member) {
    return members.take(
        member.key,
        [&](std::string_view& data) {
          data = written_member(text, member.key).value_or(std::string_view());
          return !data.empty() && !repeated_member(data);
        },
        [&](std::string_view& content) { return member.value.get(content) == simdjson::SUCCESS; });
  });
}

}  // namespace

bool is_extension_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

QuickEnvelope::QuickEnvelope() : parser_(std::make_unique<QuickParser>()) {}
QuickEnvelope::~QuickEnvelope() = default;

std::optional<Envelope> QuickEnvelope::read(std::string_view text, std::int64_t now_us) {
  Envelope event;
  event.time_us = now_us;
  if (read_plain(text, event)) return event;
  event = {};
  event.time_us = now_us;
  if (read_any(text, *parser_, event)) return event;
  return std::nullopt;
}

}  // namespace statecast::host

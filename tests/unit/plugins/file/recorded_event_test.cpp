#include "plugins/sources/file/recorded_event.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace statecast::file {
namespace {

using nlohmann::json;

json envelope() { return {{"specversion", "1.0"}, {"id", "a"}, {"source", "/s"}, {"type", "A"}}; }

RecordedEvent read(const json& event) { return RecordedEvent::read(event.dump(), 5); }

// Why a line is refused; empty when it is not.
std::string refusal(const std::string& line) {
  try {
    RecordedEvent::read(line, 0);
  } catch (const BadLine& bad) {
    return bad.what();
  }
  return "";
}
std::string refusal_with(const char* name, const json& value) {
  json event = envelope();
  event[name] = value;
  return refusal(event.dump());
}
std::string refusal_without(const char* name) {
  json event = envelope();
  event.erase(name);
  return refusal(event.dump());
}

TEST(RecordedEvent, NeedsNoMoreThanTheRequiredAttributes) {
  const RecordedEvent event = read(envelope());
  EXPECT_EQ(event.subject, "");
  EXPECT_EQ(event.data, "null");
  EXPECT_EQ(event.extensions, "{}");
  EXPECT_EQ(event.time_us, 5);
}

TEST(RecordedEvent, TakesNullForAbsent) {
  json event = envelope();
  for (const char* name : {"subject", "time", "datacontenttype", "traceparent", "data"}) event[name] = nullptr;
  EXPECT_EQ(read(event).extensions, "{}");
  EXPECT_EQ(read(event).data, "null");
}

TEST(RecordedEvent, KeepsOtherAttributes) {
  json event = envelope();
  event.update({{"traceparent", "00-1"}, {"priority", 3}, {"test", true}, {"dataschema", "/schema"}});
  EXPECT_EQ(read(event).extensions, R"({"dataschema":"/schema","priority":3,"test":true,"traceparent":"00-1"})");
}

TEST(RecordedEvent, FindsItsDataAlsoUnderANameWithEscapes) {
  const auto event = RecordedEvent::read(
      R"({"specversion":"1.0","id":"a","source":"/s","type":"A","d\u0061ta":{"n":1}})", 0);
  EXPECT_EQ(event.data, R"({"n":1})");
}

TEST(RecordedEvent, IsAJsonObject) {
  EXPECT_EQ(refusal("{\"id\":"), "it is no JSON, from byte 7: '{\"id\":'");
  EXPECT_EQ(refusal("[1]"), "it is no JSON object but array");
  EXPECT_EQ(refusal("{} {}"), "it is no JSON, from byte 4: '{} {}'");
  EXPECT_EQ(refusal("{\"id\":\"\xff\"}"), "it is no JSON, from byte 8: '{\"id\":\"\\ufffd\"}'");
  EXPECT_EQ(refusal("\xef\xbb\xbf{}"), "it begins with a byte order mark: save the file without one");
  EXPECT_EQ(refusal(std::string("{}\0", 3)), "it contains a NUL byte");
  EXPECT_EQ(refusal(R"({"data":1e999})"), "it has a number that is too large to be represented");
  EXPECT_EQ(refusal(std::string(67, '[')), "it is nested more than 66 deep");
}

TEST(RecordedEvent, IsACloudEvent) {
  EXPECT_EQ(refusal_without("specversion"),
            "'specversion' is missing: each line is a CloudEvent with \"specversion\":\"1.0\"");
  EXPECT_EQ(refusal_with("specversion", "0.3"), "'specversion' is '0.3': only 1.0 is known");
  for (const char* name : {"id", "source", "type"}) {
    EXPECT_EQ(refusal_without(name), "'" + std::string(name) + "' is missing");
    EXPECT_EQ(refusal_with(name, ""), "'" + std::string(name) + "' is missing");
    EXPECT_EQ(refusal_with(name, 7), "'" + std::string(name) + "' must be a string");
  }
}

TEST(RecordedEvent, HasAttributesWithinTheirBounds) {
  EXPECT_EQ(refusal_with("id", std::string(256, 'x')), "");
  EXPECT_EQ(refusal_with("id", std::string(257, 'x')), "'id' is longer than 256 bytes");
  EXPECT_EQ(refusal_with("source", std::string(1025, 'x')), "'source' is longer than 1024 bytes");
  EXPECT_EQ(refusal_with("type", std::string(257, 'x')), "'type' is longer than 256 bytes");
  EXPECT_EQ(refusal_with("subject", std::string(257, 'x')), "'subject' is longer than 256 bytes");
  EXPECT_EQ(refusal_with("subject", "a\nb"), "'subject' contains a control character");
  EXPECT_EQ(refusal_with("source", "not a uri"), "'source' is no URI reference: 'not a uri'");
}

TEST(RecordedEvent, HasATimeWithAZone) {
  EXPECT_EQ(refusal_with("time", "2023-12-20"), "'time' is '2023-12-20', not a time like 2023-12-20T14:35:00.000Z");
  EXPECT_EQ(refusal_with("time", 5), "'time' must be a string");
}

TEST(RecordedEvent, HasDataThatIsJson) {
  EXPECT_EQ(refusal_with("datacontenttype", "application/json; charset=utf-8"), "");
  EXPECT_EQ(refusal_with("datacontenttype", "application/vnd.shop+json"), "");
  EXPECT_EQ(refusal_with("datacontenttype", "text/xml"), "'datacontenttype' is 'text/xml': data must be JSON");
  EXPECT_EQ(refusal_with("data_base64", "AA=="), "'data_base64' is not taken: data must be JSON, in 'data'");
}

TEST(RecordedEvent, HasExtensionsThatCloudEventsAllow) {
  EXPECT_EQ(refusal_with("Trace", "x"), "'Trace' is no name of an attribute: those are of a-z and 0-9, at most 64");
  EXPECT_EQ(refusal_with("trace", json::object()),
            "the attribute 'trace' must be a string, an integer or a boolean");
  EXPECT_EQ(refusal_with("trace", 1.5), "the attribute 'trace' must be a string, an integer or a boolean");
}

}  // namespace
}  // namespace statecast::file

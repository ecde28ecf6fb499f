#include <gtest/gtest.h>

#include "host/loading/catalog.hpp"

using namespace statecast::host;

namespace {

Manifest manifest_of(std::uint32_t kind, std::string_view json) {
  auto manifest = read_manifest(kind, json);
  EXPECT_TRUE(manifest.has_value()) << manifest.error().text();
  return manifest ? *manifest : Manifest{};
}

std::string error_of(std::uint32_t kind, std::string_view json) {
  const auto manifest = read_manifest(kind, json);
  return manifest ? "" : manifest.error().what;
}

// Around what is wrong in one member of an otherwise legal state.
std::string state_error(const std::string& members) {
  return error_of(SC_KIND_STATE, R"({"topics":[{"prefix":"t","kind":"updated"}],)" + members + "}");
}
std::string topic_error(const std::string& topic) { return error_of(SC_KIND_STATE, R"({"topics":[)" + topic + "]}"); }
std::string transport_error(const std::string& members) {
  return error_of(SC_KIND_TRANSPORT, R"({"encodings":[{"name":"plain"}],)" + members + "}");
}
std::string encoding_error(const std::string& encoding) {
  return error_of(SC_KIND_TRANSPORT, R"({"encodings":[)" + encoding + "]}");
}

}  // namespace

TEST(ReadManifest, ReadsAState) {
  const Manifest m = manifest_of(SC_KIND_STATE, R"({
    "settings": {"properties": {"keep": {"type": "integer", "format": "duration"}}},
    "consumes": [{"type": "OrderCreated", "key": "/subject"}, {"type": "MenuItemUpdated", "key": "/data/merchantId"}],
    "topics": [{"prefix": "orders", "kind": "updated", "spans": ["all"]},
               {"prefix": "jobs", "kind": "appended", "spans": true}],
    "partitionable": true})");
  EXPECT_EQ(m.settings_schema, R"({"properties":{"keep":{"format":"duration","type":"integer"}}})");
  ASSERT_EQ(m.consumes.size(), 2u);
  EXPECT_EQ(m.consumes[1].type, "MenuItemUpdated");
  EXPECT_EQ(m.consumes[1].key, "/data/merchantId");
  ASSERT_EQ(m.topics.size(), 2u);
  EXPECT_FALSE(m.topics[0].appended);
  EXPECT_EQ(m.topics[0].spans, std::vector<std::string>{"all"});
  EXPECT_FALSE(m.topics[0].spans_all);
  EXPECT_TRUE(m.topics[1].appended);
  EXPECT_TRUE(m.topics[1].spans_all);
  EXPECT_TRUE(m.partitionable);
}

TEST(ReadManifest, ReadsATransport) {
  const Manifest m = manifest_of(SC_KIND_TRANSPORT, R"({
    "encodings": [{"name": "plain", "bare": 1}, {"name": "bare"}],
    "routes": [{"path": "/api/v1/realtime/orders/{id}/stream", "topic": "orders/{id}"}, {"path": "/api/v1/stream"}],
    "upgrade": "websocket", "heartbeat_answered": true})");
  ASSERT_EQ(m.encodings.size(), 2u);
  EXPECT_EQ(m.encodings[0].bare, 1u);
  EXPECT_EQ(m.encodings[1].bare, 1u);
  ASSERT_EQ(m.routes.size(), 2u);
  EXPECT_EQ(m.routes[0].topic, "orders/{id}");
  EXPECT_EQ(m.routes[1].topic, "");
  EXPECT_EQ(m.upgrade, "websocket");
  EXPECT_TRUE(m.heartbeat_answered);
}

TEST(ReadManifest, ReadsASource) {
  EXPECT_TRUE(manifest_of(SC_KIND_SOURCE, R"({"appends": true})").appends);
  EXPECT_FALSE(manifest_of(SC_KIND_SOURCE, R"({"appends": true})").exclusive);
  EXPECT_TRUE(manifest_of(SC_KIND_SOURCE, R"({"appends": true, "exclusive": true})").exclusive);
  EXPECT_TRUE(manifest_of(SC_KIND_SOURCE, R"({"feeds": true})").feeds);
  const Manifest empty = manifest_of(SC_KIND_SOURCE, "{}");
  EXPECT_FALSE(empty.appends);
  EXPECT_EQ(empty.settings_schema, "{}");
}

TEST(ReadManifest, LetsThroughMembersThatItDoesNotKnow) {
  EXPECT_EQ(error_of(SC_KIND_SOURCE, R"({"shard_hints": [1, 2]})"), "");
}

TEST(ReadManifest, SaysWhatToDoAboutAManifest) {
  const auto manifest = read_manifest(SC_KIND_SOURCE, "[]");
  EXPECT_EQ(manifest.error().text(),
            "manifest: must be a JSON object\n  = fix: install a corrected build of the plugin");
}

TEST(ReadManifest, RefusesWhatIsNotJson) {
  EXPECT_EQ(error_of(SC_KIND_SOURCE, R"({"appends":)"), "manifest: not JSON, from byte 12");
}

TEST(ReadManifest, RefusesWrongSettings) {
  EXPECT_EQ(error_of(SC_KIND_SOURCE, R"({"settings": []})"), "manifest: settings: must be an object");
  EXPECT_EQ(error_of(SC_KIND_SOURCE, R"({"settings": {"properties": 1}})"),
            "manifest: settings.properties: must be an object");
}

TEST(ReadManifest, RefusesWrongConsumes) {
  EXPECT_EQ(state_error(R"("consumes": {})"), "manifest: consumes: must be an array");
  EXPECT_EQ(state_error(R"("consumes": ["A"])"), "manifest: consumes[0]: must be an object");
  EXPECT_EQ(state_error(R"("consumes": [{"key": "/subject"}])"), "manifest: consumes[0].type: is missing");
  EXPECT_EQ(state_error(R"("consumes": [{"type": "A", "key": "/subject"}, {"type": "", "key": "/subject"}])"),
            "manifest: consumes[1].type: must be a string that is not empty");
  EXPECT_EQ(state_error(R"("consumes": [{"type": "A", "key": "subject"}])"),
            "manifest: consumes[0].key: must be '/subject' or begin with '/data', is 'subject'");
  EXPECT_EQ(state_error(R"("consumes": [{"type": "Order*", "key": "/subject"}])"),
            "manifest: consumes[0].type: must be one type, or '*' alone for every type, is 'Order*'");
  EXPECT_EQ(state_error(R"("consumes": [{"type": "A", "key": "/subject"}, {"type": "A", "key": "/data/x"}])"),
            "manifest: consumes[1].type: 'A' is there twice");
}

TEST(ReadManifest, LetsAStateConsumeEveryType) {
  EXPECT_EQ(state_error(R"("consumes": [{"type": "*", "key": "/subject"}, {"type": "A", "key": "/data/x"}])"), "");
}

TEST(ReadManifest, RefusesWrongTopics) {
  EXPECT_EQ(error_of(SC_KIND_STATE, R"({"topics":7})"), "manifest: topics: must be an array");
  EXPECT_EQ(error_of(SC_KIND_STATE, "{}"), "manifest: topics: a state must offer at least one topic");
  EXPECT_EQ(topic_error(R"({"kind": "updated"})"), "manifest: topics[0].prefix: is missing");
  EXPECT_EQ(topic_error(R"({"prefix": "a/b", "kind": "updated"})"),
            "manifest: topics[0].prefix: must be of a-z, 0-9, '-' and '_', is 'a/b'");
  EXPECT_EQ(topic_error(R"({"prefix": "t", "kind": "latest"})"),
            "manifest: topics[0].kind: must be 'updated' or 'appended', is 'latest'");
  EXPECT_EQ(topic_error(R"({"prefix": "t", "kind": "updated", "spans": "all"})"),
            "manifest: topics[0].spans: must be an array");
  EXPECT_EQ(topic_error(R"({"prefix": "t", "kind": "updated", "spans": [1]})"),
            "manifest: topics[0].spans[0]: must be a string");
  EXPECT_EQ(topic_error(R"({"prefix": "t", "kind": "updated"}, {"prefix": "t", "kind": "appended"})"),
            "manifest: topics[1].prefix: 't' is there twice");
}

TEST(ReadManifest, RefusesAFlagThatIsNoBoolean) {
  EXPECT_EQ(state_error(R"("partitionable": "yes")"), "manifest: partitionable: must be true or false");
  EXPECT_EQ(transport_error(R"("heartbeat_answered": 1)"), "manifest: heartbeat_answered: must be true or false");
  EXPECT_EQ(error_of(SC_KIND_SOURCE, R"({"exclusive": true})"),
            "manifest: exclusive: belongs to a source that takes events ('appends')");
  EXPECT_EQ(error_of(SC_KIND_SOURCE, R"({"appends": true, "feeds": true})"),
            "manifest: feeds: a source that takes events ('appends') keeps them itself");
  EXPECT_EQ(error_of(SC_KIND_SOURCE, R"({"appends": null})"), "manifest: appends: must be true or false");
}

TEST(ReadManifest, RefusesWrongEncodings) {
  EXPECT_EQ(error_of(SC_KIND_TRANSPORT, "{}"), "manifest: encodings: a transport must have at least one encoding");
  EXPECT_EQ(encoding_error(R"({"name": 1})"), "manifest: encodings[0].name: must be a string that is not empty");
  EXPECT_EQ(encoding_error(R"({"name": "plain", "bare": 1})"),
            "manifest: encodings[0].bare: must be the number of an encoding");
  EXPECT_EQ(encoding_error(R"({"name": "plain", "bare": -1})"),
            "manifest: encodings[0].bare: must be the number of an encoding");
}

TEST(ReadManifest, RefusesWrongRoutesAndUpgrades) {
  EXPECT_EQ(transport_error(R"("routes": [{"path": "stream"}])"),
            "manifest: routes[0].path: must begin with '/', is 'stream'");
  EXPECT_EQ(transport_error(R"("routes": [{"path": "/s", "topic": 1}])"),
            "manifest: routes[0].topic: must be a string that is not empty");
  EXPECT_EQ(transport_error(R"("upgrade": true)"), "manifest: upgrade: must be a string that is not empty");
}

TEST(ReadManifest, RefusesAMemberOfAnotherKind) {
  EXPECT_EQ(error_of(SC_KIND_SOURCE, R"({"topics": []})"), "manifest: topics: belongs to a state, this is a source");
  EXPECT_EQ(state_error(R"("routes": [])"), "manifest: routes: belongs to a transport, this is a state");
}

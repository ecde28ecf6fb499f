#include "host/serving/cloud_events.hpp"

#include <gtest/gtest.h>

#include <map>

#include <nlohmann/json.hpp>

namespace statecast::host {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000'000;

HttpRequest request(std::string type, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  HttpRequest out;
  out.method = "POST";
  out.headers = std::move(headers);
  if (!type.empty()) out.headers.emplace_back("content-type", std::move(type));
  out.body = std::move(body);
  return out;
}

PublishedEvents read(std::string type, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return read_published(request(std::move(type), std::move(body), std::move(headers)), kNow);
}

// The only event of a request that must be taken.
sc_event only(const PublishedEvents& published) {
  EXPECT_EQ(published.detail, "");
  EXPECT_EQ(published.status, 0u);
  if (!published.events || published.events->events().size() != 1) {
    ADD_FAILURE() << "not one event";
    return {};
  }
  return published.events->events()[0];
}

constexpr const char* kStructured = "application/cloudevents+json";
constexpr const char* kBatch = "application/cloudevents-batch+json";
constexpr const char* kLines = "application/x-ndjson";
constexpr const char* kShort = "application/json";

// ---- the forms

TEST(CloudEvents, ReadAStructuredEvent) {
  const auto published = read(kStructured, R"({"specversion":"1.0","id":"e-1","source":"/orders/eu?x=1","type":"OrderCreated",
    "subject":"o-17","time":"2023-12-20T14:35:00.25Z","datacontenttype":"application/json; charset=utf-8",
    "dataschema":"https://example.com/order.json","traceparent":"00-ab","retries":3,"urgent":true,
    "data":{"total":1.50,"items":[]}})");
  const sc_event event = only(published);
  EXPECT_EQ(view(event.id), "e-1");
  EXPECT_EQ(view(event.source), "/orders/eu?x=1");
  EXPECT_EQ(view(event.type), "OrderCreated");
  EXPECT_EQ(view(event.subject), "o-17");
  EXPECT_EQ(event.time_us, 1'703'082'900'250'000);
  EXPECT_EQ(view(event.data), R"({"total":1.50,"items":[]})") << "as it was written";
  EXPECT_EQ(view(event.extensions),
            R"({"dataschema":"https://example.com/order.json","traceparent":"00-ab","retries":3,"urgent":true})") << "in their order";
  EXPECT_TRUE(event.pos == Position{});
}

TEST(CloudEvents, ReadAStructuredEventOfTheLeast) {
  const auto published = read("Application/CloudEvents+JSON ; charset=UTF-8", R"({"specversion":"1.0","id":"1","source":"s","type":"T"})");
  const sc_event event = only(published);
  EXPECT_EQ(view(event.subject), "");
  EXPECT_EQ(view(event.data), "null");
  EXPECT_EQ(view(event.extensions), "{}");
  EXPECT_EQ(event.time_us, kNow);
}

TEST(CloudEvents, TakeNullForAnAbsentAttribute) {
  const auto published = read(kStructured, R"({"specversion":"1.0","id":"1","source":"s","type":"T","subject":null,"time":null,"other":null})");
  const sc_event event = only(published);
  EXPECT_EQ(view(event.subject), "");
  EXPECT_EQ(view(event.extensions), "{}");
  EXPECT_EQ(event.time_us, kNow);
}

TEST(CloudEvents, ReadABatch) {
  const auto published = read(kBatch, R"([{"specversion":"1.0","id":"1","source":"s","type":"A"},
                                         {"specversion":"1.0","id":"2","source":"s","type":"B"}])");
  ASSERT_TRUE(published.events) << published.detail;
  ASSERT_EQ(published.events->events().size(), 2u);
  EXPECT_EQ(view(published.events->events()[1].type), "B");
}

TEST(CloudEvents, ReadLinesOfEitherForm) {
  for (const char* type : {kLines, "application/jsonl", "application/ndjson"}) {
    const auto published = read(type, "{\"type\":\"A\",\"subject\":\"1\"}\r\n  \n{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"s\",\"type\":\"B\"}");
    ASSERT_TRUE(published.events) << published.detail;
    ASSERT_EQ(published.events->events().size(), 2u);
    EXPECT_EQ(view(published.events->events()[0].source), kDefaultEventSource);
    EXPECT_EQ(view(published.events->events()[1].id), "2");
  }
}

TEST(CloudEvents, ReadABinaryEvent) {
  const auto published = read(kShort, R"( {"total": 1} )",
                              {{"ce-specversion", "1.0"}, {"ce-id", "e%2D1"}, {"ce-source", "/s"}, {"ce-type", "OrderCreated"},
                               {"ce-subject", "caf%C3%A9"}, {"ce-time", "2023-12-20T14:35:00Z"}, {"ce-traceparent", "00-ab"}});
  const sc_event event = only(published);
  EXPECT_EQ(view(event.id), "e-1");
  EXPECT_EQ(view(event.subject), "caf\xc3\xa9");
  EXPECT_EQ(event.time_us, 1'703'082'900'000'000);
  EXPECT_EQ(view(event.data), R"( {"total": 1} )");
  EXPECT_EQ(view(event.extensions), R"({"traceparent":"00-ab"})");
}

TEST(CloudEvents, ReadABinaryEventWithoutData) {
  const auto published = read("", "", {{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "T"}});
  EXPECT_EQ(view(only(published).data), "null");
}

TEST(CloudEvents, FillInTheShortForm) {
  const auto published = read(kShort, R"({"type":"OrderStatusUpdated","subject":"o-17","data":{"status":"READY"}})");
  const sc_event event = only(published);
  EXPECT_EQ(event.id.n, 32u);
  EXPECT_EQ(view(event.source), kDefaultEventSource);
  EXPECT_EQ(event.time_us, kNow);
  EXPECT_EQ(view(event.data), R"({"status":"READY"})");
}

TEST(CloudEvents, GiveEachShortFormAnIdOfItsOwn) {
  const auto one = read(kShort, R"({"type":"T"})"), two = read(kShort, R"({"type":"T"})");
  EXPECT_NE(view(only(one).id), view(only(two).id));
}

TEST(CloudEvents, TakeTheIdempotencyKeyForTheIdOfAShortForm) {
  const auto keyed = read(kShort, R"({"type":"T"})", {{"idempotency-key", "k-1"}});
  EXPECT_EQ(view(only(keyed).id), "k-1");
  const auto named = read(kShort, R"({"type":"T","id":"mine"})", {{"idempotency-key", "k-1"}});
  EXPECT_EQ(view(only(named).id), "mine");
}

TEST(CloudEvents, ReadTheEventOfACommandInEitherForm) {
  const auto one = read_published_json(R"({"type":"T","subject":"s"})", kNow);
  EXPECT_EQ(view(only(one).subject), "s");
  const auto two = read_published_json(R"({"specversion":"1.0","id":"1","source":"/a","type":"T"})", kNow);
  EXPECT_EQ(view(only(two).source), "/a");
}

TEST(CloudEvents, TakeWhatIsAtItsBounds) {
  const nlohmann::json event = {{"specversion", "1.0"}, {"id", std::string(256, 'i')}, {"source", "/" + std::string(1023, 's')},
                                {"type", std::string(256, 't')}, {"subject", std::string(256, 'u')}};
  const auto published = read(kStructured, event.dump());
  EXPECT_EQ(only(published).id.n, 256u);
}

// ---- refusals, each whole

struct Refused {
  std::string type, body;
  std::vector<std::pair<std::string, std::string>> headers;
  unsigned status;
  std::string detail;
};

std::ostream& operator<<(std::ostream& out, const Refused& refused) { return out << refused.detail; }

class RefusedEvents : public testing::TestWithParam<Refused> {};

TEST_P(RefusedEvents, SayWhatIsWrongAndStoreNothing) {
  const auto published = read(GetParam().type, GetParam().body, GetParam().headers);
  EXPECT_FALSE(published.events);
  EXPECT_EQ(published.status, GetParam().status);
  EXPECT_EQ(published.detail, "Nothing was stored: " + GetParam().detail + ".");
}

// A structured event with these members beside or instead of its own.
Refused structured(const char* members, std::string detail, unsigned status = 400) {
  nlohmann::json event = {{"specversion", "1.0"}, {"id", "1"}, {"source", "/s"}, {"type", "T"}};
  event.update(nlohmann::json::parse(members));
  return {kStructured, event.dump(), {}, status, std::move(detail)};
}

Refused binary(std::vector<std::pair<std::string, std::string>> headers, std::string detail, unsigned status = 400) {
  std::vector<std::pair<std::string, std::string>> all = {{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "T"}};
  for (auto& [name, value] : headers) {
    const auto found = std::ranges::find(all, name, &std::pair<std::string, std::string>::first);
    if (found == all.end()) all.emplace_back(name, value);
    else found->second = value;
  }
  return {kShort, "{}", std::move(all), status, std::move(detail)};
}

INSTANTIATE_TEST_SUITE_P(
    Json, RefusedEvents,
    testing::Values(Refused{kStructured, "", {}, 400, "the request holds no event"},
                    Refused{kStructured, "{\"id\":", {}, 400, "not valid JSON at byte 7: {\"id\":"},
                    Refused{kStructured, "[]", {}, 400, "an event is a JSON object; this is array"},
                    Refused{kShort, "7", {}, 400, "an event is a JSON object; this is number"},
                    Refused{kShort, "{\"type\":\"\xff\"}", {}, 400, "not valid JSON at byte 10: {\"type\":\"\\ufffd\"}"},
                    Refused{kShort, std::string(67, '[') + std::string(67, ']'), {}, 400,
                            "nested deeper than 66 levels"},
                    Refused{kBatch, "\xef\xbb\xbf[1,2]", {}, 400,
                            "the JSON begins with a byte order mark: leave it out (RFC 8259 8.1)"},
                    Refused{kBatch, "{}", {}, 400, "a batch is a JSON array of events"},
                    Refused{kBatch, "[]", {}, 400, "the request holds no event"},
                    Refused{kLines, "\n \n", {}, 400, "the request holds no event"}));

INSTANTIATE_TEST_SUITE_P(
    Attributes, RefusedEvents,
    testing::Values(
        Refused{kStructured, R"({"id":"1","source":"/s","type":"T"})", {}, 400,
                R"('specversion' is missing: an event of this media type is a CloudEvent, with "specversion":"1.0")"},
        structured(R"({"specversion":"0.3"})", "'specversion' is '0.3': this host takes CloudEvents 1.0"),
        structured(R"({"specversion":1.0})", "'specversion' must be a string"),
        structured(R"({"id":null})", "'id' is missing"),            //
        structured(R"({"id":""})", "'id' is missing"),              //
        structured(R"({"source":null})", "'source' is missing"),    //
        structured(R"({"type":null})", "'type' is missing"),        //
        structured(R"({"id":7})", "'id' must be a string"),         //
        structured(R"({"subject":["s"]})", "'subject' must be a string"),
        structured(R"({"source":"not a uri"})", "'source' is not a URI reference: not a uri"),
        structured(R"({"subject":"a\nb"})", "'subject' contains a control character"),
        structured(R"({"type":"a\u007fb"})", "'type' contains a control character"),
        structured(R"({"time":"yesterday"})", "'time' is not an RFC 3339 timestamp like 2023-12-20T14:35:00.000Z: yesterday"),
        structured(R"({"time":1703082900})", "'time' must be a string"),
        structured(R"({"datacontenttype":"text/plain"})", "'datacontenttype' is 'text/plain': data must be JSON", 415),
        structured(R"({"data_base64":"aGk="})", "'data_base64' is not taken: data must be JSON, in 'data'", 415),
        structured(R"({"Trace":"1"})", "'Trace' is no attribute name: extension attributes are a-z and 0-9 (CloudEvents 1.0 3.1)"),
        structured(R"({"trace_id":"1"})",
                   "'trace_id' is no attribute name: extension attributes are a-z and 0-9 (CloudEvents 1.0 3.1)"),
        structured(R"({"trace":{"id":1}})",
                   "the attribute 'trace' must be a string, an integer or a boolean; put structured values into 'data'"),
        structured(R"({"trace":1.5})",
                   "the attribute 'trace' must be a string, an integer or a boolean; put structured values into 'data'")));

std::string with(const char* name, std::size_t size) {
  nlohmann::json event = {{"specversion", "1.0"}, {"id", "1"}, {"source", "/s"}, {"type", "T"}};
  event[name] = std::string(size, 'x');
  return event.dump();
}

INSTANTIATE_TEST_SUITE_P(Lengths, RefusedEvents,
                         testing::Values(Refused{kStructured, with("id", 257), {}, 400, "'id' is longer than 256 bytes"},
                                         Refused{kStructured, with("source", 1025), {}, 400, "'source' is longer than 1024 bytes"},
                                         Refused{kStructured, with("type", 257), {}, 400, "'type' is longer than 256 bytes"},
                                         Refused{kStructured, with("subject", 257), {}, 400, "'subject' is longer than 256 bytes"}));

INSTANTIATE_TEST_SUITE_P(
    Several, RefusedEvents,
    testing::Values(Refused{kBatch, R"([{"specversion":"1.0","id":"1","source":"s","type":"A"},{"type":"B"}])", {}, 400,
                            R"(event 1: 'specversion' is missing: an event of this media type is a CloudEvent, with "specversion":"1.0")"},
                    Refused{kLines, "{\"type\":\"A\"}\n\n{\"subject\":\"x\"}\n", {}, 400, "line 3: 'type' is missing"},
                    Refused{kLines, "{\"type\":\"A\"}\n{\"type\"\n", {}, 400, "line 2: not valid JSON at byte 8: {\"type\""}));

INSTANTIATE_TEST_SUITE_P(
    Headers, RefusedEvents,
    testing::Values(
        Refused{kShort, "{}", {{"ce-id", "1"}}, 400, "the header 'ce-specversion' is missing: send 'ce-specversion: 1.0'"},
        binary({{"ce-specversion", "2.0"}}, "'specversion' is '2.0': this host takes CloudEvents 1.0"),
        binary({{"ce-id", ""}}, "the header 'ce-id' is missing"),          //
        binary({{"ce-source", ""}}, "the header 'ce-source' is missing"),  //
        binary({{"ce-type", ""}}, "the header 'ce-type' is missing"),      //
        binary({{"ce-subject", "100%"}}, "the header 'ce-subject' has a broken percent escape"),
        binary({{"ce-subject", "%FF"}}, "the header 'ce-subject' is not UTF-8"),
        binary({{"ce-subject", "%0A"}}, "'subject' contains a control character"),
        binary({{"ce-data", "{}"}}, "the header 'ce-data' is none: the body is the data"),
        binary({{"ce-trace-id", "1"}},
               "'trace-id' is no attribute name: extension attributes are a-z and 0-9 (CloudEvents 1.0 3.1)"),
        Refused{kShort, R"({"type":"T"})", {{"idempotency-key", "\xff"}}, 400, "the header 'idempotency-key' is not UTF-8"},
        Refused{kShort, R"({"type":"T"})", {{"idempotency-key", std::string(257, 'k')}}, 400, "'id' is longer than 256 bytes"}));

constexpr const char* kMediaTypes =
    "' is not taken: send application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson or application/json";

INSTANTIATE_TEST_SUITE_P(MediaTypes, RefusedEvents,
                         testing::Values(Refused{"text/plain", "x", {}, 415, std::string("the media type 'text/plain") + kMediaTypes},
                                         Refused{"", "{}", {}, 415, std::string("the media type '") + kMediaTypes},
                                         Refused{"text/plain", "x", {{"ce-id", "1"}}, 415,
                                                 std::string("the media type 'text/plain") + kMediaTypes}));

TEST(CloudEvents, SayWhichEventOfSeveralIsAtFault) {
  EXPECT_EQ(read(kLines, "{\"type\":\"A\"}\n\n{\"subject\":\"x\"}\n").index, 1u) << "empty lines are no events";
  EXPECT_EQ(read(kBatch, R"([{"specversion":"1.0","id":"1","source":"s","type":"A"},{"type":"B"}])").index, 1u);
  EXPECT_EQ(read(kShort, "{}").index, std::nullopt);
}

TEST(CloudEvents, RefuseMoreEventsThanOneRequestMayHold) {
  std::string lines;
  for (std::size_t i = 0; i < kEventsARequest; ++i) lines += "{\"type\":\"T\"}\n";
  EXPECT_TRUE(read(kLines, lines).events);
  const auto published = read(kLines, lines + "{\"type\":\"T\"}\n");
  EXPECT_FALSE(published.events);
  EXPECT_EQ(published.status, 413u);
  EXPECT_EQ(published.detail, "Nothing was stored: line 10001: more than 10000 events in one request: send them in several.");
  EXPECT_EQ(published.index, kEventsARequest);
}

// A body within the limits of size must not take the host down, however it is built.
TEST(CloudEvents, RefuseJsonThatIsNestedWithoutEnd) {
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  for (const auto& published : {read(kShort, R"({"type":"T","data":)" + deep + "}"), read(kBatch, deep),
                                read(kShort, deep, {{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "T"}})}) {
    EXPECT_FALSE(published.events);
    EXPECT_EQ(published.detail, "Nothing was stored: nested deeper than 66 levels.");
  }
}

TEST(CloudEvents, TakeDataThatIsNestedAsDeepAsItMay) {
  const auto published = read(kShort, R"({"type":"T","data":)" + std::string(63, '[') + "7" + std::string(63, ']') + "}");
  EXPECT_EQ(only(published).data.n, 127u);
}

// The bound is on the data, so that it is the same whatever the event comes in.
TEST(CloudEvents, CountTheDepthOfDataAlikeInEveryForm) {
  const auto depth = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  const std::vector<std::pair<std::string, std::string>> binary{{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "T"}};
  const auto event = [&](std::size_t n) { return R"({"specversion":"1.0","id":"1","source":"s","type":"T","data":)" + depth(n) + "}"; };
  for (const auto& published : {read(kStructured, event(64)), read(kBatch, "[" + event(64) + "]"), read(kLines, event(64)), read(kShort, event(64)),
                                read(kShort, depth(64), binary)})
    EXPECT_TRUE(published.events) << published.detail;
  for (const auto& published : {read(kStructured, event(65)), read(kBatch, "[" + event(65) + "]"), read(kLines, event(65)), read(kShort, event(65)),
                                read(kShort, depth(65), binary)})
    EXPECT_NE(published.detail.find("nested deeper than"), std::string::npos) << published.detail;
}

TEST(CloudEvents, RefuseAMemberThatIsThereTwiceWhereverItIs) {
  constexpr std::string_view kWhy = "' is there twice: which of the two counts is not for us to say.";
  const auto refusal = [](std::string_view members) { return read(kShort, R"({"type":"T","subject":"s",)" + std::string(members) + "}").detail; };
  for (const auto& [members, name] : std::initializer_list<std::pair<const char*, const char*>>{
           {R"("id":"1","id":"2")", "id"}, {R"("subject":"s")", "subject"}, {R"("subject":null)", "subject"}, {R"("typ\u0065":"U")", "type"},
           {R"("x":"1","x":"1")", "x"}, {R"("data":1,"data":1)", "data"}, {R"("data":{"a":1,"a":2})", "data.a"},
           {R"("data":[{},{"b":{"é":1,"\u00e9":2}}])", "data[1].b.é"}})
    EXPECT_EQ(refusal(members), "Nothing was stored: the member '" + std::string(name) + std::string(kWhy)) << members;
  EXPECT_EQ(read(kShort, R"([{"a":1,"a":1}])", {{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "T"}}).detail,
            "Nothing was stored: the member 'data[0].a" + std::string(kWhy));
  EXPECT_EQ(read(kShort, "", {{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-id", "2"}, {"ce-source", "/s"}, {"ce-type", "T"}}).detail,
            "Nothing was stored: the header 'ce-id' is there twice.");
}

TEST(CloudEvents, RefuseAllControlCharactersInEachName) {
  for (const char* name : {"id", "source", "type", "subject"})
    for (const char* control : {"\\u0001", "\\u007f", "\\u0080", "\\u009b", "\\u009f", "\xc2\x85"}) {
      std::map<std::string, std::string> event{{"specversion", "1.0"}, {"id", "1"}, {"source", "s"}, {"type", "T"}};
      event[name] = std::string("a") + control;
      std::string text;
      for (const auto& [attribute, value] : event) text += (text.empty() ? "{\"" : ",\"") + attribute + "\":\"" + value + "\"";
      EXPECT_EQ(read(kStructured, text + "}").detail, "Nothing was stored: '" + std::string(name) + "' contains a control character.") << control;
    }
}

}  // namespace
}  // namespace statecast::host

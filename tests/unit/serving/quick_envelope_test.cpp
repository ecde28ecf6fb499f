#include "host/serving/quick_envelope.hpp"

#include <gtest/gtest.h>

#include "host/streaming/quick_parser.hpp"

namespace statecast::host {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000'000;
constexpr const char* kUsual = R"({"specversion":"1.0","id":"e-1","source":"/orders/eu?x=1","type":"OrderCreated","subject":"o-17",)"
                               R"("time":"2023-12-20T14:35:00.25Z","datacontenttype":"application/json","dataschema":"s",)"
                               R"("traceparent":"00-ab","data":{"total":1.50,"name":"a\"\\\u00e9","items":[true,null,-0.5e3]}})";

constexpr const char* kPlain = R"({"specversion":"1.0","id":"e-1","source":"/orders","type":"OrderCreated","subject":"o-17",)"
                               R"("time":"2023-12-20T14:35:00Z","region":"eu","data":{"total":-1.50,"items":[true,null,{"a":0}]}})";

bool takes(std::string_view text) { return QuickEnvelope().read(text, kNow).has_value(); }

// Whatever the short way takes, the long one takes too, and reads the same.
testing::AssertionResult reads_alike(QuickEnvelope& quick, const std::string& text) {
  const auto taken = quick.read(text, kNow);
  if (!taken) return testing::AssertionSuccess();
  try {
    // Attributes only: what is left out, neither fills in.
    Envelope slow;
    slow = read_envelope(parse_document(text), text, {kNow, true, "an-id"});
    const bool alike = taken->type == slow.type && taken->subject == slow.subject && taken->data == slow.data &&
                       taken->time_us == slow.time_us && taken->extensions == slow.extensions && taken->versioned == slow.versioned &&
                       (taken->id.empty() || taken->id == slow.id) && (taken->source.empty() || taken->source == slow.source);
    return alike ? testing::AssertionSuccess() : testing::AssertionFailure() << "read otherwise: " << text;
  } catch (const Refusal& refusal) {
    // These are checked after the attributes, for both ways alike.
    for (const char* later : {"is missing", "is longer than", "control character", "URI reference"})
      if (refusal.detail.find(later) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << refusal.detail << ": " << text;
  }
}

TEST(QuickEnvelope, TakesTheUsualEvent) {
  const auto event = QuickEnvelope().read(kUsual, kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->id, "e-1");
  EXPECT_EQ(event->source, "/orders/eu?x=1");
  EXPECT_EQ(event->type, "OrderCreated");
  EXPECT_EQ(event->subject, "o-17");
  EXPECT_EQ(event->time_us, 1'703'082'900'250'000);
  EXPECT_EQ(event->data, R"({"total":1.50,"name":"a\"\\\u00e9","items":[true,null,-0.5e3]})");
  EXPECT_EQ(event->extensions, R"("dataschema":"s","traceparent":"00-ab")");
  EXPECT_TRUE(event->versioned);
}

TEST(QuickEnvelope, TakesPlainEvents) {
  const auto event = QuickEnvelope().read(R"({ "specversion" : "1.0","id":"e-1","source":"/s","type":"T","subject":"o-17","time":"2023-12-20T14:35:00Z",)"
                                          R"("region":"eu", "data" : { "a":[1,{"b":null}, []],"c":{} } } )", kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->id, "e-1");
  EXPECT_EQ(event->source, "/s");
  EXPECT_EQ(event->type, "T");
  EXPECT_EQ(event->subject, "o-17");
  EXPECT_EQ(event->time_us, 1'703'082'900'000'000);
  EXPECT_EQ(event->data, R"({ "a":[1,{"b":null}, []],"c":{} })");
  EXPECT_EQ(event->extensions, R"("region":"eu")");
  EXPECT_TRUE(event->versioned);
  for (const char* data : {"null", "7", "-0.5", "\"text\"", "[]", "{}", "123456789012345678901234567890"}) {
    const auto small = QuickEnvelope().read(std::string(R"({"data":)") + data + R"(,"type":"T"})", kNow);
    ASSERT_TRUE(small) << data;
    EXPECT_EQ(small->data, data);
  }
}

// What the plain way took before it met what is not plain counts for nothing.
TEST(QuickEnvelope, BeginsAnewWhereAnEventIsNotPlain) {
  const auto event = QuickEnvelope().read(R"({"type":"T","region":"eu","time":"2023-12-20T14:35:00Z","subject":"\u00e9"})", kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->subject, "\u00e9");
  EXPECT_EQ(event->time_us, 1'703'082'900'000'000);
  EXPECT_EQ(event->extensions, R"("region":"eu")");
}

TEST(QuickEnvelope, TakesTheShortForm) {
  const auto event = QuickEnvelope().read(R"( {"type":"T"} )", kNow);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data, "null");
  EXPECT_EQ(event->time_us, kNow);
  EXPECT_EQ(event->extensions, "");
  EXPECT_FALSE(event->versioned);
}

TEST(QuickEnvelope, LeavesTheUnusualToTheLongWay) {
  for (const char* text : {
           "", "[]", "7", "{", "{}}", R"({"type":"T"} x)", R"({"type":"T","type":"U"})", R"({"type":"T","id":null})",
           R"({"type":"T","data":1,"data":2})", R"({"type":"T","data":1,"d\u0061ta":2})", R"({"type":"T","data":{"a":1,"a":1}})",
           R"({"type":"T","data":[{"b":{"a":1,"\u0061":1}}]})", R"({"type":"T","data":{"é":1,"\u00e9":1}})", R"({"type":"T","x":1})",
           R"({"type":"T","x":"1","x":"2"})", R"({"type":"T","x_y":"1"})", R"({"type":"T","data_base64":"aGk="})",
           R"({"type":"T","time":"yesterday"})", R"({"type":"T","specversion":"0.3"})", R"({"type":"T","datacontenttype":"text/plain"})",
           R"({"type":"T","data":"\ud800"})", R"({"type":"T","data":"\uDC00"})", R"({"type":"T","data":"\ud83d\ude00"})",
           R"({"type":"T","data":1e400})", R"({"type":"T","data":1234567890123456789012345678901234567890})", "{\"type\":\"\xff\"}",
           "\xef\xbb\xbf{\"type\":\"T\"}", "{\"type\":\"a\nb\"}"})
    EXPECT_FALSE(takes(text)) << text;
  EXPECT_FALSE(takes(std::string_view("{\"type\":\"T\"}\0", 13)));
}

TEST(QuickEnvelope, LeavesTheDeepAndTheLargeToTheLongWay) {
  const auto nested = [](std::size_t n) { return R"({"type":"T","data":)" + std::string(n, '[') + std::string(n, ']') + "}"; };
  EXPECT_TRUE(takes(nested(32)));
  EXPECT_FALSE(takes(nested(64)));
  const auto large = [](std::size_t n) { return "{\"type\":\"T\",\"data\":\"\xc3\xa9" + std::string(n, 'x') + "\"}"; };
  EXPECT_TRUE(takes(large(100'000)));
  EXPECT_FALSE(takes(large(QuickParser::kLargest)));
  EXPECT_TRUE(takes(R"({"type":"T","data":")" + std::string(QuickParser::kLargest, 'x') + "\"}")) << "a plain one needs no memory";
}

TEST(QuickEnvelope, GoesOnAfterWhatItDidNotTake) {
  QuickEnvelope quick;
  EXPECT_FALSE(quick.read(R"({"type":)", kNow));
  EXPECT_FALSE(quick.read(R"({"type":"T","type":"T"})", kNow));
  EXPECT_TRUE(quick.read(kUsual, kNow));
}

// Each byte of a usual event left out, doubled, or replaced by bytes that mean something.
class DamagedEvents : public testing::TestWithParam<const char*> {};
TEST_P(DamagedEvents, AreReadAsTheLongWayDoes) {
  QuickEnvelope quick;
  const std::string usual = GetParam();
  for (std::size_t i = 0; i < usual.size(); ++i) {
    std::string damaged = usual;
    EXPECT_TRUE(reads_alike(quick, damaged.erase(i, 1)));
    EXPECT_TRUE(reads_alike(quick, damaged.insert(i, 2, usual[i])));
    for (const char byte : {'\0', '\t', '\n', ' ', '"', '\\', '/', ',', ':', '{', '}', '[', ']', '0', '9', '-', '.', 'e', 'u', 'D', '\x7f',
                            '\x80', '\xc3', '\xed', '\xff'}) {
      damaged = usual;
      damaged[i] = byte;
      EXPECT_TRUE(reads_alike(quick, damaged));
      EXPECT_TRUE(reads_alike(quick, usual.substr(0, i) + byte + usual.substr(i)));
    }
  }
}

// With members that are there twice, at the edge of being so, and with numbers that a parser would round.
constexpr const char* kNearlyTwice = R"({"specversion":"1.0","id":"e-1","source":"/s","type":"T","subject":"é","ab":"1","ac":"\u0032","aa":"3",)"
                                     R"("data":{"aa":1e2,"ab":[{"a":1,"b":18446744073709551617},{"a":1}],"ac":{"aa":{"aa":-0}},"\u0061d":1}})";

INSTANTIATE_TEST_SUITE_P(QuickEnvelope, DamagedEvents, testing::Values(kUsual, kPlain, kNearlyTwice));

}  // namespace
}  // namespace statecast::host

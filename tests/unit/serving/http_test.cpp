#include "host/serving/http.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace statecast::host {
namespace {

constexpr const char* kDate = "Wed, 20 Dec 2023 14:35:00 GMT";

TEST(ResponseText, HasItsHeadersItsLengthAndItsBody) {
  HttpResponse response = json_response(R"({"a":1})", 202);
  response.headers.emplace_back("Preference-Applied", "wait=2");
  EXPECT_EQ(response_text(response, true, false, kDate),
            "HTTP/1.1 202 Accepted\r\nPreference-Applied: wait=2\r\nContent-Type: application/json\r\n"
            "Date: Wed, 20 Dec 2023 14:35:00 GMT\r\nCache-Control: no-store\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST(ResponseText, SaysThatTheConnectionEnds) {
  EXPECT_EQ(response_text({200, {}, {}, {{"Cache-Control", "no-cache"}}}, false, false, kDate),
            "HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-cache\r\n"
            "Date: Wed, 20 Dec 2023 14:35:00 GMT\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseText, OfHeadHasNoBodyAndOfAStreamNoLength) {
  EXPECT_EQ(response_text(json_response("{}"), true, true, kDate),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Wed, 20 Dec 2023 14:35:00 GMT\r\n"
            "Cache-Control: no-store\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(response_text({200, "text/event-stream", {}, {}}, true, true, kDate),
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nDate: Wed, 20 Dec 2023 14:35:00 GMT\r\n"
            "Cache-Control: no-store\r\n\r\n");
}

TEST(ResponseText, OfNoContentAndNotModifiedHasNoLength) {
  for (const unsigned status : {204u, 304u})
    EXPECT_EQ(response_text({status, {}, {}, {}}, true, false, kDate),
              "HTTP/1.1 " + std::to_string(status) + " " + std::string(status_title(status)) +
                  "\r\nDate: Wed, 20 Dec 2023 14:35:00 GMT\r\nCache-Control: no-store\r\n\r\n");
}

TEST(HttpDate, IsInTheFormOfRfc9110) {
  std::tm read{};
  const char* end = ::strptime(http_date().c_str(), "%a, %d %b %Y %H:%M:%S GMT", &read);
  ASSERT_NE(end, nullptr) << http_date();
  EXPECT_STREQ(end, "");
}

std::string decoded(std::string_view text, bool plus_is_space = false) {
  std::string out;
  EXPECT_TRUE(percent_decode(text, plus_is_space, out)) << text;
  return out;
}

TEST(PercentDecode, DecodesEscapesOfEitherCase) {
  EXPECT_EQ(decoded("orders%2Fo-1%2fx"), "orders/o-1/x");
  EXPECT_EQ(decoded("%C3%A9"), "\xc3\xa9");
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("plain~text"), "plain~text");
  EXPECT_EQ(decoded("%00").size(), 1u);
}

TEST(PercentDecode, TakesAPlusForASpaceWhereToldTo) {
  EXPECT_EQ(decoded("a+b%2B", true), "a b+");
  EXPECT_EQ(decoded("a+b%2B", false), "a+b+");
}

TEST(PercentDecode, DecodesOnce) { EXPECT_EQ(decoded("%2541"), "%41"); }

TEST(PercentDecode, RefusesABrokenEscape) {
  for (const char* text : {"%", "%4", "a%", "%zz", "%4z", "%-1"}) {
    std::string out;
    EXPECT_FALSE(percent_decode(text, false, out)) << text;
  }
}

std::vector<std::pair<std::string, std::string>> parsed(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  for (auto& [name, value] : parse_query(query)) out.emplace_back(name, value);
  return out;
}
using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(ParseQuery, GivesParametersInTheirOrder) {
  EXPECT_EQ(parsed("topic=orders/o-1&topic=runs%2Fr-3&last_event_id=a.b"),
            (Pairs{{"topic", "orders/o-1"}, {"topic", "runs/r-3"}, {"last_event_id", "a.b"}}));
}

TEST(ParseQuery, TakesAbsentAndEmptyValues) {
  EXPECT_EQ(parsed("a&b=&=c&d=e=f"), (Pairs{{"a", ""}, {"b", ""}, {"", "c"}, {"d", "e=f"}}));
}

TEST(ParseQuery, SkipsWhatIsEmptyOrBroken) {
  EXPECT_EQ(parsed(""), Pairs{});
  EXPECT_EQ(parsed("&&a=1&"), (Pairs{{"a", "1"}}));
  EXPECT_EQ(parsed("%=1&a=%&b=2"), (Pairs{{"b", "2"}}));
}

TEST(ParseQuery, TakesAPlusForASpace) { EXPECT_EQ(parsed("a+b=c+d"), (Pairs{{"a b", "c d"}})); }

TEST(HttpRequest, FindsAHeaderByItsName) {
  HttpRequest request;
  request.headers = {{"accept", "text/plain"}, {"last-event-id", "1"}, {"accept", "second"}};
  EXPECT_EQ(request.header("accept"), "text/plain");
  EXPECT_EQ(request.header("last-event-id"), "1");
  EXPECT_EQ(request.header("absent"), "");
}

TEST(Problem, IsAnRfc9457Document) {
  const HttpResponse response = problem(403, R"(Topic "x" is not for you.)");
  EXPECT_EQ(response.status, 403u);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Forbidden","status":403,"detail":"Topic \"x\" is not for you."})");
  EXPECT_FALSE(response.close);
}

TEST(Problem, KeepsBytesThatAreNoUtf8OutOfItsText) {
  EXPECT_EQ(problem_json(400, "\xff"), "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\"\xef\xbf\xbd\"}");
}

TEST(JsonResponse, IsPlainJson) {
  const HttpResponse response = json_response("{}", 202);
  EXPECT_EQ(response.status, 202u);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, "{}");
}

TEST(StatusOfHead, IsReadFromTheFirstLine) {
  EXPECT_EQ(status_of_head("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"), 200u);
  EXPECT_EQ(status_of_head("HTTP/1.1 101 Switching Protocols\r\n\r\n"), 101u);
  for (const char* none : {"", "HTTP/1.1", "HTTP/1.1 ", "no response at all"}) EXPECT_EQ(status_of_head(none), 0u) << none;
}

}  // namespace
}  // namespace statecast::host

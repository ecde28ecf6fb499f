#include "host/serving/request_origin.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

constexpr std::string_view kOwn = "127.0.0.1:8080";

unsigned status_of(const RequestPlace& request) {
  static const RequestOrigin origin([] {
    ServerSettings server;
    server.hosts = {"orders.example", "*.Example.org"};
    server.origins = {"https://shop.example", "http://localhost:3000", "capacitor://app"};
    return server;
  }(), RequestOrigin::At::kPublic);
  const auto refusal = origin.refusal(request);
  return refusal ? refusal->status : 0;
}

RequestPlace under(std::string_view host) { return {"GET", host, {}, {}, {}}; }
RequestPlace from(std::string_view origin, std::string_view host = kOwn) { return {"POST", host, origin, {}, {}}; }

TEST(RequestOrigin, TakesRequestsUnderAddressesAndLocalhost) {
  for (const auto* host : {"127.0.0.1:8080", "127.0.0.1", "[::1]:8080", "[::1]", "192.0.2.7", "[2001:db8::7]:80", "localhost", "LocalHost:8080", "localhost.", ""})
    EXPECT_EQ(status_of(under(host)), 0u) << host;
}

TEST(RequestOrigin, TakesRequestsUnderNamesThatAreListed) {
  for (const auto* host : {"orders.example", "ORDERS.example:8080", "orders.example.", "a.example.org", "a.b.example.org:443"})
    EXPECT_EQ(status_of(under(host)), 0u) << host;
}

TEST(RequestOrigin, MisdirectsRequestsUnderAnyOtherName) {
  for (const auto* host : {"evil.example", "evil.example:8080", "example.org", ".example.org", "notexample.org", "orders.example.evil.example", "xorders.example",
                           "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1.", "0x7f.1", "2130706433", "127.1", "localhost:8080:80", "localhost/x",
                           "user@localhost", "[::1", "::1", "local host", "*", "orders%2eexample"})
    EXPECT_EQ(status_of(under(host)), 421u) << host;
}

TEST(RequestOrigin, TakesClientsThatAreNoPages) {
  EXPECT_EQ(status_of({"POST", kOwn, {}, {}, {}}), 0u);
  EXPECT_EQ(status_of({"POST", kOwn, {}, "none", "navigate"}), 0u);  // typed by the user
}

TEST(RequestOrigin, TakesPagesOfTheHostItself) {
  EXPECT_EQ(status_of(from("http://127.0.0.1:8080")), 0u);
  EXPECT_EQ(status_of(from("http://localhost:8080", "LOCALHOST:8080")), 0u);
  EXPECT_EQ(status_of(from("http://[::1]:8080", "[::1]:8080")), 0u);
  EXPECT_EQ(status_of(from("http://orders.example", "orders.example")), 0u);
  EXPECT_EQ(status_of(from("http://orders.example", "orders.example:80")), 0u);
  EXPECT_EQ(status_of(from("https://orders.example", "orders.example")), 0u);  // TLS ended before
  EXPECT_EQ(status_of(from("https://orders.example", "orders.example:443")), 0u);
  EXPECT_EQ(status_of(from("https://orders.example:8443", "orders.example:8443")), 0u);
}

TEST(RequestOrigin, TakesPagesOfOriginsThatAreListed) {
  for (const auto* origin : {"https://shop.example", "https://shop.example:443", "http://localhost:3000", "capacitor://app"})
    EXPECT_EQ(status_of(from(origin)), 0u) << origin;
  EXPECT_EQ(status_of({"GET", kOwn, "https://shop.example", "cross-site", "cors"}), 0u);
}

TEST(RequestOrigin, ForbidsPagesOfAnyOtherOrigin) {
  for (const auto* origin : {"https://evil.example", "http://127.0.0.1:9999", "http://127.0.0.1", "http://localhost:8080", "http://shop.example", "https://shop.example:8443",
                             "https://shop.example.evil.example", "https://evil.example/https://shop.example", "null", "file://", "https://", "shop.example",
                             "https://shop.example https://shop.example", "https://user@shop.example", "capacitor://127.0.0.1:8080"})
    EXPECT_EQ(status_of(from(origin)), 403u) << origin;
  EXPECT_EQ(status_of(from("https://orders.example", "orders.example:8443")), 403u);
  EXPECT_EQ(status_of(from("http://127.0.0.1:8080", "")), 403u);
}

TEST(RequestOrigin, BelievesWhatTheBrowserSaysOfTheSite) {
  // A proxy that passes its own name for the host: only the browser knows.
  EXPECT_EQ(status_of({"POST", kOwn, "https://behind.example", "same-origin", "cors"}), 0u);
  EXPECT_EQ(status_of({"POST", kOwn, "http://127.0.0.1:8080", "cross-site", "cors"}), 403u);
  EXPECT_EQ(status_of({"POST", kOwn, "https://evil.example", "same-site", "websocket"}), 403u);
  for (const auto* site : {"cross-site", "same-site", "anything"}) {
    EXPECT_EQ(status_of({"GET", kOwn, {}, site, "no-cors"}), 403u) << site;    // an image, a script
    EXPECT_EQ(status_of({"GET", kOwn, {}, site, "navigate"}), 0u) << site;     // a link
    EXPECT_EQ(status_of({"POST", kOwn, {}, site, "navigate"}), 403u) << site;  // a form
  }
  EXPECT_EQ(status_of({"GET", "evil.example", {}, "same-origin", "cors"}), 421u);  // a name that leads here, to a page that came from there
}

std::string detail_of(const RequestPlace& request) {
  return RequestOrigin(ServerSettings(), RequestOrigin::At::kPublic).refusal(request)->detail;
}

TEST(RequestOrigin, SaysWhatToSet) {
  EXPECT_EQ(detail_of(under("evil.example:8080")),
            "This host does not answer to the name 'evil.example:8080': ask for it by its address or as localhost, or add the name to server.hosts in its configuration.");
  EXPECT_EQ(detail_of(from("https://shop.example")),
            "A web page of 'https://shop.example' may not use this host: add that origin to server.origins in its configuration.");
  EXPECT_EQ(detail_of(from("null")), "A web page that has no origin of its own (Origin: null) may not use this host.");
  EXPECT_EQ(detail_of({"GET", kOwn, {}, "cross-site", "no-cors"}),
            "A web page of another site may not use this host: add its origin to server.origins in its configuration, and let the page ask by CORS.");
}

TEST(RequestOrigin, LetsNoPageButItsOwnUseTheAdminListener) {
  ServerSettings server;
  server.hosts = {"orders.example"};
  server.origins = {"https://shop.example"};
  const RequestOrigin origin(server, RequestOrigin::At::kAdmin);
  EXPECT_FALSE(origin.refusal(from("http://127.0.0.1:8080")));
  EXPECT_FALSE(origin.refusal(under("orders.example")));
  EXPECT_EQ(origin.refusal(from("https://shop.example"))->detail, "A web page may not use the admin listener, unless it came from there.");
  EXPECT_EQ(origin.listed_page("https://shop.example"), "");
}

TEST(RequestOrigin, TellsPagesOfListedOriginsFromTheHostsOwn) {
  ServerSettings server;
  server.origins = {"https://shop.example"};
  const RequestOrigin origin(server, RequestOrigin::At::kPublic);
  EXPECT_EQ(origin.listed_page("https://shop.example"), "https://shop.example");
  for (const auto* other : {"", "null", "http://127.0.0.1:8080", "https://evil.example"}) EXPECT_EQ(origin.listed_page(other), "") << other;
}

}  // namespace
}  // namespace statecast::host

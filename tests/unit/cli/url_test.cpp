#include "host/cli/client/url.hpp"

#include <gtest/gtest.h>

namespace statecast::host::client {
namespace {

Url url(std::string_view text) {
  const auto parsed = parse_url(text, "--url");
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Url{};
}

TEST(Url, SaysWhereAHostIs) {
  const auto plain = url("http://127.0.0.1:8080");
  EXPECT_FALSE(plain.tls);
  EXPECT_EQ(plain.authority(), "127.0.0.1:8080");
  EXPECT_EQ(plain.prefix, "");
  const auto tls = url("https://live.example.com/statecast/");
  EXPECT_TRUE(tls.tls);
  EXPECT_EQ(tls.authority(), "live.example.com:443");
  EXPECT_EQ(tls.prefix, "/statecast");
  EXPECT_EQ(tls.text, "https://live.example.com/statecast");
}

TEST(Url, KeepsAnIpv6AddressWithoutItsBrackets) {
  const auto six = url("http://[::1]:8080");
  EXPECT_EQ(six.host, "::1");
  EXPECT_EQ(six.authority(), "[::1]:8080");
}

TEST(Url, HasThePortOfItsSchemeWhenItNamesNone) { EXPECT_EQ(url("http://localhost").port, 80); }

struct Wrong {
  const char* text;
  const char* why;
};

class WrongUrls : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUrls, AreRefusedWithWhatToWrite) {
  const auto parsed = parse_url(GetParam().text, "--admin");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().text(), "--admin " + std::string(GetParam().text) + ": " + GetParam().why +
                                       "\n  = fix: write http://<host>:<port> or https://<host>, for instance --admin http://127.0.0.1:8080");
}

INSTANTIATE_TEST_SUITE_P(Of, WrongUrls,
                         testing::Values(Wrong{"127.0.0.1:8080", "is not a URL"}, Wrong{"", "is not a URL"},
                                         Wrong{"ftp://host", "is neither http nor https"},
                                         Wrong{"http://me@host", "holds a user name, which no host takes: an access token goes into --token"},
                                         Wrong{"http://host?x=1", "holds more than the place of a host"},
                                         Wrong{"http://host:0", "has no port from 1 to 65535"},
                                         Wrong{"http://host:99999", "has no port from 1 to 65535"},
                                         Wrong{"http://:80", "names no host"}));

TEST(EncodeQuery, LeavesWhatMayStandInAQuery) {
  EXPECT_EQ(encode_query("orders/o-1"), "orders/o-1");
  EXPECT_EQ(encode_query("a b&c=d%+#?"), "a%20b%26c%3Dd%25%2B%23%3F");
}

}  // namespace
}  // namespace statecast::host::client

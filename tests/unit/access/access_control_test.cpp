#include "host/access/access_control.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace statecast::host {
namespace {

constexpr const char* kCustomer = R"({"roles":["customer"],"sub":"c-1"})";
constexpr const char* kStaff = R"({"roles":["staff"],"sub":"s-1"})";

AccessControl with_tokens() {
  AccessSettings settings;
  settings.tokens = {{"demo-customer", kCustomer}, {"demo-staff", kStaff}};
  return AccessControl(settings);
}

TEST(AccessControl, LetsEverybodyInWhenThereAreNoRules) {
  AccessSettings settings;
  settings.none = true;
  const AccessControl access(settings);
  for (const char* header : {"", "Bearer whatever", "Basic x"}) {
    const Identity identity = access.identify(header, "");
    EXPECT_TRUE(identity.ok);
    EXPECT_EQ(identity.claims, R"({"sub":"anonymous","roles":["admin"]})");
    EXPECT_TRUE(identity.may_publish);
  }
}

TEST(AccessControl, LetsNobodyInWhenNothingWasConfigured) {
  EXPECT_FALSE(AccessControl(AccessSettings{}).identify("Bearer demo-customer", "").ok);
}

TEST(AccessControl, KnowsATokenInTheHeaderOrTheQuery) {
  const AccessControl access = with_tokens();
  EXPECT_EQ(access.identify("Bearer demo-customer", "").claims, kCustomer);
  EXPECT_EQ(access.identify("", "demo-staff").claims, kStaff);
  EXPECT_TRUE(access.identify("", "demo-staff").ok);
}

TEST(AccessControl, TakesTheSchemeInAnyCase) {
  const AccessControl access = with_tokens();
  for (const char* header : {"bearer demo-staff", "BEARER demo-staff", "Bearer   demo-staff "})
    EXPECT_EQ(access.identify(header, "").claims, kStaff) << header;
}

TEST(AccessControl, LetsTheHeaderCountBeforeTheQuery) {
  const AccessControl access = with_tokens();
  EXPECT_EQ(access.identify("Bearer demo-staff", "demo-customer").claims, kStaff);
  EXPECT_FALSE(access.identify("Bearer wrong", "demo-customer").ok);
}

TEST(AccessControl, SaysHowToSendAToken) {
  EXPECT_EQ(with_tokens().identify("", "").reason, "no access token: send 'Authorization: Bearer <token>' or ?token=");
}

TEST(AccessControl, RefusesAnotherScheme) {
  EXPECT_EQ(with_tokens().identify("Basic ZGVtbw==", "").reason,
            "the Authorization header is not of the form 'Bearer <token>'");
}

TEST(AccessControl, RefusesAnUnknownTokenWithoutRepeatingIt) {
  const AccessControl access = with_tokens();
  for (const char* token : {"demo", "demo-customer2", "DEMO-STAFF"}) {
    const Identity identity = access.identify("", token);
    EXPECT_FALSE(identity.ok);
    EXPECT_EQ(identity.claims, "");
    EXPECT_EQ(identity.reason, "the access token is not known here");
  }
  EXPECT_FALSE(access.identify("Bearer ", "").ok);
}

TEST(AccessControl, LetsStaffAdminAndPublishersPublish) {
  const auto may_publish = [](const std::string& claims) {
    AccessSettings settings;
    settings.tokens = {{"token", claims}};
    return AccessControl(settings).identify("", "token").may_publish;
  };
  for (const char* claims :
       {R"({"roles":["staff"]})", R"({"roles":["admin"]})", R"({"roles":["customer","publisher"]})"})
    EXPECT_TRUE(may_publish(claims)) << claims;
  for (const char* claims : {kCustomer, "{}", R"({"roles":"staff"})", R"({"roles":[1]})", "[]", "", "no json"})
    EXPECT_FALSE(may_publish(claims)) << claims;
}

TEST(AccessControl, AnswersSeveralThreadsAtOnce) {
  const AccessControl access = with_tokens();
  std::atomic<int> known{0};
  std::vector<std::thread> shards;
  for (int i = 0; i < 4; ++i)
    shards.emplace_back([&] {
      for (int n = 0; n < 100; ++n) known += access.identify("", n % 2 ? "demo-staff" : "demo-customer").ok ? 1 : 0;
    });
  for (std::thread& shard : shards) shard.join();
  EXPECT_EQ(known, 400);
}

}  // namespace
}  // namespace statecast::host

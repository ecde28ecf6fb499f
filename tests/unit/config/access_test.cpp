#include "config_fixture.hpp"

namespace statecast::host {
namespace {

TEST(Access, IsNoneOrAMap) {
  EXPECT_EQ(errors_of(minimal_with(2, R"(access: all)")),
            R"(/etc/statecast/statecast.yaml:2:9: error[access]: access: expected 'none' or a map with 'tokens'
   2 | access: all
     |         ^^^
   = fix: write 'access: none', or 'access: { tokens: { <token>: { sub: c-1, roles: [customer] } } }'
)");
}

TEST(Access, KnowsTokensOnly) {
  EXPECT_EQ(errors_of(minimal_with(2, R"(access: { token: { demo-customer: { sub: c-1, roles: [customer] } } })")),
            R"(/etc/statecast/statecast.yaml:2:11: error[unknown-key]: access: unknown key 'token'
   did you mean 'tokens'?
   = keys of access: tokens
)");
}

TEST(Access, IsNotNoneOnAnOpenListener) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { listen: 0.0.0.0:8080 }
)")),
      R"(/etc/statecast/statecast.yaml:2:9: error[access]: access: 'none' lets everybody who reaches 0.0.0.0:8080 read and publish everything
   2 | access: none
     |         ^^^^
   = fix: list tokens, listen on a loopback address, or write 'insecure: true' beside 'access'
)");
}

TEST(Access, NeedsAToken) {
  EXPECT_EQ(
      errors_of(minimal_with(2, R"(access: { tokens: {} })")),
      R"(/etc/statecast/statecast.yaml:2:11: error[access]: access.tokens: there is no token, so nobody could connect
   = fix: write 'access: none', or 'access: { tokens: { <token>: { sub: c-1, roles: [customer] } } }'
)");
}

TEST(Access, NeedsSomething) {
  EXPECT_EQ(errors_of(minimal_with(2, R"(access: {})")),
            R"(/etc/statecast/statecast.yaml:2:1: error[access]: access: there is no token, so nobody could connect
   = fix: write 'access: none', or 'access: { tokens: { <token>: { sub: c-1, roles: [customer] } } }'
)");
}

TEST(Access, NeedsLongTokensAndNeverShowsThem) {
  EXPECT_EQ(errors_of(minimal_with(2, R"(access: { tokens: { demo: { sub: c-1, roles: [customer] } } })")),
            R"(/etc/statecast/statecast.yaml:2:21: error[access]: access.tokens.<token>: the token is too short
   = fix: use at least 8 characters; 'openssl rand -hex 32' makes a good one
)");
}

TEST(Access, NeedsTokensThatHttpCarries) {
  EXPECT_EQ(
      errors_of(minimal_with(2, R"(access: { tokens: { "demo customer": { sub: c-1, roles: [customer] } } })")),
      R"(/etc/statecast/statecast.yaml:2:21: error[access]: access.tokens.<token>: the token has a character that HTTP can't carry
   = fix: use A-Z a-z 0-9 - . _ ~ + / =
)");
}

TEST(Access, NeedsASubAndRoles) {
  EXPECT_EQ(
      errors_of(minimal_with(2, R"(access: { tokens: { demo-customer: { name: c-1 } } })")),
      R"(/etc/statecast/statecast.yaml:2:21: error[access]: access.tokens.<token>.sub: 'sub' must be text that says who this is
   = fix: write it like 'sub: c-1'

/etc/statecast/statecast.yaml:2:21: error[access]: access.tokens.<token>.roles: 'roles' must be a list of names
   = fix: write it like 'roles: [customer]'
)");
}

TEST(Access, NeedsThemToBeText) {
  EXPECT_EQ(
      errors_of(minimal_with(2, R"(access: { tokens: { demo-customer: { sub: 1, roles: customer } } })")),
      R"(/etc/statecast/statecast.yaml:2:43: error[access]: access.tokens.<token>.sub: 'sub' must be text that says who this is
   = fix: write it like 'sub: c-1'

/etc/statecast/statecast.yaml:2:53: error[access]: access.tokens.<token>.roles: 'roles' must be a list of names
   = fix: write it like 'roles: [customer]'
)");
}

TEST(Access, NeverShowsADuplicateToken) {
  EXPECT_EQ(
      errors_of(minimal_with(
          2,
          R"(access: { tokens: { demo-customer: { sub: c-1, roles: [] }, demo-customer: { sub: c-2, roles: [] } } })")),
      R"(/etc/statecast/statecast.yaml:2:61: error[duplicate-key]: access.tokens: a key is there twice
   first: /etc/statecast/statecast.yaml:2:21
)");
}

TEST(Access, TakesTokensFromAListToo) {
  const Config config =
      config_of(minimal_with(2, "access: { tokens: [ { token: demo-customer, sub: c-1, roles: [customer] } ] }"));
  ASSERT_EQ(config.access.tokens.size(), 1u);
  EXPECT_EQ(config.access.tokens[0].token, "demo-customer");
  EXPECT_EQ(config.access.tokens[0].claims, R"({"roles":["customer"],"sub":"c-1"})");
  EXPECT_EQ(hidden("demo-customer", config.secrets), "<token>");
}

TEST(Access, NeedsATokenInEachEntryOfAList) {
  EXPECT_EQ(errors_of(minimal_with(2, "access: { tokens: [ { sub: c-1, roles: [customer] } ] }")),
            R"(/etc/statecast/statecast.yaml:2:21: error[access]: access.tokens[0].token: 'token' must be text
   = fix: write it like '- { token: !credential staff, sub: s-1, roles: [staff] }'
)");
}

TEST(Access, NamesTheEntryOfAListButNotItsToken) {
  EXPECT_EQ(errors_of(minimal_with(2, "access: { tokens: [ { token: demo, sub: c-1, roles: customer } ] }")),
            R"(/etc/statecast/statecast.yaml:2:30: error[access]: access.tokens[0]: the token is too short
   = fix: use at least 8 characters; 'openssl rand -hex 32' makes a good one

/etc/statecast/statecast.yaml:2:53: error[access]: access.tokens[0].roles: 'roles' must be a list of names
   = fix: write it like 'roles: [customer]'
)");
}

TEST(Access, NamesBothPlacesOfATokenThatIsListedTwice) {
  EXPECT_EQ(errors_of(minimal_with(2,
                                   "access: { tokens: [ { token: demo-customer, sub: c-1, roles: [] }, { token: "
                                   "demo-customer, sub: c-2, roles: [] } ] }")),
            R"(/etc/statecast/statecast.yaml:2:77: error[duplicate-key]: access.tokens[1]: this token is there twice
   first: /etc/statecast/statecast.yaml:2:30
)");
}

// The name would be a token that lets everybody in who guesses it.
TEST(Access, TakesNoKeyForTheNameOfAToken) {
  EXPECT_EQ(errors_of(minimal_with(2, "access: { tokens: { staff-token: { token: secret-one, sub: s-1, roles: [staff] } } }")),
            R"(/etc/statecast/statecast.yaml:2:43: error[access]: access.tokens.<token>.token: 'token' is for tokens that are listed; here the key is the token
   = fix: write it like '- { token: !credential staff, sub: s-1, roles: [staff] }'
)");
}

}  // namespace
}  // namespace statecast::host

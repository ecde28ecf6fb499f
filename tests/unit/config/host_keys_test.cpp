#include "config_fixture.hpp"

namespace statecast::host {
namespace {

TEST(HostKeys, RequireTheVersion) {
  EXPECT_EQ(errors_of(minimal_with(1, R"()")),
            R"(/etc/statecast/statecast.yaml: error[missing-key]: the key 'version' is missing
   = fix: write 'version: 1' at the top
)");
}

TEST(HostKeys, KnowOneVersion) {
  EXPECT_EQ(errors_of(minimal_with(1, R"(version: 2)")),
            R"(/etc/statecast/statecast.yaml:1:10: error[not-allowed]: version: 2 is none of: 1
   1 | version: 2
     |          ^
)");
}

TEST(HostKeys, RequireAccess) {
  EXPECT_EQ(errors_of(minimal_with(2, R"()")),
            R"(/etc/statecast/statecast.yaml: error[missing-key]: the key 'access' is missing
   = fix: write 'access: none' to let everybody in on a loopback address, or list tokens under it
)");
}

TEST(HostKeys, SuggestTheKeyThatWasMeant) {
  EXPECT_EQ(errors_of(minimal_and(R"(sever: { listen: 127.0.0.1:8080 }
)")),
            R"(/etc/statecast/statecast.yaml:6:1: error[unknown-key]: unknown key 'sever'
   6 | sever: { listen: 127.0.0.1:8080 }
     | ^^^^^ did you mean 'server'?
   = keys of the file: version, include, server, plugins, store, sources, states, transports, access, insecure, limits
)");
}

TEST(HostKeys, ListTheKeysOfASection) {
  EXPECT_EQ(errors_of(minimal_and(R"(server: { tls: true }
)")),
            R"(/etc/statecast/statecast.yaml:6:11: error[unknown-key]: server: unknown key 'tls'
   6 | server: { tls: true }
     |           ^^^
   = keys of server: listen, admin, hosts, origins, publish, page, log, shards, drain
)");
}

TEST(HostKeys, TakeNoListForAMap) {
  EXPECT_EQ(errors_of(minimal_and(R"(limits: [1]
)")),
            R"(/etc/statecast/statecast.yaml:6:9: error[wrong-type]: limits: expected a map, found a list
   6 | limits: [1]
     |         ^
)");
}

TEST(HostKeys, TakeNoMapForText) {
  EXPECT_EQ(errors_of(minimal_and(R"(server: { publish: { to: events } }
)")),
            R"(/etc/statecast/statecast.yaml:6:20: error[wrong-type]: server.publish: expected text, found a map
   6 | server: { publish: { to: events } }
     |                    ^
)");
}

TEST(HostKeys, TakeOnlyYaml12Booleans) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(insecure: yes
)")),
      R"(/etc/statecast/statecast.yaml:6:11: error[wrong-type]: insecure: expected true or false, found the text 'yes'
   6 | insecure: yes
     |           ^^^ write true or false
)");
}

TEST(HostKeys, TellANumberFromText) {
  EXPECT_EQ(errors_of(minimal_and(R"(server: { publish: 12 }
)")),
            R"(/etc/statecast/statecast.yaml:6:20: error[wrong-type]: server.publish: expected text, found the number 12
   6 | server: { publish: 12 }
     |                    ^^ write "12", in quotes
)");
}

TEST(HostKeys, RequireAValue) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { drain: }
)")),
      R"(/etc/statecast/statecast.yaml:6:11: error[wrong-type]: server.drain: expected a duration such as 30s, found nothing
   6 | server: { drain: }
     |           ^^^^^
)");
}

TEST(HostKeys, RequireAUnitOfADuration) {
  EXPECT_EQ(errors_of(minimal_and(R"(server: { drain: 10 }
)")),
            R"(/etc/statecast/statecast.yaml:6:18: error[missing-unit]: server.drain: the duration '10' has no unit
   6 | server: { drain: 10 }
     |                  ^^ write 10s, for instance
   = units: ms, s, m, h, d
)");
}

TEST(HostKeys, RequireAUnitOfASize) {
  EXPECT_EQ(errors_of(minimal_and(R"(limits: { body: 64 }
)")),
            R"(/etc/statecast/statecast.yaml:6:17: error[missing-unit]: limits.body: the size '64' has no unit
   6 | limits: { body: 64 }
     |                 ^^ write 64MiB, for instance
   = units: B, KiB, MiB, GiB, KB, MB, GB
)");
}

TEST(HostKeys, NameTheUnitsOfADuration) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { drain: 10sec }
)")),
      R"(/etc/statecast/statecast.yaml:6:18: error[unknown-unit]: server.drain: the duration '10sec' has an unknown unit
   6 | server: { drain: 10sec }
     |                  ^^^^^
   = units: ms, s, m, h, d
)");
}

TEST(HostKeys, ShowWhatADurationLooksLike) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { drain: soon }
)")),
      R"(/etc/statecast/statecast.yaml:6:18: error[wrong-type]: server.drain: expected a duration such as 30s, found the text 'soon'
   6 | server: { drain: soon }
     |                  ^^^^
)");
}

TEST(HostKeys, RefuseADurationBeyondAllBounds) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { drain: 99999999999999999999s }
)")),
      R"(/etc/statecast/statecast.yaml:6:18: error[out-of-range]: server.drain: the duration '99999999999999999999s' is too large
   6 | server: { drain: 99999999999999999999s }
     |                  ^^^^^^^^^^^^^^^^^^^^^
)");
}

TEST(HostKeys, RefuseTooLittle) {
  EXPECT_EQ(errors_of(minimal_and(R"(limits: { header: 1B }
)")),
            R"(/etc/statecast/statecast.yaml:6:19: error[out-of-range]: limits.header: 1B is too little: at least 1KiB
   6 | limits: { header: 1B }
     |                   ^^
)");
}

TEST(HostKeys, RefuseAHeaderThatNoRequestMayHave) {
  EXPECT_EQ(errors_of(minimal_and(R"(limits: { header: 64KiB }
)")),
            R"(/etc/statecast/statecast.yaml:6:19: error[out-of-range]: limits.header: 64KiB is too much: at most 63KiB
   6 | limits: { header: 64KiB }
     |                   ^^^^^
)");
}

TEST(HostKeys, RefuseTooMuch) {
  EXPECT_EQ(errors_of(minimal_and(R"(server: { drain: 2h }
)")),
            R"(/etc/statecast/statecast.yaml:6:18: error[out-of-range]: server.drain: 2h is too much: at most 1h
   6 | server: { drain: 2h }
     |                  ^^
)");
}

TEST(HostKeys, RefuseANumberOutOfRange) {
  EXPECT_EQ(errors_of(minimal_and(R"(limits: { connections: 0 }
)")),
            R"(/etc/statecast/statecast.yaml:6:24: error[out-of-range]: limits.connections: 0 is too little: at least 1
   6 | limits: { connections: 0 }
     |                        ^
)");
}

TEST(HostKeys, RefuseAFractionForAWholeNumber) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(limits: { connections: 1.5 }
)")),
      R"(/etc/statecast/statecast.yaml:6:24: error[wrong-type]: limits.connections: expected a whole number, found the number 1.5
   6 | limits: { connections: 1.5 }
     |                        ^^^
)");
}

TEST(HostKeys, SuggestTheChoiceThatWasMeant) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { log: { level: inf } }
)")),
      R"(/etc/statecast/statecast.yaml:6:25: error[not-allowed]: server.log.level: inf is none of: debug, info, warning, error
   6 | server: { log: { level: inf } }
     |                         ^^^ did you mean 'info'?
)");
}

TEST(HostKeys, TakeNumericAddressesOnly) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { listen: localhost:8080 }
)")),
      R"(/etc/statecast/statecast.yaml:6:19: error[address]: server.listen: 'localhost:8080' is no numeric address with a port
   6 | server: { listen: localhost:8080 }
     |                   ^^^^^^^^^^^^^^
   = fix: write it like 127.0.0.1:8080, or "[::1]:8080" for IPv6
)");
}

TEST(HostKeys, PointAtTheAddressInAList) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { listen: [127.0.0.1:8080, "8081"] }
)")),
      R"(/etc/statecast/statecast.yaml:6:36: error[address]: server.listen[1]: '8081' is no numeric address with a port
   6 | server: { listen: [127.0.0.1:8080, "8081"] }
     |                                    ^^^^^^
   = fix: write it like 127.0.0.1:8080, or "[::1]:8080" for IPv6
)");
}

TEST(HostKeys, TakeNamesOfHostsWithoutSchemeAndPort) {
  for (const char* wrong : {"orders.example:8080", "http://orders.example", "*", "*.", "*.*.example", "a.*.example", "orders example", ""})
    EXPECT_NE(errors_of(minimal_and("server: { hosts: \"" + std::string(wrong) + "\" }\n")), "") << wrong;
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { hosts: [orders.example, "orders.example:8080"] }
)")),
      R"(/etc/statecast/statecast.yaml:6:35: error[host]: server.hosts[1]: 'orders.example:8080' is no name of a host
   6 | server: { hosts: [orders.example, "orders.example:8080"] }
     |                                   ^^^^^^^^^^^^^^^^^^^^^
   = fix: write it without scheme and port, like orders.example, or "*.example.org" for all names below that
)");
}

TEST(HostKeys, TakeOriginsAsBrowsersWriteThem) {
  for (const char* wrong : {"shop.example", "https://shop.example/", "https://shop.example/shop", "https://", "*", "null", "https://u@shop.example"})
    EXPECT_NE(errors_of(minimal_and("server: { origins: \"" + std::string(wrong) + "\" }\n")), "") << wrong;
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { origins: shop.example }
)")),
      R"(/etc/statecast/statecast.yaml:6:20: error[origin]: server.origins: 'shop.example' is no origin of web pages
   6 | server: { origins: shop.example }
     |                    ^^^^^^^^^^^^
   = fix: write scheme, name and, where it is in the address, port: https://shop.example, http://localhost:3000
)");
}

TEST(HostKeys, RequireAnAddress) {
  EXPECT_EQ(errors_of(minimal_and(R"(server: { listen: [] }
)")),
            R"(/etc/statecast/statecast.yaml:6:11: error[address]: server.listen: there must be an address to listen on
   6 | server: { listen: [] }
     |           ^^^^^^
)");
}

TEST(HostKeys, RefuseAnAddressTwice) {
  EXPECT_EQ(errors_of(minimal_and(R"(server: { listen: 127.0.0.1:9180 }
)")),
            R"(/etc/statecast/statecast.yaml:6:1: error[address]: server.admin: 127.0.0.1:9180 is listened on twice
   6 | server: { listen: 127.0.0.1:9180 }
     | ^^^^^^
)");
}

TEST(HostKeys, KeepTheAdminListenerOnLoopback) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(server: { admin: 0.0.0.0:9180 }
)")),
      R"(/etc/statecast/statecast.yaml:6:18: error[admin-exposed]: server.admin: 0.0.0.0:9180 is no loopback address, and the admin listener asks nobody who they are
   6 | server: { admin: 0.0.0.0:9180 }
     |                  ^^^^^^^^^^^^
   = fix: listen on 127.0.0.1 or [::1], or write 'admin: off'
)");
}

TEST(HostKeys, RefuseAMalformedRequirement) {
  EXPECT_EQ(errors_of(minimal_and(R"(plugins: { require: { log: "2.1" } }
)")),
            R"(/etc/statecast/statecast.yaml:6:28: error[version]: plugins.require.log: '2.1' is no requirement
   6 | plugins: { require: { log: "2.1" } }
     |                            ^^^^^
   = fix: write it like ">=2.1"
)");
}

TEST(HostKeys, SayThatARequiredPackageIsMissing) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(plugins: { require: { acme-fraud: ">=2.1" } }
)")),
      R"(/etc/statecast/statecast.yaml:6:23: error[plugin-not-found]: plugins.require.acme-fraud: no package or plugin of this name was found
   6 | plugins: { require: { acme-fraud: ">=2.1" } }
     |                       ^^^^^^^^^^
   = fix: install it, or remove the requirement
)");
}

TEST(HostKeys, SayThatARequiredPackageIsTooOld) {
  EXPECT_EQ(
      errors_of(minimal_and(R"(plugins: { require: { statecast: ">=0.2" } }
)")),
      R"(/etc/statecast/statecast.yaml:6:34: error[plugin-version]: plugins.require.statecast: version 0.1.0 is installed, >=0.2 is required
   6 | plugins: { require: { statecast: ">=0.2" } }
     |                                  ^^^^^^^
   = fix: upgrade statecast
)");
}

}  // namespace
}  // namespace statecast::host

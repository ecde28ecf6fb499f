#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config_fixture.hpp"

namespace statecast::host {
namespace {

constexpr const char* kFile = "/etc/statecast/statecast.yaml";

TEST(ConfigFile, SaysThatThereIsNoSuchFile) {
  const ConfigFile file = ConfigFile::open("/nowhere/statecast.yaml");
  EXPECT_TRUE(file.plugin_search().empty());
  EXPECT_EQ(format_text(file.check(catalog()).diagnostics),
            "/nowhere/statecast.yaml: error[file]: there is no such file\n"
            "   = fix: name the one to use: statecast run FILE\n\n1 error. Nothing was started.\n");
}

TEST(ConfigFile, RefusesWhatIsNoRegularFile) {
  EXPECT_EQ(
      format_text(ConfigFile::open("/dev").check(catalog()).diagnostics),
      "/dev: error[file]: this is no regular file\n   = fix: name a YAML file\n\n1 error. Nothing was started.\n");
}

TEST(ConfigFile, SaysWhyTheFileCantBeReached) {
  const std::string file = "/" + std::string(300, 'x');
  EXPECT_EQ(format_text(ConfigFile::open(file).check(catalog()).diagnostics),
            file +
                ": error[file]: the file can't be read: File name too long\n"
                "   = fix: let the user that runs statecast read it\n\n1 error. Nothing was started.\n");
}

TEST(ConfigFile, RefusesALargeFile) {
  const auto path =
      std::filesystem::temp_directory_path() / ("statecast-large-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << std::string(1024 * 1024 + 1, '#');
  const std::string text = format_text(ConfigFile::open(path).check(catalog()).diagnostics);
  std::filesystem::remove(path);
  EXPECT_EQ(
      text,
      path.string() +
          ": error[file]: the file is larger than 1MiB\n   = fix: name a YAML file\n\n1 error. Nothing was started.\n");
}

TEST(ConfigFile, RefusesAnEmptyFile) {
  for (const char* text : {"", "# only a comment\n", "---\n"})
    EXPECT_EQ(errors_of(text), std::string(kFile) +
                                   ": error[yaml]: the file says nothing\n"
                                   "   = fix: begin with 'version: 1'; see minimal.yaml for the least that runs\n");
}

TEST(ConfigFile, RefusesAFileThatIsNoMap) {
  EXPECT_EQ(errors_of("- a\n"),
            std::string(kFile) + R"(:1:1: error[yaml]: the file must be a map of keys, such as 'version: 1'
   1 | - a
     | ^
)");
}

TEST(ConfigFile, RefusesASecondDocument) {
  EXPECT_EQ(errors_of(minimal_and("---\nversion: 1\n")),
            std::string(kFile) + R"(:6:1: error[yaml]: a second document begins here; the configuration is one document
   6 | ---
     | ^
)");
}

TEST(ConfigFile, PointsAtTheSyntaxError) {
  EXPECT_EQ(errors_of("version: 1\nserver: a: b\n"), std::string(kFile) + R"(:2:10: error[yaml]: illegal map value
   2 | server: a: b
     |          ^
)");
}

TEST(ConfigFile, NamesTheTabThatBreaksTheIndentation) {
  EXPECT_EQ(errors_of("server:\n\tlisten: x\n"), std::string(kFile) +
                                                     ":2:8: error[yaml]: illegal map value\n"
                                                     "   2 | \tlisten: x\n"
                                                     "     | \t      ^\n"
                                                     "   = fix: indent with spaces: YAML allows no tabs there\n");
}

TEST(ConfigFile, RefusesOtherThanUtf8) {
  EXPECT_EQ(errors_of("version: 1\nx: \xff\n"), std::string(kFile) + ":2:4: error[yaml]: the file is not UTF-8\n");
}

TEST(ConfigFile, RefusesControlCharactersThatWouldCutItShort) {
  EXPECT_EQ(errors_of(minimal_and("\x04")), std::string(kFile) + ":6:1: error[yaml]: control character 0x04\n");
}

TEST(ConfigFile, RefusesNestingWithoutEnd) {
  const auto deep = [](std::size_t n) { return load("a: " + std::string(n, '[') + std::string(n, ']')).diagnostics; };
  const auto refused = deep(32);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].code, "yaml");
  EXPECT_EQ(refused[0].message, "nested more than 32 deep");
  EXPECT_EQ(refused[0].column, 4 + 31);
  EXPECT_EQ(deep(100'000).at(0).code, "yaml");
  for (const Diagnostic& d : deep(31)) EXPECT_NE(d.code, "yaml");
}

TEST(ConfigFile, RefusesKeysThatAreNoText) {
  EXPECT_EQ(errors_of("? [a]\n: b\n"), std::string(kFile) + R"(:1:3: error[yaml]: a key must be plain text
   1 | ? [a]
     |   ^
)");
}

TEST(ConfigFile, NamesBothPlacesOfADuplicateKey) {
  EXPECT_EQ(errors_of(minimal_and("insecure: false\nlimits: { per_ip: 1, body: 1KiB, per_ip: 2 }\n")),
            std::string(kFile) + R"(:7:34: error[duplicate-key]: limits: the key 'per_ip' is there twice
   7 | limits: { per_ip: 1, body: 1KiB, per_ip: 2 }
     |                                  ^^^^^^
   first: /etc/statecast/statecast.yaml:7:11
)");
}

TEST(ConfigFile, RefusesAliases) {
  EXPECT_EQ(errors_of("version: 1\naccess: none\nsources: { events: &e { type: log, path: /x } }\nstates: { orders: { "
                      "type: order, sources: [events], <<: *e } }\n"
                      "transports: { sse: { type: sse } }\n"),
            std::string(kFile) + R"(:4:57: error[alias]: states.orders.<<: aliases are not supported
   4 | states: { orders: { type: order, sources: [events], <<: *e } }
     |                                                         ^
   = fix: write the value out; quote one that begins with '*'
)");
}

TEST(ConfigFile, SaysThatNothingIsSubstituted) {
  EXPECT_EQ(errors_of(minimal_with(3, "sources: { events: { type: log, path: \"${HOME}/events.db\" } }")),
            std::string(kFile) + R"(:3:39: error[substitution]: sources.events.path: '${HOME}' would not be substituted
   3 | sources: { events: { type: log, path: "${HOME}/events.db" } }
     |                                       ^^^^^^^^^^^^^^^^^^^
   = fix: write '!env HOME' in place of the whole value, or the value itself
)");
}

TEST(ConfigFile, SaysThatAPatternThatBeginsWithAnAsteriskMustBeQuoted) {
  EXPECT_EQ(errors_of(minimal_and("include: [*.yaml]\n")),
            std::string(kFile) + R"(:6:11: error[yaml]: the referenced anchor is not defined
   6 | include: [*.yaml]
     |           ^
   = fix: quote what begins with '*'
)");
}

TEST(ConfigFile, ShowsNoTokenWhereTheSyntaxIsBroken) {
  EXPECT_EQ(errors_of("version: 1\naccess:\n  tokens:\n    demo-customer: { sub: c-1, roles: [customer }\n"),
            std::string(kFile) + ":4:49: error[yaml]: illegal flow end\n");
}

TEST(ConfigFile, ShowsNoTokenOfAnotherSectionOnItsLine) {
  EXPECT_EQ(errors_of("{ version: 1, insecure: maybe, access: { tokens: { demo-customer: { sub: c-1, roles: [] } } },\n"
                      "sources: { events: { type: log, path: /tmp/events.db } },\n"
                      "states: { orders: { type: order, sources: [events] } }, transports: { sse: { type: sse } } }"),
            std::string(kFile) +
                ":1:25: error[wrong-type]: insecure: expected true or false, found the text 'maybe'\n");
}

}  // namespace
}  // namespace statecast::host

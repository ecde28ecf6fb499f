#include <sys/stat.h>

#include "config_folder.hpp"
#include "host/config/includes.hpp"

namespace statecast::host {
namespace {

using Includes = ConfigFolder;

constexpr const char* kMain =
    "version: 1\n"
    "include: [conf.d/*.yaml]\n"
    "access: none\n"
    "sources: { events: { type: log, path: events.db } }\n"
    "states: { orders: { type: order, sources: [events] } }\n"
    "transports: { sse: { type: sse } }\n";

std::vector<std::string> ids_of(const std::vector<SourceSettings>& sources) {
  std::vector<std::string> ids;
  for (const SourceSettings& source : sources) ids.push_back(source.id);
  return ids;
}

TEST_F(Includes, MayMatchNothing) { EXPECT_EQ(config(kMain).sources.size(), 1u); }

TEST_F(Includes, MergeSectionsByIdInTheOrderOfTheirNames) {
  write("conf.d/20.yaml", "sources: { second: { type: log, path: /b } }\n");
  write("conf.d/10.yaml", "sources: { first: { type: log, path: /a } }\nlimits: { per_ip: 5 }\n");
  write("conf.d/30.txt", "this: is not read\n");
  const Config merged = config(std::string(kMain) + "limits: { connections: 10 }\n");
  EXPECT_EQ(ids_of(merged.sources), (std::vector<std::string>{"events", "first", "second"}));
  EXPECT_EQ(merged.limits.connections, 10u);
  EXPECT_EQ(merged.limits.per_ip, 5u);
}

TEST_F(Includes, MergeMapsWithinASectionAndAppendLists) {
  write("conf.d/a.yaml", "server: { log: { format: text } }\nplugins: { search: [/opt/more] }\n");
  const ConfigFile file =
      open(std::string(kMain) + "server: { log: { level: debug } }\nplugins: { search: [/opt/plugins] }\n");
  const Config merged = file.check(catalog()).config.value_or(Config{});
  EXPECT_EQ(merged.server.log_level, "debug");
  EXPECT_EQ(merged.server.log_format, "text");
  EXPECT_EQ(file.plugin_search(), (std::vector<std::filesystem::path>{"/opt/plugins", "/opt/more"}));
}

TEST_F(Includes, TakeRelativePathsFromTheFileThatHoldsThem) {
  write("conf.d/a.yaml", "sources: { more: { type: log, path: more.db } }\nplugins: { search: [mine] }\n");
  const Config merged = config(kMain);
  EXPECT_NE(merged.sources[0].settings.find((folder() / "events.db").string()), std::string::npos);
  EXPECT_NE(merged.sources[1].settings.find((folder() / "conf.d/more.db").string()), std::string::npos);
  EXPECT_EQ(merged.plugin_search, std::vector<std::filesystem::path>{folder() / "conf.d/mine"});
}

TEST_F(Includes, MaySayNothingOrTheSameVersion) {
  write("conf.d/a.yaml", "# nothing yet\n");
  write("conf.d/b.yaml", "version: 1\nstates:\n");
  EXPECT_EQ(errors(kMain), "");
}

TEST_F(Includes, MustBeOfOneVersion) {
  write("conf.d/a.yaml", "version: 2\n");
  EXPECT_EQ(errors(kMain), R"(conf.d/a.yaml:1:10: error[version]: version: the files of a configuration must have one version
   1 | version: 2
     |          ^
   first: statecast.yaml:1:10
   = fix: write that version here, or leave it out
)");
}

TEST_F(Includes, NameBothPlacesOfADuplicateId) {
  write("conf.d/a.yaml", "states:\n  orders: { type: order, sources: [events] }\n");
  EXPECT_EQ(errors(kMain), R"(conf.d/a.yaml:2:3: error[duplicate-key]: states: the key 'orders' is there twice
   2 |   orders: { type: order, sources: [events] }
     |   ^^^^^^
   first: statecast.yaml:5:11
)");
}

TEST_F(Includes, NameBothPlacesOfADuplicateKey) {
  write("conf.d/a.yaml", "limits: { per_ip: 1 }\n");
  write("conf.d/b.yaml", "limits: { per_ip: 1 }\n");
  EXPECT_EQ(errors(kMain), R"(conf.d/b.yaml:1:11: error[duplicate-key]: limits: the key 'per_ip' is there twice
   1 | limits: { per_ip: 1 }
     |           ^^^^^^
   first: conf.d/a.yaml:1:11
)");
}

TEST_F(Includes, NeverShowADuplicateToken) {
  write("conf.d/a.yaml", "access: { tokens: { demo-customer: { sub: c-2, roles: [] } } }\n");
  const std::string main = replaced(kMain, "none", "{ tokens: { demo-customer: { sub: c-1, roles: [] } } }");
  EXPECT_EQ(errors(main), R"(conf.d/a.yaml:1:21: error[duplicate-key]: access.tokens: a key is there twice
   first: statecast.yaml:3:21
)");
}

TEST_F(Includes, ShowNoTokenOfAFileBesideOneThatLetsEverybodyIn) {
  write("conf.d/a.yaml", "access: { tokens: { demo-customer: { sub: c-2, roles: [] } } }\n");
  EXPECT_EQ(errors(kMain), R"(conf.d/a.yaml:1:1: error[duplicate-key]: the key 'access' is there twice
   first: statecast.yaml:3:1
)");
}

TEST_F(Includes, AreNamedByEveryDiagnosticWithinThem) {
  write("conf.d/a.yaml", "sources:\n  more: { type: log, path: /a, retension: {} }\n");
  EXPECT_EQ(errors(kMain), R"(conf.d/a.yaml:2:32: error[unknown-key]: sources.more: unknown key 'retension'
   2 |   more: { type: log, path: /a, retension: {} }
     |                                ^^^^^^^^^ did you mean 'retention'?
   = keys of log 1.0.0: path, retention, type, enabled   (statecast explain source/log)
)");
}

TEST_F(Includes, AreReportedInTheOrderOfTheFiles) {
  write("conf.d/b.yaml", "b: 1\n");
  write("conf.d/a.yaml", "\n\na: 1\n");
  const auto diagnostics = open(std::string(kMain) + "main: 1\n").check(catalog()).diagnostics;
  ASSERT_EQ(diagnostics.size(), 3u);
  EXPECT_EQ(diagnostics[0].line, 7);
  EXPECT_EQ(diagnostics[1].file, (folder() / "conf.d/a.yaml").string());
  EXPECT_EQ(diagnostics[2].file, (folder() / "conf.d/b.yaml").string());
}

TEST_F(Includes, MustBeThereWhenTheyAreNamedPlainly) {
  EXPECT_EQ(errors(replaced(kMain, "conf.d/*", "more")),
            R"(statecast.yaml:2:11: error[include]: include[0]: there is no file 'more.yaml'
   2 | include: [more.yaml]
     |           ^^^^^^^^^
   = fix: create it, or don't name it here; a pattern such as conf.d/*.yaml may match nothing
)");
}

TEST_F(Includes, MustBeFiles) {
  std::filesystem::create_directories(folder() / "conf.d/folder.yaml");
  EXPECT_EQ(errors(kMain), R"(statecast.yaml:2:11: error[include]: include[0]: 'conf.d/folder.yaml' is no regular file
   2 | include: [conf.d/*.yaml]
     |           ^^^^^^^^^^^^^
   = fix: name a YAML file
)");
}

TEST_F(Includes, MustNotBeLarge) {
  write("conf.d/a.yaml", std::string(kLargestConfigFile + 1, '#'));
  EXPECT_EQ(errors(kMain), R"(statecast.yaml:2:11: error[include]: include[0]: 'conf.d/a.yaml' is larger than 1MiB
   2 | include: [conf.d/*.yaml]
     |           ^^^^^^^^^^^^^
   = fix: name a YAML file
)");
}

TEST_F(Includes, WaitForNoPipe) {
  std::filesystem::create_directories(folder() / "conf.d");
  ASSERT_EQ(::mkfifo((folder() / "conf.d/pipe.yaml").c_str(), 0600), 0);
  EXPECT_NE(errors(kMain).find("'conf.d/pipe.yaml' is no regular file"), std::string::npos);
}

TEST_F(Includes, SayWhyTheyCantBeRead) {
  std::filesystem::create_directories(folder() / "conf.d");
  std::filesystem::create_symlink("loop.yaml", folder() / "conf.d/loop.yaml");
  EXPECT_EQ(errors(replaced(kMain, "*", "loop")),
            R"(statecast.yaml:2:11: error[include]: include[0]: 'conf.d/loop.yaml' can't be read: Too many levels of symbolic links
   2 | include: [conf.d/loop.yaml]
     |           ^^^^^^^^^^^^^^^^
   = fix: let the user that runs statecast read it
)");
}

TEST_F(Includes, SayWhyAFolderCantBeSearched) {
  const std::string name(300, 'x');
  const std::string text = errors(replaced(kMain, "conf.d", name));
  EXPECT_NE(text.find("error[include]: include[0]: can't look for files: " + name + ": File name too long\n"),
            std::string::npos)
      << text;
}

TEST_F(Includes, AreBoundedInNumber) {
  for (std::size_t i = 0; i <= kMostIncludedFiles; ++i) write("conf.d/" + std::to_string(i) + ".yaml", "");
  EXPECT_EQ(errors(kMain), R"(statecast.yaml:2:11: error[include]: include[0]: more than 1000 files
   2 | include: [conf.d/*.yaml]
     |           ^^^^^^^^^^^^^
   = fix: name a narrower pattern
)");
}

TEST_F(Includes, CantIncludeOthers) {
  write("conf.d/a.yaml", "include: [b.yaml]\n");
  EXPECT_EQ(errors(kMain), R"(conf.d/a.yaml:1:1: error[include]: include: an included file can't include others
   1 | include: [b.yaml]
     | ^^^^^^^
   = fix: name the files in the 'include' of statecast.yaml
)");
}

TEST_F(Includes, AreReadOnceThoughNamedTwice) {
  write("conf.d/a.yaml", "limits: { per_ip: 1 }\n");
  EXPECT_EQ(config(replaced(kMain, "[conf.d/*.yaml]", "[conf.d/a.yaml, ./conf.d/*.yaml, \"*.yaml\"]")).limits.per_ip, 1u);
}

TEST_F(Includes, WithBrokenSyntaxAreAllThatIsReported) {
  write("conf.d/a.yaml", "states: { orders: [\n");
  const auto diagnostics = open(std::string(kMain) + "main: 1\n").check(catalog()).diagnostics;
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].file, (folder() / "conf.d/a.yaml").string());
  EXPECT_EQ(diagnostics[0].code, "yaml");
}

TEST_F(Includes, AreAList) {
  EXPECT_EQ(errors(replaced(kMain, "[conf.d/*.yaml]", "conf.d/*.yaml")),
            R"(statecast.yaml:2:10: error[wrong-type]: include: expected a list, found the text 'conf.d/*.yaml'
   2 | include: conf.d/*.yaml
     |          ^^^^^^^^^^^^^ write [conf.d/*.yaml]
)");
}

}  // namespace
}  // namespace statecast::host

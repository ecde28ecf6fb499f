#include <sys/stat.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "config_folder.hpp"
#include "host/config/typed_tags.hpp"

namespace statecast::host {
namespace {

using Json = nlohmann::json;

// The environment as a test wants it, put back at its end.
class TypedTags : public ConfigFolder {
 protected:
  ~TypedTags() override {
    for (const char* name : {"STATECAST_TEST_VALUE", "CREDENTIALS_DIRECTORY"}) ::unsetenv(name);
  }
  static void set(const std::string& value) { ::setenv("STATECAST_TEST_VALUE", value.c_str(), 1); }
  void set_credentials() const { ::setenv("CREDENTIALS_DIRECTORY", (folder() / "credentials").c_str(), 1); }

  std::string code_of(const std::string& order_keys) const {
    const Config read = config(minimal_with(4, "states: { orders: { type: order, sources: [events], " + order_keys + " } }"));
    return read.states.empty() ? "" : read.states[0].settings;
  }
  std::string order_errors(const std::string& order_keys) const {
    return errors(minimal_with(4, "states: { orders: { type: order, sources: [events], " + order_keys + " } }"));
  }
};

TEST_F(TypedTags, StandForText) {
  set("a \"quote\", { no: structure } # no comment");
  EXPECT_EQ(Json::parse(code_of("code: !env STATECAST_TEST_VALUE"))["code"], "a \"quote\", { no: structure } # no comment");
}

TEST_F(TypedTags, AreTextWhereTextIsAskedForWhateverTheyLookLike) {
  set("12");
  EXPECT_EQ(Json::parse(code_of("code: !env STATECAST_TEST_VALUE"))["code"], "12");
}

TEST_F(TypedTags, AreReadByTheTypeOfTheKey) {
  set("true");
  EXPECT_EQ(Json::parse(code_of("strict: !env STATECAST_TEST_VALUE"))["strict"], true);
  set("0.5");
  EXPECT_EQ(Json::parse(code_of("ratio: !env STATECAST_TEST_VALUE"))["ratio"], 0.5);
  set("90s");
  EXPECT_EQ(Json::parse(code_of("keep: !env STATECAST_TEST_VALUE"))["keep"], 90'000);
  set("7");
  EXPECT_EQ(config(minimal_and("limits: { per_ip: !env STATECAST_TEST_VALUE }\n")).limits.per_ip, 7u);
}

TEST_F(TypedTags, OfAWrongTypeAreReportedWithoutTheirValue) {
  set("hunter2");
  EXPECT_EQ(errors(minimal_and("limits: { per_ip: !env STATECAST_TEST_VALUE }\n")),
            R"(statecast.yaml:6:19: error[wrong-type]: limits.per_ip: expected a whole number, found the value of !env STATECAST_TEST_VALUE
   6 | limits: { per_ip: !env STATECAST_TEST_VALUE }
     |                   ^^^^^^^^^^^^^^^^^^^^^^^^^
)");
}

TEST_F(TypedTags, OutOfRangeAreReportedWithoutTheirValue) {
  set("99");
  EXPECT_EQ(order_errors("partitions: !env STATECAST_TEST_VALUE"),
            R"(statecast.yaml:4:65: error[out-of-range]: states.orders.partitions: the value of !env STATECAST_TEST_VALUE is too much: at most 64
   4 | states: { orders: { type: order, sources: [events], partitions: !env STATECAST_TEST_VALUE } }
     |                                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^
)");
}

TEST_F(TypedTags, WithoutAUnitAreReportedWithoutTheirValue) {
  set("5");
  EXPECT_EQ(order_errors("keep: !env STATECAST_TEST_VALUE"),
            R"(statecast.yaml:4:59: error[missing-unit]: states.orders.keep: the duration from !env STATECAST_TEST_VALUE has no unit
   4 | states: { orders: { type: order, sources: [events], keep: !env STATECAST_TEST_VALUE } }
     |                                                           ^^^^^^^^^^^^^^^^^^^^^^^^^
   = units: ms, s, m, h, d
)");
}

TEST_F(TypedTags, AreReplacedInWhatOtherChecksSay) {
  set("evnets");
  EXPECT_EQ(errors(minimal_with(4, "states: { orders: { type: order, sources: [!env STATECAST_TEST_VALUE] } }")),
            R"(statecast.yaml:4:44: error[unknown-source]: states.orders.sources[0]: there is no source '<!env STATECAST_TEST_VALUE>'
   4 | states: { orders: { type: order, sources: [!env STATECAST_TEST_VALUE] } }
     |                                            ^^^^^^^^^^^^^^^^^^^^^^^^^
   = sources: events
)");
}

TEST_F(TypedTags, NameAFileBesideTheOneThatNamesIt) {
  write("conf.d/a.yaml", "sources: { more: { type: log, path: !file path } }\n");
  write("conf.d/path", "more.db\n");
  const Config read = config(minimal_and("include: [conf.d/*.yaml]\n"));
  EXPECT_NE(read.sources.at(1).settings.find((folder() / "conf.d/more.db").string()), std::string::npos);
}

TEST_F(TypedTags, LeaveOutOneLineEnd) {
  for (const auto& [written, value] : std::vector<std::pair<std::string, std::string>>{
           {"x\n", "x"}, {"x\r\n", "x"}, {"x\n\n", "x\n"}, {"x", "x"}, {"\n", ""}, {" x ", " x "}}) {
    write("value", written);
    EXPECT_EQ(tagged_value("!file", "value", folder()).value(), value);
  }
}

TEST_F(TypedTags, TakeCredentialsFromTheirFolder) {
  set_credentials();
  write("credentials/staff", "a-long-token\n");
  const Config read = config(
      minimal_with(2, "access: { tokens: [ { token: !credential staff, sub: s-1, roles: [staff], region: eu } ] }"));
  ASSERT_EQ(read.access.tokens.size(), 1u);
  EXPECT_EQ(read.access.tokens[0].token, "a-long-token");
  EXPECT_EQ(Json::parse(read.access.tokens[0].claims), (Json{{"sub", "s-1"}, {"roles", {"staff"}}, {"region", "eu"}}));
  EXPECT_EQ(hidden("?token=a-long-token", read.secrets), "?token=<!credential staff>");
}

TEST_F(TypedTags, NeedAFolderOfCredentials) {
  EXPECT_EQ(order_errors("code: !credential staff"),
            R"(statecast.yaml:4:59: error[tag]: states.orders.code: there is no credential 'staff': $CREDENTIALS_DIRECTORY is not set
   4 | states: { orders: { type: order, sources: [events], code: !credential staff } }
     |                                                           ^^^^^^^^^^^^^^^^^
   = fix: declare it in the unit of the service: 'LoadCredential=staff:/path/to/it'; to check by hand, set CREDENTIALS_DIRECTORY to a folder with a file of this name
)");
}

// What is wrong with a tag and its argument, and what to do.
std::string fault(const std::string& tag, const std::string& argument, const std::filesystem::path& folder) {
  const auto value = tagged_value(tag, argument, folder);
  return value ? "" : replaced(value.error().text(), folder.string() + "/", "");
}

TEST_F(TypedTags, SayWhatIsMissing) {
  set_credentials();
  EXPECT_EQ(fault("!env", "STATECAST_TEST_VALUE", folder()),
            "the environment variable 'STATECAST_TEST_VALUE' is not set\n  = fix: set it where statecast is started, such as "
            "with 'Environment=' in its unit, or write the value here");
  EXPECT_EQ(fault("!file", "value", folder()), "there is no file 'value'\n  = fix: create it, or correct the path");
  EXPECT_EQ(fault("!credential", "staff", folder()),
            "there is no credential 'staff'\n  = fix: declare it in the unit of the service: 'LoadCredential=staff:/path/to/it'");
  EXPECT_EQ(fault("!credential", "../staff", folder()),
            "'../staff' is no name of a credential\n  = fix: write a name without '/', or use !file PATH");
  EXPECT_EQ(fault("!env", "", folder()), "!env names nothing\n  = fix: write !env NAME, !file PATH or !credential NAME");
}

TEST_F(TypedTags, RefuseWhatIsNoText) {
  write("binary", "\xff\xfe");
  EXPECT_EQ(fault("!file", "binary", folder()), "the file 'binary' is not UTF-8\n  = fix: store text in it");
  set("\xff");
  EXPECT_EQ(fault("!env", "STATECAST_TEST_VALUE", folder()),
            "the environment variable 'STATECAST_TEST_VALUE' is not UTF-8\n  = fix: store text in it");
}

TEST_F(TypedTags, AreBoundedInSize) {
  write("largest", std::string(kLargestTaggedValue, 'x') + "\r\n");
  EXPECT_EQ(tagged_value("!file", "largest", folder()).value().size(), kLargestTaggedValue);
  write("large", std::string(kLargestTaggedValue + 1, 'x'));
  EXPECT_EQ(fault("!file", "large", folder()), "the file 'large' is larger than 64KiB\n  = fix: name a value of at most 64KiB");
  set(std::string(kLargestTaggedValue + 1, 'x'));
  EXPECT_EQ(fault("!env", "STATECAST_TEST_VALUE", folder()),
            "the environment variable 'STATECAST_TEST_VALUE' is larger than 64KiB\n  = fix: name a value of at most 64KiB");
}

TEST_F(TypedTags, WaitForNoPipe) {
  ASSERT_EQ(::mkfifo((folder() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(fault("!file", "pipe", folder()), "the file 'pipe' is no regular file\n  = fix: name a file");
}

TEST_F(TypedTags, SayWhyAFileCantBeRead) {
  std::filesystem::create_symlink("loop", folder() / "loop");
  EXPECT_EQ(fault("!file", "loop", folder()),
            "the file 'loop' can't be read: Too many levels of symbolic links\n  = fix: let the user that runs statecast read it");
}

TEST_F(TypedTags, AreThree) {
  EXPECT_EQ(errors(minimal_and("insecure: !envs INSECURE\n")), R"(statecast.yaml:6:11: error[tag]: insecure: the tag '!envs' is not supported
   6 | insecure: !envs INSECURE
     |           ^^^^^^^^^^^^^^ did you mean '!env'?
   = fix: write the value without a tag, or !env NAME, !file PATH or !credential NAME
)");
}

TEST_F(TypedTags, StandForNoListAndNoMap) {
  EXPECT_EQ(errors(minimal_and("limits: !file { per_ip: 1 }\n")), R"(statecast.yaml:6:9: error[tag]: limits: the tag '!file' stands for text alone
   6 | limits: !file { per_ip: 1 }
     |         ^
   = fix: write !env NAME, !file PATH or !credential NAME
)");
}

TEST_F(TypedTags, AreNotSubstitutedThemselves) {
  EXPECT_EQ(order_errors("code: !file \"${HOME}/code\""),
            R"(statecast.yaml:4:59: error[substitution]: states.orders.code: '${HOME}' would not be substituted
   4 | states: { orders: { type: order, sources: [events], code: !file "${HOME}/code" } }
     |                                                           ^^^^^^^^^^^^^^^^^^^
   = fix: write '!env HOME' in place of the whole value, or the value itself
)");
}

TEST(Secrets, AreHiddenInTextWhereTheyCanBeToldFromOtherWords) {
  const std::vector<Secret> secrets{{"long-enough", "<!env A>"}, {"short", "<!env B>"}};
  EXPECT_EQ(hidden("a long-enough and a short one, long-enough", secrets), "a <!env A> and a short one, <!env A>");
}

}  // namespace
}  // namespace statecast::host

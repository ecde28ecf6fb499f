// Each library of tests/support/plugins that is wrong in one thing, and the whole of what an operator reads about it.
#include "host/loading/catalog.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace fs = std::filesystem;
using namespace statecast::host;

namespace {

// A search folder of its own, removed at the end.
class PluginCatalogTest : public testing::Test {
 protected:
  PluginCatalogTest() {
    std::string name = (fs::temp_directory_path() / "statecast-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~PluginCatalogTest() override { fs::remove_all(folder_); }

  // Puts a library of the refused ones into the folder, as `name`.so.
  fs::path add(const std::string& library, std::string name = {}) const {
    const fs::path to = folder_ / ((name.empty() ? library : name) + ".so");
    fs::copy_file(fs::path(TEST_PLUGINS) / "refused" / (library + ".so"), to);
    fs::permissions(to, fs::perms(0755));
    return to;
  }

  PluginCatalog load() const { return PluginCatalog::load({folder_}); }

  // What is said of the only library in the folder.
  std::string refusal() const {
    const PluginCatalog catalog = load();
    EXPECT_TRUE(catalog.plugins().empty());
    return catalog.refused().size() == 1 ? catalog.refused()[0].text()
                                         : std::to_string(catalog.refused().size()) + " refusals";
  }

  std::string refusal_of(const std::string& library) const {
    add(library);
    return refusal();
  }

  std::string at(const std::string& library) const { return (folder_ / (library + ".so")).string(); }

  const std::string rebuild_ = "\n  = fix: rebuild the plugin with the headers of ABI 1";
  fs::path folder_;
};

}  // namespace

TEST_F(PluginCatalogTest, HoldsWhatAWellMadeLibrarySaysOfItself) {
  const fs::path library = add("well_made");
  const PluginCatalog catalog = load();
  EXPECT_TRUE(catalog.refused().empty());
  EXPECT_EQ(catalog.searched(), std::vector<fs::path>{folder_});
  const Plugin* plugin = catalog.find(SC_KIND_STATE, "well-made");
  ASSERT_NE(plugin, nullptr);
  EXPECT_EQ(plugin->version, "1.2.3");
  EXPECT_EQ(plugin->summary, "A library for tests");
  EXPECT_EQ(plugin->package, "test-package");
  EXPECT_EQ(plugin->package_version, "4.5.6");
  EXPECT_EQ(plugin->library, library);
  ASSERT_EQ(plugin->manifest.topics.size(), 1u);
  EXPECT_EQ(plugin->manifest.topics[0].prefix, "well");
  EXPECT_EQ(plugin->state().size, sizeof(sc_state));
}

TEST_F(PluginCatalogTest, FindsNothingUnderAnotherKindOrId) {
  add("well_made");
  const PluginCatalog catalog = load();
  EXPECT_EQ(catalog.find(SC_KIND_SOURCE, "well-made"), nullptr);
  EXPECT_EQ(catalog.find(SC_KIND_STATE, "ill-made"), nullptr);
}

TEST_F(PluginCatalogTest, LoadsThePluginsOfTheTests) {
  const PluginCatalog catalog = PluginCatalog::load({TEST_PLUGINS});
  for (const Error& refused : catalog.refused()) ADD_FAILURE() << refused.text();
  for (const char* id : {"bad-constructor", "bad-apply", "bad-render", "bad-json", "hangs", "notes"}) {
    EXPECT_NE(catalog.find(SC_KIND_STATE, id), nullptr) << id;
  }
}

TEST_F(PluginCatalogTest, LooksAtNothingButLibraries) {
  std::ofstream(folder_ / "README") << "text";
  std::ofstream(folder_ / "order.so.1") << "text";
  EXPECT_TRUE(load().refused().empty());
}

TEST_F(PluginCatalogTest, SearchesAFolderOnceThoughItIsNamedTwice) {
  add("well_made");
  const PluginCatalog catalog = PluginCatalog::load({folder_, folder_});
  EXPECT_EQ(catalog.plugins().size(), 1u);
  EXPECT_TRUE(catalog.refused().empty());
}

TEST_F(PluginCatalogTest, GoesOnAfterALibraryThatItRefuses) {
  add("null_entry", "a");
  add("well_made", "b");
  const PluginCatalog catalog = load();
  EXPECT_EQ(catalog.refused().size(), 1u);
  EXPECT_NE(catalog.find(SC_KIND_STATE, "well-made"), nullptr);
}

TEST_F(PluginCatalogTest, ReportsAFolderThatIsNotThere) {
  const fs::path missing = folder_ / "missing";
  const PluginCatalog catalog = PluginCatalog::load({missing});
  ASSERT_EQ(catalog.refused().size(), 1u);
  EXPECT_EQ(catalog.refused()[0].text(),
            missing.string() + ": no such folder\n  = fix: create it, or correct plugins.search");
}

TEST_F(PluginCatalogTest, ReportsAFileWhereAFolderShouldBe) {
  const fs::path file = add("well_made");
  const PluginCatalog catalog = PluginCatalog::load({file});
  ASSERT_EQ(catalog.refused().size(), 1u);
  EXPECT_EQ(catalog.refused()[0].text(),
            file.string() + ": not a folder\n  = fix: create it, or correct plugins.search");
}

TEST_F(PluginCatalogTest, RefusesWhatIsNotARegularFile) {
  fs::create_directory(folder_ / "folder.so");
  EXPECT_EQ(refusal(), at("folder") + ": not a regular file\n  = fix: remove it from the plugin folder");
}

TEST_F(PluginCatalogTest, RefusesALinkThatLeadsNowhere) {
  fs::create_symlink(folder_ / "gone", folder_ / "link.so");
  EXPECT_EQ(refusal(), at("link") +
                           ": cannot be read: No such file or directory\n"
                           "  = fix: remove it from the plugin folder, or restore what it links to");
}

TEST_F(PluginCatalogTest, RefusesALibraryThatItsGroupMayWrite) {
  fs::permissions(add("well_made"), fs::perms(0775));
  EXPECT_EQ(refusal(), at("well_made") + ": writable by its group\n  = fix: chmod go-w " + at("well_made"));
}

TEST_F(PluginCatalogTest, RefusesALibraryThatEverybodyMayWrite) {
  fs::permissions(add("well_made"), fs::perms(0777));
  EXPECT_EQ(refusal(), at("well_made") + ": writable by everybody\n  = fix: chmod go-w " + at("well_made"));
}

TEST_F(PluginCatalogTest, RefusesALibraryOfAnotherUser) {
  ASSERT_EQ(::geteuid(), 0u) << "only root can give a file away: run the tests as root";
  constexpr uid_t kSomebody = 12345;
  ASSERT_EQ(::chown(add("well_made").c_str(), kSomebody, static_cast<gid_t>(-1)), 0);
  EXPECT_EQ(refusal(), at("well_made") +
                           ": owned by user 12345, who is neither root nor the user that statecast runs as\n"
                           "  = fix: chown root " +
                           at("well_made"));
}

TEST_F(PluginCatalogTest, RefusesAFileThatIsNoLibrary) {
  std::ofstream(folder_ / "text.so")
      << "this is not an ELF file, though it is long enough to hold an ELF header of 64 bytes";
  fs::permissions(folder_ / "text.so", fs::perms(0644));
  EXPECT_EQ(refusal(), at("text") +
                           ": cannot be loaded: invalid ELF header\n"
                           "  = fix: install a build of it for this machine, and the libraries that it needs");
}

TEST_F(PluginCatalogTest, RefusesALibraryWithAFunctionThatNobodyHas) {
  EXPECT_EQ(refusal_of("unresolved"),
            at("unresolved") +
                ": cannot be loaded: undefined symbol: statecast_function_that_nobody_has\n"
                "  = fix: install a build of it for this machine, and the libraries that it needs");
}

TEST_F(PluginCatalogTest, RefusesALibraryWithoutTheEntry) {
  EXPECT_EQ(refusal_of("no_symbol"), at("no_symbol") +
                                         ": not a statecast plugin: it exports no statecast_entry_v1\n"
                                         "  = fix: remove it from the plugin folder");
}

TEST_F(PluginCatalogTest, SaysThatALibraryWasBuiltForANewerAbi) {
  EXPECT_EQ(refusal_of("newer_symbol"), at("newer_symbol") +
                                            ": built for ABI 2, this host has 1\n"
                                            "  = fix: upgrade statecast to 2.0 or later, or install a build for ABI 1");
}

TEST_F(PluginCatalogTest, SaysThatALibraryWasBuiltForAnOlderAbi) {
  EXPECT_EQ(refusal_of("older_symbol"),
            at("older_symbol") + ": built for ABI 0, this host has 1\n  = fix: install a build for ABI 1");
}

TEST_F(PluginCatalogTest, RefusesAnEntryOfAnotherAbi) {
  EXPECT_EQ(refusal_of("entry_of_abi_7"),
            at("entry_of_abi_7") +
                ": built for ABI 7, this host has 1\n"
                "  = fix: upgrade statecast to 7.0 or later, or install a build for ABI 1");
}

TEST_F(PluginCatalogTest, RefusesANullEntry) {
  EXPECT_EQ(refusal_of("null_entry"), at("null_entry") + ": statecast_entry_v1 returned null" + rebuild_);
}

TEST_F(PluginCatalogTest, RefusesAnEntryThatIsTooSmall) {
  EXPECT_EQ(refusal_of("small_entry"), at("small_entry") + ": entry: size is 40, ABI 1 has 56" + rebuild_);
}

TEST_F(PluginCatalogTest, RefusesALibraryThatNamesNoPlugins) {
  EXPECT_EQ(refusal_of("empty_entry"),
            at("empty_entry") + ": names no plugins\n  = fix: remove it from the plugin folder");
}

TEST_F(PluginCatalogTest, RefusesANullDescriptor) {
  EXPECT_EQ(refusal_of("null_descriptor"), at("null_descriptor") + ": descriptor 1 of 1: is null" + rebuild_);
}

TEST_F(PluginCatalogTest, RefusesADescriptorThatIsTooSmall) {
  EXPECT_EQ(refusal_of("small_descriptor"),
            at("small_descriptor") + ": descriptor 1 of 1: size is 72, ABI 1 has 80" + rebuild_);
}

TEST_F(PluginCatalogTest, RefusesAKindThatItDoesNotKnow) {
  EXPECT_EQ(refusal_of("unknown_kind"),
            at("unknown_kind") +
                ": descriptor 1 of 1: unknown kind 9; this host knows states, transports and sources\n"
                "  = fix: upgrade statecast, or install an older build of the plugin");
}

TEST_F(PluginCatalogTest, RefusesAnIllegalId) {
  EXPECT_EQ(
      refusal_of("illegal_id"),
      at("illegal_id") + ": descriptor 1 of 1: illegal id 'Bad_Id': 1 to 64 characters of a-z, 0-9 and '-'" + rebuild_);
}

TEST_F(PluginCatalogTest, RefusesAPluginWithoutFunctions) {
  EXPECT_EQ(refusal_of("no_functions"), at("no_functions") + ": state 'well-made': has no functions" + rebuild_);
}

TEST_F(PluginCatalogTest, RefusesAFunctionTableThatIsTooSmall) {
  EXPECT_EQ(refusal_of("small_functions"),
            at("small_functions") + ": state 'well-made': functions: size is 80, ABI 1 has 88" + rebuild_);
}

TEST_F(PluginCatalogTest, NamesTheFunctionThatIsMissing) {
  EXPECT_EQ(refusal_of("no_render"), at("no_render") + ": state 'well-made': function 'render' is missing" + rebuild_);
}

TEST_F(PluginCatalogTest, RefusesASourceThatPromisesToAppendAndCannot) {
  EXPECT_EQ(refusal_of("appends_without_append"),
            at("appends_without_append") +
                ": source 'well-made': manifest: appends: is true, but function 'append' is missing" + rebuild_);
}

TEST_F(PluginCatalogTest, RefusesABadManifestByTheNameOfThePlugin) {
  EXPECT_EQ(refusal_of("bad_manifest"), at("bad_manifest") +
                                            ": state 'well-made': manifest: must be a JSON object\n"
                                            "  = fix: install a corrected build of the plugin");
}

TEST_F(PluginCatalogTest, NamesBothLibrariesThatProvideOnePlugin) {
  add("well_made", "a");
  add("second_well_made", "b");
  const PluginCatalog catalog = load();
  EXPECT_EQ(catalog.plugins().size(), 1u);
  ASSERT_EQ(catalog.refused().size(), 1u);
  EXPECT_EQ(catalog.refused()[0].text(), at("b") + ": state 'well-made' is already provided by " + at("a") +
                                             "\n  = fix: remove one of the two from plugins.search");
}

TEST_F(PluginCatalogTest, RefusesALibraryThatNamesOnePluginTwice) {
  EXPECT_EQ(refusal_of("twice"), at("twice") + ": state 'well-made' is already provided by " + at("twice") +
                                     "\n  = fix: remove one of the two from plugins.search");
}

TEST(KindName, NamesTheKindsOfThisAbi) {
  EXPECT_EQ(kind_name(SC_KIND_STATE), "state");
  EXPECT_EQ(kind_name(SC_KIND_TRANSPORT), "transport");
  EXPECT_EQ(kind_name(SC_KIND_SOURCE), "source");
  EXPECT_EQ(kind_name(4), "");
}

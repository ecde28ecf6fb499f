#include "host/config/install_paths.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace statecast::host {
namespace {

namespace fs = std::filesystem;

class InstallPathsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "statecast-prefix-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    prefix_ = pattern;
  }
  void TearDown() override { fs::remove_all(prefix_); }

  void make(const std::string& file) {
    fs::create_directories((prefix_ / file).parent_path());
    std::ofstream(prefix_ / file) << "";
  }
  InstallPaths paths() const { return install_paths(prefix_ / "bin/statecast"); }

  fs::path prefix_;
};

TEST_F(InstallPathsTest, FollowTheProgramToThePrefixThatItIsIn) {
  make(STATECAST_PLUGIN_DESTINATION "/order.so");
  make("etc/statecast/statecast.yaml");
  EXPECT_EQ(paths().plugins, prefix_ / STATECAST_PLUGIN_DESTINATION);
  EXPECT_EQ(paths().config, prefix_ / "etc/statecast/statecast.yaml");
}

TEST_F(InstallPathsTest, FindTheBuildTreesPluginsBesideItsProgram) {
  make("plugins/order.so");
  EXPECT_EQ(paths().plugins, prefix_ / "plugins");
}

TEST_F(InstallPathsTest, PreferAnInstallationToABuildTree) {
  make("plugins/order.so");
  make(STATECAST_PLUGIN_DESTINATION "/order.so");
  EXPECT_EQ(paths().plugins, prefix_ / STATECAST_PLUGIN_DESTINATION);
}

TEST_F(InstallPathsTest, AreThoseOfTheConfiguredPrefixForAProgramThatStandsAlone) {
  EXPECT_EQ(paths().plugins, STATECAST_PLUGIN_DIR);
  EXPECT_EQ(paths().config, "/etc/statecast/statecast.yaml");
}

}  // namespace
}  // namespace statecast::host

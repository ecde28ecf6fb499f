// A folder of configuration files that lives as long as a test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "config_fixture.hpp"

namespace statecast::host {

class ConfigFolder : public ::testing::Test {
 protected:
  ConfigFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "statecast-config-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ConfigFolder() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path& folder() const { return folder_; }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  ConfigFile open(const std::string& main) const {
    write("statecast.yaml", main);
    return ConfigFile::open(folder_ / "statecast.yaml");
  }

  // What an operator reads, with the folder left out; empty when nothing is wrong.
  std::string errors(const std::string& main) const {
    const LoadResult loaded = open(main).check(catalog());
    if (loaded.config) return {};
    const std::string text = format_text(loaded.diagnostics);
    return replaced(text.substr(0, text.rfind("\n\n") + 1), folder_.string() + "/", "");
  }

  Config config(const std::string& main) const {
    LoadResult loaded = open(main).check(catalog());
    EXPECT_TRUE(loaded.config) << format_text(loaded.diagnostics);
    return loaded.config.value_or(Config{});
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace statecast::host

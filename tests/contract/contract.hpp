// The contract: what every plugin must do, as tests that are registered for each plugin that a folder holds.
//
// The tests drive a plugin through its C table by the SDK's test kit, and know nothing of what it is about but its
// manifest.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "host/loading/catalog.hpp"

namespace statecast::contract {

// Settings as the host would make them from the schema's defaults; a setting called `path` names a file in `folder`,
// which is there and empty for a source that takes no events.
std::string default_settings(const host::Plugin& plugin, const std::filesystem::path& folder);

// A folder of one test's own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A kit of the plugin's kind, over an instance with default settings and a folder of its own.
template <class Kit>
struct Made {
  template <class Table>
  Made(const Table& table, const host::Plugin& plugin) : kit(table, default_settings(plugin, folder.path())) {
    EXPECT_TRUE(kit.creation().ok()) << kit.creation().text;
  }
  TemporaryFolder folder;
  Kit kit;
};

// Registers one test: suite "state/order", name `sentence`.
void add(const host::Plugin& plugin, const char* sentence, std::function<void(const host::Plugin&)> test);

void add_export_tests(const host::PluginCatalog& catalog);
void add_state_tests(const host::Plugin& plugin);
void add_transport_tests(const host::Plugin& plugin);
void add_source_tests(const host::Plugin& plugin);

}  // namespace statecast::contract

#include "host/config/install_paths.hpp"

#include <initializer_list>
#include <system_error>

#if !defined(STATECAST_PLUGIN_DIR) || !defined(STATECAST_PLUGINS_FROM_BIN)
#error "the build names the folder of installed plugins, in full and as seen from the program's folder"
#endif

namespace statecast::host {
namespace {

namespace fs = std::filesystem;

fs::path first_that_exists(const fs::path& folder, std::initializer_list<const char*> places, const char* otherwise) {
  std::error_code error;
  for (const char* place : places)
    if (const fs::path path = (folder / place).lexically_normal(); fs::exists(path, error)) return path;
  return otherwise;
}

}  // namespace

InstallPaths install_paths(const fs::path& executable) {
  const fs::path folder = executable.parent_path();
  // ../plugins is where the build tree has them.
  return {first_that_exists(folder, {STATECAST_PLUGINS_FROM_BIN, "../plugins"}, STATECAST_PLUGIN_DIR),
          first_that_exists(folder, {"../etc/statecast/statecast.yaml"}, "/etc/statecast/statecast.yaml")};
}

const InstallPaths& install_paths() {
  std::error_code error;
  static const InstallPaths paths = install_paths(fs::read_symlink("/proc/self/exe", error));
  return paths;
}

}  // namespace statecast::host

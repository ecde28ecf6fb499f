// Where the plugins and the configuration are when nobody says so. Beside the program first, so that an installation may
// be moved or staged and a build tree runs in place; else where the build was to be installed.
#pragma once

#include <filesystem>

namespace statecast::host {

struct InstallPaths {
  std::filesystem::path plugins;  // the folder
  std::filesystem::path config;   // the file; /etc/statecast/statecast.yaml unless the program's own prefix has one
};

// Those of a program at `executable`, an absolute path without links.
InstallPaths install_paths(const std::filesystem::path& executable);

// Those of this program.
const InstallPaths& install_paths();

}  // namespace statecast::host

// The commands of the `statecast` program. Each returns the exit status of the process. [main]
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace statecast::host {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;   // it could not run, or not to its end: a port in use, a request that is refused
inline constexpr int kExitUsage = 64;   // EX_USAGE: the command line is wrong
inline constexpr int kExitConfig = 78;  // EX_CONFIG: the configuration is wrong
inline constexpr int kExitInterrupted = 130;  // Ctrl-C, before it came to its end

// Runs the host until SIGTERM or SIGINT.
int run_command(const std::filesystem::path& file);

// What `check` prints: for people what is wrong, or for programs the same as JSON; or the configuration in effect.
enum class CheckOutput { kText, kJson, kEffective };

// Reads a configuration and says everything that is wrong with it.
int check_command(const std::filesystem::path& file, CheckOutput output);

// Prints the JSON Schema of a configuration, made from the plugins in the folders that `file` names; without a file,
// from those of the installation.
int schema_command(const std::optional<std::filesystem::path>& file);

// Lists the plugins of a configuration's folders, or of the given ones, and what was refused and why.
int plugins_command(const std::filesystem::path& file, const std::vector<std::filesystem::path>& folders);

// Prints the settings of a plugin, "state/order", and what it offers.
int explain_command(const std::filesystem::path& file, const std::string& name);

}  // namespace statecast::host

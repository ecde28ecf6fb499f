// The commands that look into the file of an embedded log, whether or not a host writes it: stats, dump, verify. Each
// returns the exit status of the process. [main]
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>

namespace CLI {
class App;
}

namespace statecast::host {

struct LogOptions {
  std::string path;              // the log's file; empty = as the configuration says
  std::filesystem::path config;
  std::string source;            // which of several logs of the configuration
  std::string format = "text";   // of stats: text, json
  std::uint64_t from = 0, to = 0;  // numbers of events; 0 = from the oldest, to the newest
  std::string type;              // empty = all
};

// The file that the options name; or the exit status, after saying why there is none.
std::variant<std::string, int> log_path(const LogOptions& options);

// Prints what the log holds and what that takes.
int log_stats_command(const std::string& path, const LogOptions& options);

// Prints events as a recording does, a CloudEvent a line.
int log_dump_command(const std::string& path, const LogOptions& options);

// Prints everything that is wrong with the log.
int log_verify_command(const std::string& path);

// The options of these commands on the command line, and which of them was called. Outlives the parsing.
class LogCommands {
 public:
  LogCommands(CLI::App& app, const std::filesystem::path& config);

  // The exit status of the one that was called; -1 when it was none of these.
  int run() const;

 private:
  CLI::App* add(CLI::App& log, const std::string& name, const std::string& help);

  CLI::App *log_ = nullptr, *stats_ = nullptr, *dump_ = nullptr, *verify_ = nullptr;
  LogOptions options_;
};

}  // namespace statecast::host

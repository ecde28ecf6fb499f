#include "host/cli/log_commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <statecast/types.hpp>

#include "host/cli/commands.hpp"
#include "host/cli/output.hpp"
#include "host/config/load_config.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

namespace {

constexpr const char* kType = "log";

std::string ids_of(const std::vector<const SourceSettings*>& logs) {
  std::string ids;
  for (const SourceSettings* log : logs) ids += (ids.empty() ? "" : ", ") + log->id;
  return ids;
}

Result<const SourceSettings*> log_in(const Config& config, const std::string& source) {
  std::vector<const SourceSettings*> logs;
  for (const SourceSettings& settings : config.sources)
    if (settings.type == kType) logs.push_back(&settings);
  const std::string file = config.file.string();
  if (logs.empty()) return Error{file + " has no source of type log", "name the log's file"};
  if (source.empty() && logs.size() > 1) return Error{file + " has several logs: " + ids_of(logs), "say which with --source"};
  const auto found = source.empty() ? logs.begin() : std::ranges::find(logs, source, [](const auto* log) { return log->id; });
  if (found == logs.end()) return Error{file + " has no log '" + source + "'", "those that it has are " + ids_of(logs)};
  return *found;
}

}  // namespace

std::variant<std::string, int> log_path(const LogOptions& options) {
  if (!options.path.empty()) return options.path;
  const ConfigFile file = ConfigFile::open(options.config);
  const LoadResult loaded = file.check(PluginCatalog::load(file.plugin_search()));
  if (!loaded.config) {
    std::cerr << format_text(loaded.diagnostics);
    return kExitConfig;
  }
  const auto log = log_in(*loaded.config, options.source);
  if (log) return nlohmann::json::parse((*log)->settings).at("path").get<std::string>();
  print_error(log.error());
  return kExitFailed;
}

LogCommands::LogCommands(CLI::App& app, const std::filesystem::path& config) {
  options_.config = config;
  log_ = app.add_subcommand("log", "Look into the embedded log, beside a running host or without one");
  log_->group("Commands about a host and its configuration")->require_subcommand(1);
  stats_ = add(*log_, "stats", "Print what the log holds, and what that takes");
  stats_->add_option("--format", options_.format, "How to print: text, or json for programs")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  dump_ = add(*log_, "dump", "Print its events, a CloudEvent a line, as record writes them");
  dump_->add_option("--from", options_.from, "Begin with the event of this number")->check(CLI::PositiveNumber);
  dump_->add_option("--to", options_.to, "End with the event of this number")->check(CLI::PositiveNumber);
  dump_->add_option("--type", options_.type, "Only events of this type");
  verify_ = add(*log_, "verify", "Say everything that is wrong with it: exit 0 when that is nothing, else 1");
}

CLI::App* LogCommands::add(CLI::App& log, const std::string& name, const std::string& help) {
  auto* command = log.add_subcommand(name, help);
  auto* path = command->add_option("path", options_.path, "The log's file; when left out, that of the configuration");
  command->add_option("--config", options_.config, "The configuration that names it")->capture_default_str()->excludes(path);
  command->add_option("--source", options_.source, "Which source, if it has several of type log")->excludes(path);
  return command;
}

int LogCommands::run() const try {
  if (!*log_) return -1;
  const auto path = log_path(options_);
  if (const int* status = std::get_if<int>(&path)) return *status;
  const auto& file = std::get<std::string>(path);
  if (*stats_) return log_stats_command(file, options_);
  return *dump_ ? log_dump_command(file, options_) : log_verify_command(file);
} catch (const Failure& failure) {
  print_notice(failure.what());
  return kExitFailed;
}

}  // namespace statecast::host

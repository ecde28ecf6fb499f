// The program: reads its arguments and calls one command.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "host/cli/client_commands.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/log_commands.hpp"
#include "host/cli/terminal.hpp"
#include "host/config/install_paths.hpp"

int main(int argc, char** argv) {
  using namespace statecast::host;
  const TerminalText out(std::cout, STDOUT_FILENO), errors(std::cerr, STDERR_FILENO);
  CLI::App app{"Statecast streams live state to clients over SSE and WebSocket."};
  app.name("statecast");
  app.footer(
      "Exit status: 0 done; 1 it could not be done, or not all of it; 64 the command line is wrong; 78 the configuration is\n"
      "wrong; 130 interrupted before it was done. Ctrl-C is how tail, and record of what has no end, are ended: 0.");
  app.require_subcommand(1);
  app.set_version_flag("--version", "statecast " STATECAST_VERSION);
  std::filesystem::path file = install_paths().config;
  std::vector<std::filesystem::path> folders;

  auto* run = app.add_subcommand("run", "Run the host until SIGTERM");
  run->add_option("config", file, "The configuration file")->capture_default_str();
  auto* check = app.add_subcommand("check", "Check a configuration: exit 0 when it is right, 78 when it is not");
  check->add_option("config", file, "The configuration file")->capture_default_str();
  std::string format = "text";
  bool effective = false;
  auto* as_yaml = check->add_flag("--effective", effective, "Print the configuration in effect: files merged, defaults filled in, no secrets");
  check->add_option("--format", format, "How to report: text, or json for programs")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str()
      ->excludes(as_yaml);
  std::filesystem::path schema_config = file;
  auto* schema = app.add_subcommand("schema", "Print the JSON Schema of a configuration, for editors");
  auto* schema_of = schema->add_option("--config", schema_config, "The configuration that says where to look for plugins")
                        ->capture_default_str();
  auto* plugins = app.add_subcommand("plugins", "List the plugins that are installed");
  plugins->add_option("--config", file, "The configuration that says where to look")->capture_default_str();
  plugins->add_option("folders", folders, "Folders to look in instead");
  std::string plugin;
  auto* explain = app.add_subcommand("explain", "Say what a plugin's settings are, and what it offers");
  explain->add_option("plugin", plugin, "Kind and id, for instance state/order")->required();
  explain->add_option("--config", file, "The configuration that says where to look")->capture_default_str();
  for (auto* command : {run, check, schema, plugins, explain}) command->group("Commands about a host and its configuration");
  LogCommands log_commands(app, file);
  ClientCommands client_commands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  }

  if (const int status = client_commands.run(); status >= 0) return status;
  if (const int status = log_commands.run(); status >= 0) return status;
  if (*run) return run_command(file);
  if (*check)
    return check_command(file, effective ? CheckOutput::kEffective : format == "json" ? CheckOutput::kJson : CheckOutput::kText);
  if (*schema) {
    const bool is_there = *schema_of || std::filesystem::exists(schema_config);
    return schema_command(is_there ? std::optional(schema_config) : std::nullopt);
  }
  if (*explain) return explain_command(file, plugin);
  return plugins_command(file, folders);
}

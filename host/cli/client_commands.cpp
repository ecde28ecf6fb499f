#include "host/cli/client_commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "host/cli/commands.hpp"
#include "host/cli/output.hpp"
#include "host/config/units.hpp"

namespace statecast::host {

namespace {

constexpr const char* kGroup = "Commands that speak to a running host";

void add_server(CLI::App& command, ServerOptions& server) {
  command.add_option("--url", server.url, "Where the host is")->envname("STATECAST_URL")->capture_default_str();
  command.add_option("--token", server.token, "The access token; safer in STATECAST_TOKEN, which other users do not see")
      ->envname("STATECAST_TOKEN")
      ->check([](const std::string& token) {
        const bool sendable = std::ranges::all_of(token, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
        return sendable ? std::string() : std::string("an access token has visible ASCII characters only");
      });
}

// 30s, 10m: as in the configuration.
CLI::Option* add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& out, const std::string& help) {
  auto* option = command.add_option_function<std::string>(
      name,
      [&out, name](const std::string& text) {
        const auto parsed = parse_quantity(Quantity::duration, text);
        if (parsed.fault != ParsedQuantity::Fault::none)
          throw CLI::ValidationError(name, "'" + text + "' is no duration: write a number and a unit, for instance 30s or 10m");
        out = std::chrono::milliseconds(parsed.value);
      },
      help);
  if (out.count() != 0) option->default_str(format_quantity(Quantity::duration, out.count()))->run_callback_for_default(false);
  return option->type_name("DURATION");
}

}  // namespace

ClientCommands::ClientCommands(CLI::App& app) {
  add_tail(app);
  add_publish(app);
  add_record(app);
  add_dead_letters(app);
}

void ClientCommands::add_tail(CLI::App& app) {
  auto& o = tail_options_;
  tail_ = app.add_subcommand("tail", "Print the messages of topics as they come, until Ctrl-C")->group(kGroup);
  tail_->add_option("topics", o.topics, "What to follow, for instance orders/o-17 or orders/all")->required();
  add_server(*tail_, o.server);
  tail_->add_flag("--json", o.json, "Print each message as it came, one a line");
  tail_->add_option("--color", o.color, "auto: on a terminal, unless NO_COLOR is set")->check(CLI::IsMember({"auto", "always", "never"}))->capture_default_str();
  tail_->add_option("-n,--messages", o.messages, "End after so many messages")->check(CLI::PositiveNumber);
  auto* once = tail_->add_flag("--once", o.once, "Print the current values and end");
  tail_->add_option("--last-event-id", o.cursor, "Resume after this cursor")->excludes(once);
  add_duration(*tail_, "--silence", o.silence, "A connection that brings nothing for so long is made anew");
}

void ClientCommands::add_publish(CLI::App& app) {
  auto& o = publish_options_;
  publish_ = app.add_subcommand("publish", "Publish one event, or those of a file")->group(kGroup);
  auto* file = publish_->add_option("file", o.file, "Events as lines of JSON, each a CloudEvent or {\"type\",\"subject\",\"data\"}; - for standard input");
  auto* type = publish_->add_option("--type", o.type, "Publish one event of this type")->excludes(file);
  publish_->add_option("--subject", o.subject, "Its subject, the entity that it is about")->needs(type);
  publish_->add_option("--data", o.data, "Its data as JSON, or @file; {} when left out")->needs(type);
  publish_->add_option("--id", o.id, "Its id: the same id again is the same event")->needs(type);
  publish_->add_option("--from-line", o.from_line, "Begin with this line of the file")->needs(file)->check(CLI::PositiveNumber);
  add_duration(*publish_, "--wait", o.wait, "Wait for what the states make of the events, at most so long for a batch");
  add_duration(*publish_, "--timeout", o.timeout, "How long to try a batch again while the host is away");
  add_server(*publish_, o.server);
  publish_->callback([this] {
    if (publish_options_.file.empty() && publish_options_.type.empty()) throw CLI::RequiredError("a file, - or --type");
  });
}

void ClientCommands::add_record(CLI::App& app) {
  auto& o = record_options_;
  record_ = app.add_subcommand("record", "Write events to a file that can be published again")->group(kGroup);
  record_->add_option("file", o.file, "Where to; - for standard output")->required();
  auto* source = record_->add_option("--source", o.source, "Record this source of the host, by its id");
  record_->add_option("--topic", o.topics, "Record the messages of this topic; several are possible")->allow_extra_args(false)->excludes(source);
  record_->add_option("--types", o.types, "Only events of these types, separated by commas")->allow_extra_args(false)->delimiter(',')->needs(source);
  record_->add_flag("--follow", o.follow, "Go on after the newest event, until Ctrl-C")->needs(source);
  add_duration(*record_, "--for", o.duration, "End after this time");
  record_->add_option("-n,--events", o.events, "End after so many events")->check(CLI::PositiveNumber);
  record_->add_flag("--force", o.replace, "Replace the file if it is there");
  record_->add_option("--admin", o.admin, "The host's admin listener, for --source")->envname("STATECAST_ADMIN")->capture_default_str();
  add_server(*record_, o.server);
  record_->callback([this] {
    if (record_options_.source.empty() && record_options_.topics.empty()) throw CLI::RequiredError("--source or --topic");
  });
}

void ClientCommands::add_dead_letters(CLI::App& app) {
  auto& o = dead_letters_options_;
  using Action = DeadLettersOptions::Action;
  dead_letters_ = app.add_subcommand("dead-letters", "Events that states rejected: list, show, redeliver or drop them")->group(kGroup);
  dead_letters_->require_subcommand(1);
  const auto add = [&](const char* name, Action action, const char* help) {
    auto* command = dead_letters_->add_subcommand(name, help);
    command->add_option("--admin", o.admin, "The host's admin listener")->envname("STATECAST_ADMIN")->capture_default_str();
    command->callback([&o, action] { o.action = action; });
    return command;
  };
  auto* list = add("list", Action::kList, "One line each: name, when, event, reason");
  list->add_option("--state", o.state, "Of this state only");
  list->add_flag("--json", o.json, "One JSON object a line");
  list->add_option("-n,--letters", o.letters_at_most, "At most so many")->check(CLI::PositiveNumber);
  add("show", Action::kShow, "Print them with their events")->add_option("letters", o.letters, "Names from the list")->required();
  for (const bool redeliver : {true, false}) {
    auto* command = redeliver ? add("redeliver", Action::kRedeliver, "Give their events to their states again")
                              : add("drop", Action::kDrop, "Forget them; their events stay in the source");
    auto* names = command->add_option("letters", o.letters, "Names from the list");
    auto* all = command->add_flag("--all", o.all, "All there are")->excludes(names);
    command->add_option("--state", o.state, "With --all: of this state only")->needs(all);
    command->callback([&o, redeliver] {
      o.action = redeliver ? Action::kRedeliver : Action::kDrop;
      if (o.letters.empty() && !o.all) throw CLI::RequiredError("names of dead letters, or --all");
    });
  }
}

int ClientCommands::run() const try {
  if (*tail_) return tail_command(tail_options_);
  if (*publish_) return publish_command(publish_options_);
  if (*dead_letters_) return dead_letters_command(dead_letters_options_);
  return *record_ ? record_command(record_options_) : -1;
} catch (const std::exception& error) {
  print_error({std::string("the host's answer is not what was expected: ") + error.what(), "see that this program and the host are of one version"});
  return kExitFailed;
}

}  // namespace statecast::host

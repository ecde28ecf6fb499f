#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>

#include "host/cli/client/subscription.hpp"
#include "host/cli/client_commands.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/message_text.hpp"
#include "host/cli/output.hpp"

namespace statecast::host {

namespace {

using client::ClientLoop;
using client::Subscription;

// https://no-color.org: set and not empty.
bool in_color(const std::string& wish) {
  if (wish != "auto") return wish == "always";
  const char* no_color = std::getenv("NO_COLOR");
  return (no_color == nullptr || *no_color == '\0') && ::isatty(STDOUT_FILENO) == 1;
}

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  char text[16];
  return {text, std::strftime(text, sizeof text, "%H:%M:%S", ::localtime_r(&now, &local))};
}

// Messages to standard output, all else to standard error.
class Printer final : public Subscription::Listener {
 public:
  Printer(ClientLoop& loop, const TailOptions& options)
      : output_(loop, STDOUT_FILENO, "standard output"), text_(in_color(options.color)), json_(options.json), left_(options.messages) {}

  bool on_message(std::string_view json) override {
    const bool written = output_.write((json_ ? on_one_line(json) : text_.line(json, time_of_day())) + "\n");
    const bool last = left_ != 0 && --left_ == 0;
    return written && !last;
  }
  void on_notice(const std::string& text) override { print_notice(text); }

  const std::optional<Error>& error() const { return output_.error(); }

 private:
  Output output_;
  MessageText text_;
  const bool json_;
  std::uint64_t left_;  // 0 = without end
};

int finish(const Printer& printer) {
  if (!printer.error()) return kExitOk;
  print_error(*printer.error());
  return kExitFailed;
}

int fail(const Error& error) {
  print_error(error);
  return kExitFailed;
}

int follow(ClientLoop& loop, client::HttpClient& client, const TailOptions& options, Printer& printer) {
  Subscription subscription(loop, client, {options.topics, options.cursor, options.silence}, printer);
  const auto outcome = subscription.run();
  if (!outcome) return fail(outcome.error());
  if (*outcome == Subscription::Outcome::kOver) print_notice("nothing more will come: what was followed has ended");
  return finish(printer);
}

// ---- the current values alone

// One page of a topic's values, and the key after which there is more.
bool print_page(std::string_view body, Printer& printer, std::string& next) {
  const auto items = written_member(body, "items"), more = written_member(body, "next");
  next = more ? nlohmann::json::parse(*more).get<std::string>() : std::string();
  if (!items) return printer.on_message(body);
  for (const auto item : written_elements(*items))
    if (!printer.on_message(item)) return false;
  return true;
}

Result<bool> print_values(client::HttpClient& client, const std::string& topic, Printer& printer) {
  std::string after;
  do {
    client::Request request;
    request.target = "/api/v1/topics/" + client::encode_query(topic) + (after.empty() ? "" : "?after=" + client::encode_query(after));
    const auto answer = client.request(request, client::after(std::chrono::seconds(15)));
    if (!answer && answer.error().kind == client::Failure::Kind::kEnded) return false;
    if (!answer) return client::unreachable(client.url(), "--url", answer.error());
    if (answer->status != 200)
      return Error{client.url().text + " refuses: " + client::detail_of(*answer), answer->status == 401 ? "give an access token with --token or in STATECAST_TOKEN" : ""};
    if (!nlohmann::json::accept(answer->body)) return Error{client.url().text + " answers, but not with JSON", "see that --url leads to a host"};
    if (!print_page(answer->body, printer, after)) return false;
  } while (!after.empty());
  return true;
}

int print_once(client::HttpClient& client, const TailOptions& options, Printer& printer) {
  for (const std::string& topic : options.topics) {
    const auto printed = print_values(client, topic, printer);
    if (!printed) return fail(printed.error());
    if (!*printed) break;
  }
  return finish(printer);
}

}  // namespace

int tail_command(const TailOptions& options) {
  const auto url = client::parse_url(options.server.url, "--url");
  if (!url) {
    print_error(url.error());
    return kExitUsage;
  }
  ClientLoop loop;
  loop.watch_output(STDOUT_FILENO);
  client::HttpClient client(loop, *url, options.server.token);
  Printer printer(loop, options);
  return options.once ? print_once(client, options, printer) : follow(loop, client, options, printer);
}

}  // namespace statecast::host

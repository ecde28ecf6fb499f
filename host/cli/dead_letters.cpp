#include <unistd.h>

#include <nlohmann/json.hpp>

#include "host/cli/client/http_client.hpp"
#include "host/cli/client_commands.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/event_lines.hpp"
#include "host/cli/output.hpp"
#include "host/cli/progress.hpp"

namespace statecast::host {

namespace {

using nlohmann::ordered_json;
using namespace std::chrono_literals;

constexpr const char* kPath = "/api/v1/dead-letters";
constexpr std::size_t kAtOnce = 100;  // that the host takes in one request

// The host's answer, or why there is none.
class Asker {
 public:
  Asker(client::ClientLoop& loop, client::Url url) : client_(loop, std::move(url), {}) {}

  // JSON, as the host wrote it.
  Result<std::string> text(const client::Request& request) {
    const auto answer = client_.request(request, client::after(60s));
    if (!answer) return client::unreachable(client_.url(), "--admin", answer.error());
    const auto json = ordered_json::parse(answer->body, nullptr, false);
    if (answer->status == 200 && !json.is_discarded()) return {boost::system::in_place_value, answer->body};
    if (json.is_object() && json.contains("failed")) return Error{json["failed"].get<std::string>(), ""};
    return Error{client_.url().text + " refuses: " + client::detail_of(*answer), ""};
  }
  Result<ordered_json> ask(const client::Request& request) {
    const auto body = text(request);
    if (!body) return body.error();
    return {boost::system::in_place_value, ordered_json::parse(*body)};
  }
  Result<ordered_json> get(const std::string& target) { return ask(to(target)); }
  Result<std::string> get_text(const std::string& target) { return text(to(target)); }
  Result<ordered_json> post(const std::string& verb, const std::vector<std::string>& letters) {
    client::Request request{"POST", std::string(kPath) + "/" + verb, {{"Content-Type", "application/json"}}, ordered_json{{"letters", letters}}.dump()};
    return ask(request);
  }

 private:
  static client::Request to(const std::string& target) {
    client::Request request;
    request.target = target;
    return request;
  }

  client::HttpClient client_;
};

std::string first_page(const DeadLettersOptions& options, std::size_t limit) {
  std::string out = std::string(kPath) + "?limit=" + std::to_string(limit);
  return options.state.empty() ? out : out + "&state=" + client::encode_query(options.state);
}

std::string letter_text(const ordered_json& letter) {
  const auto text = [&](const char* name) { return letter[name].get<std::string>(); };
  return text("letter") + "  " + text("noted") + "  " + text("type") + " " + text("subject") + "  " +
         (letter["failed"].get<bool>() ? "[the state failed] " : "") + text("reason");
}

// Calls take(letter) for each dead letter, page by page, until it returns false.
template <class Take>
Result<void> for_each(Asker& asker, const DeadLettersOptions& options, Take&& take) {
  const std::string first = first_page(options, kAtOnce);
  for (std::string target = first; !target.empty();) {
    auto page = asker.get(target);
    if (!page) return page.error();
    for (const ordered_json& letter : (*page)["dead_letters"])
      if (!take(letter)) return {};
    target = page->contains("next") ? first + "&after=" + client::encode_query((*page)["next"].get<std::string>()) : std::string();
  }
  return {};
}

int fail(const Error& error) {
  print_error(error);
  return kExitFailed;
}

int list(client::ClientLoop& loop, Asker& asker, const DeadLettersOptions& options) {
  Output out(loop, STDOUT_FILENO, "standard output");
  std::uint64_t listed = 0;
  const auto done = for_each(asker, options, [&](const ordered_json& letter) {
    if (options.letters_at_most != 0 && listed == options.letters_at_most) return false;
    ++listed;
    return out.write(on_one_line(options.json ? letter.dump() : letter_text(letter)) + "\n");
  });
  if (!done) return fail(done.error());
  if (out.error()) return fail(*out.error());
  if (listed == 0) print_notice("there are no dead letters");
  return kExitOk;
}

int show(client::ClientLoop& loop, Asker& asker, const DeadLettersOptions& options) {
  Output out(loop, STDOUT_FILENO, "standard output");
  for (const std::string& name : options.letters) {
    const auto letter = asker.get_text(std::string(kPath) + "/" + client::encode_query(name));
    if (!letter) return fail(letter.error());
    if (!out.write(*letter)) return out.error() ? fail(*out.error()) : kExitOk;
  }
  return kExitOk;
}

// Redelivers or drops the named ones, or all there are now.
int take(Asker& asker, const DeadLettersOptions& options, const std::string& verb, const char* done_name) {
  std::vector<std::string> letters = options.letters;
  if (options.all) {
    const auto listed = for_each(asker, options, [&](const ordered_json& letter) {
      letters.push_back(letter["letter"]);
      return true;
    });
    if (!listed) return fail(listed.error());
  }
  std::uint64_t done = 0, left = 0;
  ProgressBar progress;
  for (std::size_t at = 0; at < letters.size(); at += kAtOnce) {
    const auto end = std::min(letters.size(), at + kAtOnce);
    const auto answer = asker.post(verb, {letters.begin() + static_cast<std::ptrdiff_t>(at), letters.begin() + static_cast<std::ptrdiff_t>(end)});
    if (!answer) {
      progress.clear();
      return fail(answer.error());
    }
    done += (*answer)[done_name].size();
    left += (*answer)["unknown"].size() + (*answer)["rejected"].size();
    progress.clear();
    for (const ordered_json& name : (*answer)["unknown"]) print_notice(name.get<std::string>() + ": there is no such dead letter (any more)");
    for (const ordered_json& again : (*answer)["rejected"])
      print_notice(again["letter"].get<std::string>() + ": rejected again: " + again["reason"].get<std::string>());
    progress.show(static_cast<double>(end) / static_cast<double>(letters.size()), counted(done, "dead letter"));
  }
  progress.clear();
  print_notice(std::string(done_name) + " " + counted(done, "dead letter"));
  return left == 0 ? kExitOk : kExitFailed;
}

}  // namespace

int dead_letters_command(const DeadLettersOptions& options) {
  auto url = client::parse_url(options.admin, "--admin");
  if (!url) {
    print_error(url.error());
    return kExitUsage;
  }
  client::ClientLoop loop;
  Asker asker(loop, *url);
  switch (options.action) {
    case DeadLettersOptions::Action::kList: return list(loop, asker, options);
    case DeadLettersOptions::Action::kShow: return show(loop, asker, options);
    case DeadLettersOptions::Action::kRedeliver: return take(asker, options, "redeliver", "redelivered");
    case DeadLettersOptions::Action::kDrop: return take(asker, options, "drop", "dropped");
  }
  return kExitUsage;
}

}  // namespace statecast::host

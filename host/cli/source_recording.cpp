#include "host/cli/source_recording.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace statecast::host {

using namespace std::chrono_literals;

namespace {

constexpr int kEventsAPage = 1000, kWaitS = 5;
constexpr auto kPageTimeout = 30s, kHostTimeout = 60s;

// The target of `Link: <...>; rel="next"` (RFC 8288); empty when there is none.
std::string next_in(const client::Response& response) {
  const auto link = response.header("link");
  const auto end = link.find('>');
  return link.starts_with('<') && end != link.npos && link.find("rel=\"next\"", end) != link.npos ? std::string(link.substr(1, end - 1)) : std::string();
}

double progress_in(const client::Response& response) {
  const auto text = response.header("statecast-progress");
  double out = -1;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

Result<bool> SourceRecording::run() {
  std::string target = "/api/v1/sources/" + client::encode_query(options_.source) + "/events?limit=" + std::to_string(kEventsAPage) +
                       "&wait=" + std::to_string(kWaitS) + (options_.follow ? "&follow=true" : "");
  while (!target.empty()) {
    const auto answer = page(target);
    if (loop_.ended()) break;
    if (!answer) return answer.error();
    if (!take(answer->body)) return true;
    target = next_in(*answer);
    progress_.show(options_.follow ? -1 : progress_in(*answer), counted(file_.events(), "event"));
  }
  return target.empty();
}

// A host that goes away in between, say for a restart, is waited for.
Result<client::Response> SourceRecording::page(const std::string& target) {
  const auto give_up = client::after(kHostTimeout);
  backoff_.reset();
  for (bool told = false;; told = true) {
    client::Request request;
    request.target = target;
    auto answer = client_.request(request, client::after(kPageTimeout));
    if (answer && answer->status == 200) {
      reached_ = true;
      return std::move(*answer);
    }
    if (loop_.ended()) return Error{"ended", ""};
    if (answer && answer->status != 503) return Error{client_.url().text + " refuses: " + client::detail_of(*answer), ""};
    const std::string why = answer ? client::detail_of(*answer) : answer.error().why;
    if (!answer && !reached_) return client::unreachable(client_.url(), "--admin", answer.error());
    const auto pause = backoff_.next();
    if (!options_.follow && client::after(pause) > give_up) return Error{"the host does not come back: " + why, "record again when it is there"};
    progress_.clear();
    if (!told) print_notice(why + "; trying again");
    loop_.sleep(pause);
  }
}

bool SourceRecording::take(std::string_view lines) {
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    const auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (!is_wanted(line)) continue;
    if (!file_.add(line) || (options_.events != 0 && file_.events() == options_.events)) return false;
  }
  return true;
}

bool SourceRecording::is_wanted(std::string_view line) const {
  if (options_.types.empty()) return true;
  const auto event = nlohmann::json::parse(line, nullptr, false);
  return event.is_object() && std::ranges::find(options_.types, event.value("type", "")) != options_.types.end();
}

}  // namespace statecast::host

#include "host/cli/publisher.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace statecast::host {

using namespace std::chrono_literals;

namespace {

using nlohmann::json;

constexpr auto kPublishTimeout = 35s;  // a host gives its log 30 s

bool may_pass(unsigned status) { return status == 408 || status == 425 || status == 429 || status == 502 || status == 503 || status == 504; }

std::chrono::milliseconds wait_asked_for(const client::Response& response) {
  const auto text = response.header("retry-after");
  std::uint32_t seconds = 1;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(std::clamp(seconds, 1u, 3600u));
}

// The event of the batch that a problem is about.
std::optional<std::size_t> index_in(const client::Response& response, std::size_t events) {
  const auto problem = json::parse(response.body, nullptr, false);
  if (!problem.is_object() || !problem.contains("index") || !problem["index"].is_number_unsigned()) return std::nullopt;
  const auto index = problem["index"].get<std::size_t>();
  return index < events ? std::optional(index) : std::nullopt;
}

// "Nothing was stored: line 3: 'type' is missing." names a line of the request, which nobody has seen: what is left is
// said of the line of the file.
std::string without_place(std::string detail, std::size_t index) {
  const std::string before = "Nothing was stored: line " + std::to_string(index + 1) + ": ";
  if (!detail.starts_with(before)) return detail;
  detail.erase(0, before.size());
  if (detail.ends_with('.')) detail.pop_back();
  return detail;
}

}  // namespace

client::Request Publisher::request(std::span<const EventLine> batch) const {
  client::Request out;
  out.method = "POST";
  out.target = "/api/v1/events";
  out.headers = {{"Content-Type", "application/x-ndjson"}, {"Accept", "application/json"}};
  if (options_.wait_s != 0) out.headers.emplace_back("Prefer", "wait=" + std::to_string(options_.wait_s));
  for (const EventLine& line : batch) out.body.append(line.text).append(1, '\n');
  return out;
}

Result<void> Publisher::publish(std::span<const EventLine> batch) {
  const auto message = request(batch);
  const auto until = client::after(options_.timeout);
  backoff_.reset();
  for (int tries = 1;; ++tries) {
    const auto answer = client_.request(message, std::min(until, client::after(kPublishTimeout + std::chrono::seconds(options_.wait_s))));
    if (answer && !may_pass(answer->status)) return on_answer(*answer, batch, tries > 1);
    if (!answer && !reached_ && answer.error().kind == client::Failure::Kind::kUnreachable) return client::unreachable(client_.url(), "--url", answer.error());
    const std::string why = answer ? client::detail_of(*answer) : answer.error().why;
    const auto pause = backoff_.next(answer ? wait_asked_for(*answer) : client::Backoff::kFirst);
    const bool ended = loop_.ended();
    if (ended || client::after(pause) >= until)
      return Error{options_.place(batch.front().number) + ": not known to be published (" + why + ")",
                   "go on with this event when the host is there again; what was published already counts once if the events have ids of their own"};
    if (tries == 1) options_.notice(why + "; trying again");
    loop_.sleep(pause);
  }
}

Result<void> Publisher::on_answer(const client::Response& response, std::span<const EventLine> batch, bool repeated) {
  reached_ = true;
  if (response.status == 202) {
    on_accepted(response, batch, repeated);
    return {};
  }
  // A host may take less at a time than we send.
  if (response.status == 413 && batch.size() > 1) {
    const auto half = batch.size() / 2;
    if (auto first = publish(batch.first(half)); !first) return first;
    return publish(batch.subspan(half));
  }
  return on_refusal(response, batch);
}

Result<void> Publisher::on_refusal(const client::Response& response, std::span<const EventLine> batch) {
  const std::string detail = client::detail_of(response);
  const auto index = index_in(response, batch.size());
  if (response.status == 401 || response.status == 403 || response.status == 404 || (!index && batch.size() > 1))
    return Error{client_.url().text + " refuses: " + detail, response.status == 401 ? "give an access token with --token or in STATECAST_TOKEN" : ""};
  const std::size_t line = batch[index.value_or(0)].number;
  // Of this status alone something is stored all the same, and the detail says what.
  if (response.status == 422) return Error{options_.place(line) + ": " + detail, ""};
  if (index.value_or(0) > 0)
    if (auto before = publish(batch.first(*index)); !before) return before;
  return Error{options_.place(line) + ": " + without_place(detail, index.value_or(0)), line == 0 ? "" : go_on_from(line)};
}

void Publisher::on_accepted(const client::Response& response, std::span<const EventLine> batch, bool repeated) {
  counts_.published += batch.size();
  const auto body = json::parse(response.body, nullptr, false);
  if (!body.is_object()) return;
  const auto events = body.value("events", json::array());
  for (std::size_t i = 0; i < std::min(events.size(), batch.size()); ++i) {
    // What a try before this one has stored is new all the same, where the id shows that nobody else can have.
    const bool ours = repeated && !batch[i].id_given;
    counts_.known += events[i].value("duplicate", false) && !ours ? 1 : 0;
  }
  std::vector<bool> rejected(batch.size());
  for (const auto& verdict : body.value("verdicts", json::array())) {
    const auto index = verdict.value("index", batch.size());
    const std::string word = verdict.value("verdict", "");
    if ((word != "rejected" && word != "held") || index >= batch.size()) continue;
    if (word == "rejected") rejected[index] = true;
    options_.notice(options_.place(batch[index].number) + ": " + word + " by state '" + verdict.value("state", "") + "': " + verdict.value("reason", ""));
  }
  counts_.rejected += static_cast<std::uint64_t>(std::ranges::count(rejected, true));
  counts_.undecided += body.value("pending", false) ? 1 : 0;
}

}  // namespace statecast::host

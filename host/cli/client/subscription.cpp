#include "host/cli/client/subscription.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace statecast::host::client {

namespace {

constexpr std::chrono::seconds kSubscribeTimeout{15};

std::string text_in(const nlohmann::json& message, const char* name) {
  const auto found = message.find(name);
  return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// RFC 9110 10.2.3, in seconds.
std::chrono::milliseconds retry_after(const Response& response) {
  const auto text = response.header("retry-after");
  std::uint32_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::max<std::chrono::milliseconds>(Backoff::kFirst, std::chrono::seconds(std::min(seconds, 3600u)));
}

bool may_pass(unsigned status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

}  // namespace

Subscription::Subscription(ClientLoop& loop, HttpClient& client, Options options, Listener& listener, Backoff backoff)
    : loop_(loop), client_(client), options_(std::move(options)), listener_(listener), backoff_(std::move(backoff)) {
  parser_.set_last_id(options_.cursor);
}

Result<Subscription::Outcome> Subscription::run() {
  while (true) {
    const auto next = follow();
    client_.close();
    if (!next) return next.error();
    if (*next == Next::kEnough) return Outcome::kEnough;
    if (*next == Next::kOver) return Outcome::kOver;
    if (loop_.ended() || !loop_.sleep(backoff_.next(least_wait_))) return Outcome::kEnded;
  }
}

Request Subscription::request() const {
  Request out;
  out.target = "/api/v1/stream";
  for (const std::string& topic : options_.topics) out.target += (topic == options_.topics.front() ? "?topic=" : "&topic=") + encode_query(topic);
  out.headers = {{"Accept", "text/event-stream"}, {"Cache-Control", "no-store"}};
  if (!parser_.last_id().empty()) out.headers.emplace_back("Last-Event-ID", parser_.last_id());
  return out;
}

Result<Subscription::Next> Subscription::follow() {
  const auto answer = client_.open(request(), after(kSubscribeTimeout));
  if (!answer) return on_failure(answer.error());
  if (answer->status == 204) return Next::kOver;
  if (answer->status != 200 || !answer->header("content-type").starts_with("text/event-stream")) return on_refusal(*answer);
  parser_.begin();
  return read();
}

Result<Subscription::Next> Subscription::on_failure(const Failure& failure) {
  if (failure.kind == Failure::Kind::kEnded) return Next::kAgain;
  if (!ever_connected_) return unreachable(client_.url(), "--url", failure);
  lose(failure.why);
  return Next::kAgain;
}

Result<Subscription::Next> Subscription::on_refusal(const Response& head) {
  Response response = head;
  for (auto piece = client_.read(after(kSubscribeTimeout)); piece && !piece->empty() && response.body.size() < HttpClient::kBodyAtMost; piece = client_.read(after(kSubscribeTimeout)))
    response.body += *piece;
  const std::string detail = detail_of(response);
  if (!may_pass(response.status)) {
    const std::string what = client_.url().text + " refuses: " + detail;
    if (response.status == 200) return Error{client_.url().text + " answers, but not with an event stream", "see that --url leads to a host with a transport of type sse"};
    return Error{what, response.status == 401 ? "give an access token with --token or in STATECAST_TOKEN" : ""};
  }
  lose(detail);
  least_wait_ = retry_after(response);
  return Next::kAgain;
}

Subscription::Next Subscription::read() {
  while (true) {
    const auto piece = client_.read(after(options_.silence));
    if (!piece || piece->empty()) {
      const bool silent = !piece && piece.error().kind == Failure::Kind::kLate;
      if (!loop_.ended()) lose(silent ? "nothing was heard for " + std::to_string(options_.silence.count() / 1000) + " s" : "the connection was closed");
      return Next::kAgain;
    }
    Next next = Next::kAgain;
    const bool whole = parser_.feed(*piece, [&](std::string_view json) {
      next = on_data(json);
      return next == Next::kAgain && !loop_.ended();
    });
    if (parser_.retry()) least_wait_ = *parser_.retry();
    if (next != Next::kAgain || loop_.ended()) return next;
    if (!whole) {
      lose("it sends a message of more than 16 MiB");
      return Next::kAgain;
    }
  }
}

Subscription::Next Subscription::on_data(std::string_view json) {
  Next next = Next::kAgain;
  if (on_control(json, next)) return next;
  return listener_.on_message(json) ? Next::kAgain : Next::kEnough;
}

bool Subscription::on_control(std::string_view json, Next& next) {
  const auto message = nlohmann::json::parse(json, nullptr, false);
  if (!message.is_object()) return false;
  const std::string type = text_in(message, "type"), topic = text_in(message, "topic"), reason = text_in(message, "reason");
  const std::string because = reason.empty() ? "" : ": " + reason;
  const std::string about = topic.empty() ? "the stream" : topic;
  if (type == "connected") {
    on_connected(message.value("resumed", false));
  } else if (type == "closing") {
    closing_ = reason;
  } else if (type == "reset") {
    listener_.on_notice(about + " starts anew" + because);
  } else if (type == "dropped") {
    listener_.on_notice("messages of " + about + " were left out" + because);
  } else if (type == "degraded") {
    listener_.on_notice(about + " is not up to date" + because);
  } else if (type == "recovered") {
    listener_.on_notice(about + " is up to date again" + because);
  } else if (type == "error") {
    listener_.on_notice(about + " failed" + (because.empty() ? ": " + text_in(message, "detail") : because));
  } else if (type == "ended") {
    listener_.on_notice(about + " has ended" + because);
    over_.insert(topic);
    if (over_.size() == std::set<std::string>(options_.topics.begin(), options_.topics.end()).size()) next = Next::kOver;
  } else {
    return false;
  }
  return true;
}

void Subscription::on_connected(bool resumed) {
  backoff_.reset();
  const bool again = std::exchange(ever_connected_, true);
  if (!std::exchange(lost_, false)) return;
  const std::string where = resumed ? ", and resumed: nothing was missed"
                            : parser_.last_id().empty() ? ", from the beginning: there was no cursor yet"
                                                        : ", but not resumed";
  listener_.on_notice(again ? "connected again" + where : "connected");
}

// Told once, however many tries it takes to get it back.
void Subscription::lose(const std::string& why) {
  const std::string reason = closing_.empty() ? why : "the host closed it: " + closing_;
  closing_.clear();
  if (std::exchange(lost_, true)) return;
  listener_.on_notice((ever_connected_ ? "lost the connection (" : "not connected (") + reason + "); trying again");
}

}  // namespace statecast::host::client

#include "host/serving/dead_letters_api.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "host/serving/position_text.hpp"
#include "host/streaming/cloud_event_line.hpp"
#include "host/streaming/cursor.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view kPath = "/api/v1/dead-letters";
constexpr std::size_t kLargestPage = 1'000, kTakenAtOnce = 100;

sc_event event_of(const DeadLetter& letter) {
  return {sizeof(sc_event), 0, letter.position, letter.time_us, str(letter.id), str(letter.event_source), str(letter.type),
          str(letter.subject), str(letter.data), str(letter.extensions)};
}

ordered_json json_of(const std::string& name, const std::string& state, const DeadLetter& letter) {
  return {{"letter", name},
          {"state", state},
          {"source", letter.source},
          {"position", position_text(letter.position.hi, letter.position.lo)},
          {"noted", format_rfc3339(letter.noted_us)},
          {"failed", letter.failed},
          {"reason", letter.reason},
          {"id", letter.id},
          {"type", letter.type},
          {"subject", letter.subject},
          {"time", format_rfc3339(letter.time_us)}};
}

std::vector<std::string> names_in(const HttpRequest& request) {
  if (!request.header("content-type").starts_with("application/json"))
    throw Wrong{415, R"(Send {"letters": ["<letter>", ...]} with Content-Type: application/json.)"};
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  const bool right = body.is_object() && body.contains("letters") && body["letters"].is_array() && !body["letters"].empty() &&
                     std::ranges::all_of(body["letters"], [](const auto& name) { return name.is_string(); });
  if (!right) throw Wrong{400, R"(The body must be {"letters": ["<letter>", ...]}, with at least one.)"};
  if (body["letters"].size() > kTakenAtOnce) throw Wrong{413, "At most " + std::to_string(kTakenAtOnce) + " letters at once."};
  return body["letters"].get<std::vector<std::string>>();
}

}  // namespace

bool DeadLettersApi::is_path(std::string_view path) { return path == kPath || path.starts_with(std::string(kPath) + "/"); }

void DeadLettersApi::handle(std::shared_ptr<HttpConnection> connection, const HttpRequest& request, const boost::asio::any_io_executor& shard) try {
  if (service_.store() == nullptr)
    throw Wrong{404, "This host keeps no dead letters: name a folder for them under 'store' in its configuration. Rejected events are in its log."};
  if (requests_.size() == kAtOnce) throw Wrong{503, "So many requests for dead letters are under way and no more: try again."};
  Request wanted{connection, shard, false, false, false, {}, 0, {}};
  const std::string rest = request.path.size() > kPath.size() ? request.path.substr(kPath.size() + 1) : std::string();
  wanted.take = rest == "redeliver" || rest == "drop";
  wanted.redeliver = rest == "redeliver";
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (wanted.take ? request.method != "POST" : !reads) {
    auto response = problem(405, wanted.take ? "This resource takes POST." : "This resource takes GET and HEAD.");
    response.headers.emplace_back("Allow", wanted.take ? "POST" : "GET, HEAD");
    return connection->respond(std::move(response));
  }
  if (wanted.take) return take(std::move(wanted), request);
  if (rest.empty()) return list(std::move(wanted), request);
  wanted.one = true;
  wanted.names = {rest};
  FetchDeadLetters fetched;
  fetched.named = {letter_named(rest)};
  fetch(std::move(wanted), std::move(fetched));
} catch (const Wrong& wrong) {
  connection->respond(answer_to(wrong));
}

void DeadLettersApi::list(Request request, const HttpRequest& asked) {
  FetchDeadLetters wanted;
  wanted.limit = 100;
  std::string state, after;
  for (const QueryParameter& parameter : parse_query(asked.query)) {
    if (parameter.name == "state") state = parameter.value;
    if (parameter.name == "after") after = parameter.value;
    if (parameter.name != "limit") continue;
    const auto [end, error] = std::from_chars(parameter.value.data(), parameter.value.data() + parameter.value.size(), wanted.limit);
    if (error != std::errc{} || *end != '\0' || wanted.limit == 0 || wanted.limit > kLargestPage)
      throw Wrong{400, "'limit' must be a number from 1 to " + std::to_string(kLargestPage) + "."};
  }
  wanted.lanes = lanes_of(state);
  if (!after.empty()) {
    const auto [lane, ref] = letter_named(after);
    wanted.lanes.erase(wanted.lanes.begin(), std::ranges::find(wanted.lanes, lane));
    wanted.after = ref;
  }
  fetch(std::move(request), std::move(wanted));
}

void DeadLettersApi::take(Request request, const HttpRequest& asked) {
  FetchDeadLetters wanted;
  request.names = names_in(asked);
  for (const std::string& name : request.names) wanted.named.push_back(letter_named(name));
  fetch(std::move(request), std::move(wanted));
}

void DeadLettersApi::fetch(Request request, FetchDeadLetters wanted) {
  const auto number = ++next_number_;
  wanted.answer = [this, number, shard = request.shard](DeadLetterPage page) {
    boost::asio::post(shard, [this, number, page = std::move(page)]() mutable { on_page(number, std::move(page)); });
  };
  StoreRequest message = std::move(wanted);
  if (!service_.store()->post(message)) throw Wrong{503, "The store has no room for another request now: try again."};
  requests_.emplace(number, std::move(request));
}

void DeadLettersApi::on_page(std::uint64_t number, DeadLetterPage page) {
  const auto found = requests_.find(number);
  if (found == requests_.end()) return;
  Request& request = found->second;
  if (request.take && page.why.empty()) return post_to_lanes(number, request, std::move(page));
  request.connection->respond(answer(request, page));
  requests_.erase(found);
}

HttpResponse DeadLettersApi::answer(const Request& request, const DeadLetterPage& page) const {
  if (!page.why.empty()) return problem(503, "The dead letters cannot be read (" + page.why + "): try again.");
  if (request.one && page.letters.empty()) return problem(404, "There is no dead letter '" + excerpt(request.names[0]) + "': it was redelivered or dropped, or never was.");
  ordered_json all = ordered_json::array();
  for (const auto& [lane, letter] : page.letters) all.push_back(json_of(name_of(lane, letter), service_.lane(lane).id(), letter));
  if (request.one) {
    std::string out = all[0].dump(2, ' ', false, ordered_json::error_handler_t::replace);
    out.resize(out.rfind('\n'));
    // As it was written: a parser would round its numbers.
    return json_response(out + ",\n  \"event\": " + cloud_event_line(event_of(page.letters[0].second)) + "\n}\n");
  }
  ordered_json out{{"dead_letters", all}};
  if (page.more) out["next"] = all.back()["letter"];
  return json_response(out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

// Each lane gets its own; the answer waits for all of them.
void DeadLettersApi::post_to_lanes(std::uint64_t number, Request& request, DeadLetterPage page) {
  std::map<std::uint16_t, TakeDeadLetters> messages;
  std::vector<bool> there(request.names.size());
  for (auto& [lane, letter] : page.letters) {
    const auto place = static_cast<std::size_t>(std::ranges::find(request.names, name_of(lane, letter)) - request.names.begin());
    if (place == request.names.size()) continue;  // written in another way than we do
    there[place] = true;
    messages[lane].letters.emplace_back(place, std::move(letter));
  }
  for (std::size_t place = 0; place < there.size(); ++place)
    if (!there[place]) request.taken.unknown.push_back(place);
  request.lanes_left = messages.size() + 1;
  for (auto& [lane, message] : messages) {
    message.redeliver = request.redeliver;
    message.answer = [this, number, shard = request.shard](TakenLetters taken) {
      boost::asio::post(shard, [this, number, taken = std::move(taken)]() mutable { on_taken(number, std::move(taken)); });
    };
    LaneMessage posted = std::move(message);
    if (!service_.lane(lane).post(posted)) on_taken(number, {{}, {}, {}, "state '" + service_.lane(lane).id() + "' has no room for another request now: try again"});
  }
  on_taken(number, {});
}

void DeadLettersApi::on_taken(std::uint64_t number, TakenLetters taken) {
  const auto found = requests_.find(number);
  if (found == requests_.end()) return;
  Request& request = found->second;
  TakenLetters& all = request.taken;
  all.done.insert(all.done.end(), taken.done.begin(), taken.done.end());
  all.unknown.insert(all.unknown.end(), taken.unknown.begin(), taken.unknown.end());
  all.rejected.insert(all.rejected.end(), taken.rejected.begin(), taken.rejected.end());
  if (!taken.why.empty()) all.why += (all.why.empty() ? "" : "; ") + taken.why;
  if (--request.lanes_left != 0) return;
  ordered_json out{{request.redeliver ? "redelivered" : "dropped", ordered_json::array()}, {"unknown", ordered_json::array()}, {"rejected", ordered_json::array()}};
  for (const auto place : all.done) out[request.redeliver ? "redelivered" : "dropped"].push_back(request.names[place]);
  for (const auto place : all.unknown) out["unknown"].push_back(request.names[place]);
  for (const auto& [place, reason] : all.rejected) out["rejected"].push_back({{"letter", request.names[place]}, {"reason", reason}});
  if (!all.why.empty()) out["failed"] = all.why;
  request.connection->respond(json_response(out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n", all.why.empty() ? 200 : 503));
  requests_.erase(found);
}

// ---- names

std::string DeadLettersApi::name_of(std::uint16_t lane, const DeadLetter& letter) const {
  std::string out;
  append_cursor_entry(out, service_.lane_name(lane), letter.epoch, whole(letter.position));
  return out;
}

std::pair<std::uint16_t, DeadLetterRef> DeadLettersApi::letter_named(const std::string& name) const {
  const auto cursor = parse_cursor(name);
  if (!cursor || cursor->size() != 1) throw Wrong{400, "'" + excerpt(name) + "' is no name of a dead letter: use one of the list at " + std::string(kPath) + "."};
  const CursorEntry& entry = cursor->front();
  const auto wanted = cursor_state(entry.state, entry.lane, entry.lanes);
  for (const auto& lane : service_.lanes())
    if (service_.lane_name(lane->number()) == wanted) {
      Position position = entry.position;
      position.ord = 0;
      return {lane->number(), {entry.epoch, position}};
    }
  throw Wrong{404, "There is no state '" + excerpt(wanted) + "' here, of which '" + excerpt(name) + "' would be a dead letter."};
}

std::vector<std::uint16_t> DeadLettersApi::lanes_of(const std::string& state) const {
  std::vector<std::uint16_t> out;
  for (const auto& lane : service_.lanes())
    if (state.empty() || lane->id() == state) out.push_back(lane->number());
  if (out.empty()) throw Wrong{404, "There is no state '" + excerpt(state) + "' here: /api/v1/status names those that there are."};
  return out;
}

}  // namespace statecast::host

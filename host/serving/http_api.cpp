#include "host/serving/http_api.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>

#include "host/serving/cloud_events.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

constexpr std::string_view kEventsPath = "/api/v1/events";
constexpr std::string_view kTopicsPath = "/api/v1/topics/";
constexpr std::string_view kSubscribersPath = "/api/v1/realtime/subscribers";
constexpr std::size_t kReceiptBytes = 64;  // about, of an answer to one event
constexpr std::string_view kNotKnown = "It is not known yet whether the events were stored: publish them again with the same ids, which stores them once.";

std::string query_value(const HttpRequest& request, std::string_view name) {
  for (QueryParameter& parameter : parse_query(request.query))
    if (parameter.name == name) return std::move(parameter.value);
  return {};
}

HttpResponse unauthorized(std::string_view reason) {
  auto response = problem(401, reason);
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

// RFC 7240: "wait=2" among the preferences, in seconds.
std::int64_t preferred_wait_ms(const HttpRequest& request) {
  const auto prefer = request.header("prefer");
  const auto at = prefer.find("wait=");
  if (at == prefer.npos || (at != 0 && prefer[at - 1] != ' ' && prefer[at - 1] != ',')) return 0;
  std::int64_t seconds = 0;
  std::from_chars(prefer.data() + at + 5, prefer.data() + prefer.size(), seconds);
  return std::clamp<std::int64_t>(seconds, 0, 60) * 1000;
}

std::string_view word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kApplied: return "applied";
    case Outcome::kRejected: return "rejected";
    case Outcome::kHeld: return "held";
    case Outcome::kUnknown: break;
  }
  return "unknown";
}

// Whether a method is one of "GET, HEAD".
bool lists(std::string_view methods, std::string_view method) {
  for (auto rest = methods; !rest.empty();) {
    const auto end = std::min(rest.find(", "), rest.size());
    if (rest.substr(0, end) == method) return true;
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return false;
}

// Before a page of another origin sends what is more than a form could (Fetch, "CORS-preflight request").
void allow_page(const HttpRequest& request, std::string_view methods, HttpResponse& response) {
  response.headers.emplace_back("Access-Control-Allow-Methods", methods);
  response.headers.emplace_back("Access-Control-Allow-Headers", request.header("access-control-request-headers"));
  response.headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace

HttpApi::HttpApi(ShardContext& context, const RequestOrigin& origin, const StreamController& controller, const SubscriberCounts& counts)
    : context_(context), origin_(origin), controller_(controller), counts_(counts) {}

void HttpApi::on_open(HttpConnection& connection) { connections_.push_back(&connection); }
void HttpApi::on_close(HttpConnection& connection) { std::erase(connections_, &connection); }

void HttpApi::close_idle() {
  const auto open = connections_;
  for (HttpConnection* connection : open) connection->close_if_idle();
}

void HttpApi::clear() {
  publishes_.clear();
  reads_.clear();
}

// ---- which request it is

void HttpApi::handle(std::shared_ptr<HttpConnection> connection, HttpRequest request) {
  if (context_.draining) return connection->respond(busy("The host is stopping: try another instance, or again later."));
  if (auto refusal = origin_.refuse(request)) return connection->respond(std::move(*refusal));
  connection->set_page(origin_.listed_page(request.header("origin")));
  const bool events = request.path == kEventsPath;
  auto resolved = events ? std::nullopt : controller_.resolve(request);
  const PageFile* page = !events && context_.config.server.page && !resolved ? find_page_file(request.path) : nullptr;
  if (page != nullptr) return get_page(*connection, request, *page);
  const bool topic = request.path.starts_with(kTopicsPath);
  if (topic) connection->set_route(kTopicsRoute);
  else if (events) connection->set_route(kEventsRoute);
  else if (request.path == kSubscribersPath) connection->set_route(kSubscribersRoute);
  else if (resolved) connection->set_route(kFirstStreamRoute + resolved->route);
  const bool known = resolved || topic || events || request.path == kSubscribersPath;
  if (!known) return connection->respond(problem(404, "There is nothing at this path: streams, topics and events are under /api/v1/."));
  if (!allow(*connection, request, events ? "POST, OPTIONS" : "GET, HEAD, OPTIONS")) return;
  auto identity = context_.access.identify(request.header("authorization"), query_value(request, "token"));
  if (!identity.ok) return connection->respond(unauthorized(identity.reason));
  if (events && !identity.may_publish) return connection->respond(problem(403, "Publishing needs the role staff, admin or publisher."));
  if (events) return post_events(std::move(connection), request);
  if (request.path == kSubscribersPath) return get_subscribers(*connection);
  if (topic) return get_topic(std::move(connection), request, identity.claims);
  open_stream(std::move(connection), request, std::move(*resolved), std::move(identity));
}

// Answers what needs no identity: OPTIONS, and a method that the resource does not have.
bool HttpApi::allow(HttpConnection& connection, const HttpRequest& request, std::string_view methods) {
  const bool has = lists(methods, request.method);
  if (has && request.method != "OPTIONS") return true;
  auto response = has ? HttpResponse{204, {}, {}, {}} : problem(405, "This resource takes " + std::string(methods) + ".");
  response.headers.emplace_back("Allow", methods);
  if (!connection.page().empty() && has) allow_page(request, methods, response);
  connection.respond(std::move(response));
  return false;
}

void HttpApi::open_stream(std::shared_ptr<HttpConnection> connection, const HttpRequest& request,
                          StreamController::Resolved resolved, Identity identity) {
  const bool takes_commands = !context_.service.transports()[resolved.transport]->plugin().manifest.upgrade.empty();
  if (resolved.topics.empty() && !takes_commands)
    return connection->respond(problem(400, "No topic is named: add ?topic=<prefix>/<name>, once for each topic."));
  if (resolved.topics.size() > context_.config.limits.topics_per_session)
    return connection->respond(problem(400, "A session may have " + std::to_string(context_.config.limits.topics_per_session) +
                                                " topics (limits.topics_per_session): open another stream for the rest."));
  streams_->open(std::move(connection), request,
                 {resolved.transport, std::move(resolved.topics), std::move(resolved.cursor), std::move(identity)});
}

void HttpApi::get_page(HttpConnection& connection, const HttpRequest& request, const PageFile& file) {
  if (allow(connection, request, "GET, HEAD, OPTIONS")) connection.respond(page_response(file, request.header("if-none-match")));
}

void HttpApi::get_subscribers(HttpConnection& connection) {
  std::string body = "{";
  for (std::size_t i = 0; i < context_.service.prefixes().size(); ++i)
    body += json_quote(context_.service.prefixes()[i].name) + ":" + std::to_string(counts_.subscriptions(i)) + ",";
  connection.respond(json_response(body + "\"totalClients\":" + std::to_string(counts_.sessions()) + "}"));
}

// ---- current values

void HttpApi::get_topic(std::shared_ptr<HttpConnection> connection, const HttpRequest& request, const std::string& claims) {
  Read read;
  read.topic = request.path.substr(kTopicsPath.size());
  const auto place = context_.service.find(read.topic);
  if (!place) return connection->respond(problem(404, "No state serves the topic '" + excerpt(read.topic) + "': a topic is <prefix>/<name>."));
  if (const std::string* state = context_.degraded.find(place->lanes)) return connection->respond(busy(degraded_text(*state), kRetryDegraded));
  read.spans = place->spans || place->appended;
  if (read.spans) {
    const auto limit = query_value(request, "limit");
    read.limit = kPage;
    const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), read.limit);
    if (!limit.empty() && (error != std::errc{} || end != limit.data() + limit.size() || read.limit == 0 || read.limit > kLargestPage))
      return connection->respond(problem(400, "'limit' must be a number from 1 to " + std::to_string(kLargestPage) + "."));
  }
  auto* who = new RequestContext;
  const auto asking = Ref<RequestContext>::adopt(who);
  who->remote = request.remote;
  who->method = request.method;
  who->path = request.path;
  who->query = request.query;
  who->claims = claims;
  who->headers = request.headers;
  const auto number = next_number();
  read.lanes = place->lanes;
  read.deadline_ms = context_.now_ms + kAnswerMs;
  read.merged.status = SC_OK;
  const std::string after = read.spans ? query_value(request, "after") : std::string();
  for (const auto lane : place->lanes)
    if (!context_.posts.try_post(lane, ReadValue{{context_.number, number}, asking, read.topic, after, read.limit, place->appended}))
      return connection->respond(busy("The state of this topic has no room for another request now: try again."));
  read.connection = std::move(connection);
  reads_.emplace(number, std::move(read));
}

void HttpApi::on(std::uint16_t lane, Value& value) {
  const auto found = reads_.find(value.request.number);
  if (found == reads_.end()) return;
  Read& read = found->second;
  if (read.merged.status == SC_OK && value.status != SC_OK) {
    read.merged.status = value.status;
    read.merged.text = std::move(value.text);
  }
  std::ranges::move(value.items, std::back_inserter(read.merged.items));
  // Beyond the last key of a lane that has more, the other lanes' keys may come too early.
  if (value.more && (!read.merged.more || value.last < read.merged.last)) read.merged.last = std::move(value.last);
  read.merged.more = read.merged.more || value.more;
  std::erase(read.lanes, lane);
  if (!read.lanes.empty()) return;
  finish(read);
  reads_.erase(found);
}

void HttpApi::finish(Read& read) {
  Value& value = read.merged;
  if (value.status == SC_DENIED || value.status == SC_UNKNOWN)
    return read.connection->respond(problem(403, value.text.empty() ? "'" + read.topic + "' is not for you" : value.text));
  if (value.status != SC_OK) return read.connection->respond(busy("The state of this topic failed; its error is in the host's log: try again."));
  if (!read.spans) {
    if (value.items.empty()) return read.connection->respond(problem(404, "'" + excerpt(read.topic) + "' has no value yet."));
    return read.connection->respond(json_response(std::move(value.items.front().second)));
  }
  std::ranges::sort(value.items);
  if (value.more) std::erase_if(value.items, [&](const auto& item) { return item.first > value.last; });
  std::string next = value.more ? value.last : std::string();
  if (value.items.size() > read.limit) {
    value.items.resize(read.limit);
    next = value.items.back().first;
  }
  std::string body = R"({"topic":)" + json_quote(read.topic) + R"(,"items":[)";
  for (std::size_t i = 0; i < value.items.size(); ++i) body += (i == 0 ? "" : ",") + value.items[i].second;
  body += "]";
  if (!next.empty()) body += R"(,"next":)" + json_quote(next);
  read.connection->respond(json_response(body + "}"));
}

// ---- publishing

void HttpApi::post_events(std::shared_ptr<HttpConnection> connection, const HttpRequest& request) {
  Publish publish;
  publish.connection = std::move(connection);
  publish.wait_ms = preferred_wait_ms(request);
  auto read = read_published(request, context_.service.clock().now_us());
  if (read.status != 0) return fail(publish, read.status, read.detail, read.index);
  publish.events = std::move(read.events);
  append(std::move(publish));
}

void HttpApi::publish(const SessionRef& session, std::uint64_t ref, std::string_view cloud_event_json) {
  Publish publish;
  publish.session = session;
  publish.ref = ref;
  auto read = read_published_json(cloud_event_json, context_.service.clock().now_us());
  if (read.status != 0) return fail(publish, read.status, read.detail, read.index);
  publish.events = std::move(read.events);
  append(std::move(publish));
}

void HttpApi::append(Publish publish) {
  Appender* appender = context_.service.appender();
  if (appender == nullptr) return fail(publish, 404, "This host takes no events: its configuration names no source to publish to (server.publish).");
  const auto number = next_number();
  AppendRequest request{{context_.number, number}, publish.events};
  if (!appender->post(request)) return fail(publish, 503, "Nothing was stored: too many publishers are waiting; try again.");
  publish.deadline_ms = context_.now_ms + kAppendMs;
  publishes_.emplace(number, std::move(publish));
  wake_appender();
}

// Once for all requests that can be read now: they share an append then.
void HttpApi::wake_appender() {
  if (waking_appender_) return;
  boost::asio::post(context_.io, [this] {
    waking_appender_ = false;
    context_.service.appender()->wake();
  });
  waking_appender_ = true;
}

void HttpApi::on(AppendReply& reply) {
  const auto found = publishes_.find(reply.request.number);
  if (found == publishes_.end()) return;
  Publish& publish = found->second;
  const auto refused = std::ranges::find_if(reply.receipts, [](const auto& r) { return r.status != SC_OK; });
  if (reply.unknown) {
    fail(publish, 503, kNotKnown);
  } else if (reply.status != SC_OK) {
    fail(publish, 503, "Nothing was stored: " + reply.why + ".");
  } else if (refused != reply.receipts.end()) {
    const auto index = static_cast<std::size_t>(refused - reply.receipts.begin());
    fail(publish, 422, "Event " + std::to_string(index) + " was refused by the source: " + refused->why +
                           ". Those before and after it that were not refused are stored.", index);
  } else {
    publish.receipts = std::move(reply.receipts);
    if (publish.wait_ms != 0) await_verdicts(found->first, publish);
    if (!publish.questions.empty()) return;
    finish(publish);
  }
  publishes_.erase(found);
}

void HttpApi::give_up(const RequestRef& request) {
  auto publish = publishes_.extract(request.number);
  if (!publish.empty()) fail(publish.mapped(), 503, kNotKnown);
}

void HttpApi::await_verdicts(std::uint64_t number, Publish& publish) {
  std::vector<std::pair<std::uint16_t, Await>> questions;
  const auto source = context_.service.appender()->source().number;
  for (std::uint32_t i = 0; i < publish.receipts.size(); ++i) {
    context_.service.consumers_of(publish.events->events()[i], [&](const Lane& lane) {
      auto found = std::ranges::find(questions, lane.number(), &std::pair<std::uint16_t, Await>::first);
      if (found == questions.end()) found = questions.insert(questions.end(), {lane.number(), Await{{context_.number, number}, {}}});
      found->second.events.push_back({i, source, publish.receipts[i].position});
    });
  }
  publish.deadline_ms = context_.now_ms + publish.wait_ms;
  for (auto& [lane, await] : questions) {
    Question question{lane, {}};
    for (const Await::Event& event : await.events) question.indices.push_back(event.index);
    if (context_.degraded.contains(lane)) note_unknown(publish, question);
    else if (context_.posts.try_post(lane, std::move(await))) publish.questions.push_back(std::move(question));
    else publish.undecided = true;
  }
}

void HttpApi::on(std::uint16_t lane, AwaitReply& reply) {
  const auto found = publishes_.find(reply.request.number);
  if (found == publishes_.end()) return;
  Publish& publish = found->second;
  if (std::erase_if(publish.questions, [&](const Question& question) { return question.lane == lane; }) == 0) return;
  for (AwaitReply::Event& event : reply.events)
    publish.verdicts.push_back({event.index, reply.state, word_of(event.outcome), std::move(event.reason)});
  if (!publish.questions.empty()) return;
  finish(publish);
  publishes_.erase(found);
}

std::string HttpApi::accepted_json(const Publish& publish) const {
  std::size_t duplicates = 0;
  std::string events;
  events.reserve(publish.receipts.size() * kReceiptBytes);
  std::vector<Position> newest;
  for (std::size_t i = 0; i < publish.receipts.size(); ++i) {
    const auto& receipt = publish.receipts[i];
    duplicates += receipt.duplicate ? 1 : 0;
    events += i == 0 ? R"({"id":)" : R"(,{"id":)";
    append_json_quoted(events, view(publish.events->events()[i].id));
    events += receipt.duplicate ? R"(,"duplicate":true})" : R"(,"duplicate":false})";
    auto same = std::ranges::find(newest, receipt.position.partition, &Position::partition);
    if (same == newest.end()) newest.push_back(receipt.position);
    else if (*same < receipt.position) *same = receipt.position;
  }
  std::string cursor;
  for (const Position& position : newest) append_cursor_entry(cursor, "*", context_.service.appender()->source().epoch(), whole(position));
  std::string out;
  out.reserve(kReceiptBytes + cursor.size() + events.size());
  out.append(R"("accepted":)").append(std::to_string(publish.receipts.size())).append(R"(,"duplicates":)").append(std::to_string(duplicates));
  append_json_quoted(out.append(R"(,"cursor":)"), cursor);
  return out.append(R"(,"events":[)").append(events).append("]");
}

void HttpApi::finish(Publish& publish) {
  std::string body = "{" + accepted_json(publish);
  if (publish.wait_ms != 0) {
    std::ranges::sort(publish.verdicts, {}, [](const Verdict& v) { return std::tie(v.index, v.state); });
    body += R"(,"verdicts":[)";
    for (std::size_t i = 0; i < publish.verdicts.size(); ++i) {
      const Verdict& verdict = publish.verdicts[i];
      body += (i == 0 ? "" : ",") + (R"({"index":)" + std::to_string(verdict.index)) + R"(,"state":)" + json_quote(verdict.state) +
              R"(,"verdict":")" + std::string(verdict.word) + '"';
      body += verdict.word == "applied" ? "}" : R"(,"reason":)" + json_quote(verdict.reason) + "}";
    }
    body += publish.questions.empty() && !publish.undecided ? R"(],"pending":false)" : R"(],"pending":true)";
  }
  body += "}";
  if (!publish.connection) return streams_->on_published(publish.session, publish.ref, SC_OK, body);
  auto response = json_response(std::move(body), 202);
  if (publish.wait_ms != 0) response.headers.emplace_back("Preference-Applied", "wait=" + std::to_string(publish.wait_ms / 1000));
  publish.connection->respond(std::move(response));
}

void HttpApi::fail(Publish& publish, unsigned status, std::string_view detail, std::optional<std::size_t> index) {
  if (!publish.connection) {
    const sc_status answer = status == 503 ? SC_BUSY : SC_REJECTED;
    return streams_->on_published(publish.session, publish.ref, answer, problem_json(status, detail, index));
  }
  publish.connection->respond(status == 503 ? busy(detail) : problem(status, detail, index));
}

// ---- time

void HttpApi::on_tick() {
  for (auto it = publishes_.begin(); it != publishes_.end();) {
    Publish& publish = it->second;
    const bool late = context_.now_ms >= publish.deadline_ms;
    if (late && !publish.receipts.empty()) finish(publish);  // stored; some verdicts are still out
    else if (late) fail(publish, 503, kNotKnown);
    it = late ? publishes_.erase(it) : std::next(it);
  }
  for (auto it = reads_.begin(); it != reads_.end();) {
    const bool late = context_.now_ms >= it->second.deadline_ms;
    if (late) it->second.connection->respond(busy(unanswered_text(context_.degraded.state_id(it->second.lanes.front()))));
    it = late ? reads_.erase(it) : std::next(it);
  }
}

}  // namespace statecast::host

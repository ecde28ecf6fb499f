#include "host/serving/streams.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <random>

#include "host/ops/log.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

std::atomic<std::uint64_t> sessions_opened{0};

template <class Topics>
std::string names(const Topics& topics) {
  std::string out;
  for (const auto& topic : topics) out += (out.empty() ? "" : ", ") + topic.name;
  return out.empty() ? "no topics yet" : out;
}

// The HTTP status and the sentence for a client that was not admitted; how a state failed is for the log alone.
std::pair<unsigned, std::string> refusal_of(sc_status status, const std::string& reason) {
  if (status == SC_DENIED || status == SC_UNKNOWN) return {403, reason};
  if (status == SC_TIMEOUT) return {503, reason};
  return {503, "A state failed; its error is in the host's log: try again."};
}

// Where the page is of another origin; the fields go before the empty line, after which the transport may have written more.
void let_page_read(std::string& head, const std::string& page) {
  const auto last_line = head.find("\r\n\r\n");
  if (page.empty() || last_line == head.npos) return;
  std::string fields;
  share_with_page(page, [&](auto name, auto value) { fields.append(name).append(": ").append(value).append("\r\n"); });
  head.insert(last_line + 2, fields);
}

Ref<RequestContext> context_of(const HttpRequest& request, std::string claims) {
  auto* context = new RequestContext;
  const auto shared = Ref<RequestContext>::adopt(context);
  context->session = ++sessions_opened;
  context->remote = request.remote;
  context->method = request.method;
  context->path = request.path;
  context->query = request.query;
  context->claims = std::move(claims);
  context->headers = request.headers;
  return shared;
}

}  // namespace

std::string session_name(std::uint64_t number) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "s-%llx", static_cast<unsigned long long>(number));
  return digits;
}

Streams::Streams(ShardContext& context, SessionPublisher& publisher)
    : context_(context),
      publisher_(publisher),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      subscriptions_(context.service.lanes().size()),
      heartbeats_(context.service.encodings().size()),
      input_(16 * 1024),
      marks_(context.service.lanes().size()) {
  for (const auto& transport : context_.service.transports()) guards_.add(*transport);
  for (const TransportSettings& transport : context_.config.transports)
    windows_.push_back(transport.flush_window_ms == 0 ? nullptr
                                                      : std::make_unique<FlushWindow>(context_.io, transport.flush_window_ms, context_.service.lanes().size()));
  for (std::size_t i = 0; i < heartbeats_.size(); ++i) {
    const Encoding& encoding = context_.service.encodings()[i];
    StringSink out;
    if (encoding.transport->heartbeat(guards_.of(*encoding.transport), encoding.number, out) == SC_OK) heartbeats_[i] = Frame::make(out.text());
  }
}

void Streams::begin() {
  const int error = batch_.open();
  const bool as_everywhere = error == EPERM || error == EINVAL || error == ENOSYS;  // a rule, or an old kernel: one shard tells it
  if (error != 0 && (context_.number == 0 || !as_everywhere))
    log::info("server", std::string("io_uring cannot be used (") + std::strerror(error) + "; it takes Linux 6.1): every send is a system call of its own");
}

Streams::~Streams() {
  clear();
  ::close(epoll_);
}

void Streams::clear() {
  admissions_.clear();
  for (std::uint32_t slot = 0; slot < sessions_.size(); ++slot)
    if (sessions_[slot].stage != Session::Stage::kFree) destroy(slot, "the host stopped");
  for (const auto& window : windows_)
    if (window) window->stop();
}

// ---- slots

SessionRef Streams::ref_of(std::uint32_t slot) const { return {context_.number, slot, sessions_[slot].generation}; }

Session* Streams::find(const SessionRef& ref) {
  if (ref.slot >= sessions_.size() || sessions_[ref.slot].generation != ref.generation) return nullptr;
  Session& session = sessions_[ref.slot];
  return session.stage == Session::Stage::kFree ? nullptr : &session;
}

// ---- opening

void Streams::open(std::shared_ptr<HttpConnection> connection, const HttpRequest& request, StreamPlan plan) {
  const auto slot = sessions_.take();
  const SessionRef ref = ref_of(slot);
  try {
    open(slot, std::move(connection), request, std::move(plan));
  } catch (...) {
    on_thrown(ref);
    throw;
  }
}

void Streams::open(std::uint32_t slot, std::shared_ptr<HttpConnection> connection, const HttpRequest& request, StreamPlan plan) {
  Session& session = sessions_[slot];
  session.stage = Session::Stage::kOpening;
  session.transport = plan.transport;
  session.may_publish = plan.who.may_publish;
  session.opened = context_.now;

  Admission admission;
  admission.session = ref_of(slot);
  admission.context = context_of(request, std::move(plan.who.claims));
  session.number = admission.context->session;
  admission.connection = connection;
  admission.head_only = request.method == "HEAD";
  admission.cursor = std::move(plan.cursor);
  HttpResponse refusal;
  bool refused = !open_plugin_session(slot, admission.context->client(), refusal);
  for (const std::string& name : plan.topics) {
    if (refused || std::ranges::find(admission.topics, name, &AdmittedTopic::name) != admission.topics.end()) continue;
    std::string why;
    const unsigned status = resolve(session, name, admission.topics.emplace_back(), why);
    if (status != 0) refusal = status == 503 ? busy(why, kRetryDegraded) : problem(status, why);
    refused = status != 0;
  }
  if (refused) {
    destroy(slot, {});
    return connection->respond(std::move(refusal));
  }
  if (admission.topics.empty()) {
    finish(std::move(admission));
    return flush();  // nothing else comes for this round
  }
  if (post_admits(std::move(admission))) return;
  destroy(slot, {});
  connection->respond(busy("A state that this topic needs has no room for another request now: try again."));
}

bool Streams::open_plugin_session(std::uint32_t slot, const sc_client& client, HttpResponse& refusal) {
  Session& session = sessions_[slot];
  TransportInstance& transport = transport_of(session);
  Commands commands;
  std::uint32_t encoding = 0;
  const sc_status status = guard_of(session)("open", [&](const sc_sink* err) {
    return transport.table().open(transport.self(), &client, &session.plugin_session, &encoding, &commands.table, err);
  });
  session.plugin_open = status == SC_OK;
  if (session.plugin_open && encoding < transport.plugin().manifest.encodings.size()) {
    session.encoding = static_cast<std::uint16_t>(context_.service.first_encoding(session.transport) + encoding);
    return true;
  }
  const auto& upgrade = transport.plugin().manifest.upgrade;
  if (status == SC_REJECTED) {
    refusal = problem(400, guard_of(session).error());
  } else if (status == SC_UNSUPPORTED) {
    refusal = problem(426, guard_of(session).error());
    if (!upgrade.empty()) {
      refusal.headers.emplace_back("Upgrade", upgrade);
      refusal.headers.emplace_back("Connection", "Upgrade");
    }
    if (upgrade == "websocket") refusal.headers.emplace_back("Sec-WebSocket-Version", "13");
  } else {
    refusal = problem(500, "The transport '" + transport.id() + "' failed; its error is in the host's log.");
  }
  return false;
}

unsigned Streams::resolve(const Session& session, const std::string& topic, AdmittedTopic& out, std::string& why) const {
  const auto place = context_.service.find(topic);
  const auto& settings = settings_of(session);
  const bool exposed = place && (settings.expose_all ||
                                 std::ranges::find(settings.expose, context_.service.prefixes()[place->prefix].name) != settings.expose.end());
  if (!exposed) {
    why = "No state serves the topic '" + excerpt(topic) + "' here: a topic is <prefix>/<name>, and the prefixes are ";
    std::string list;
    for (const auto& prefix : context_.service.prefixes())
      if (settings.expose_all || std::ranges::find(settings.expose, prefix.name) != settings.expose.end())
        list += (list.empty() ? "" : ", ") + prefix.name;
    why += (list.empty() ? "none" : list) + ".";
    return 404;
  }
  if (const std::string* state = context_.degraded.find(place->lanes)) {
    why = degraded_text(*state);
    return 503;
  }
  out.name = topic;
  out.place = *place;
  return 0;
}

bool Streams::post_admits(Admission admission) {
  const std::uint64_t number = next_request_ += 2;  // even: the odd ones are the HTTP API's
  std::vector<std::pair<std::uint16_t, Admit>> admits;
  for (std::uint32_t i = 0; i < admission.topics.size(); ++i) {
    for (const auto lane : admission.topics[i].place.lanes) {
      auto found = std::ranges::find(admits, lane, &std::pair<std::uint16_t, Admit>::first);
      if (found == admits.end())
        found = admits.insert(admits.end(), {lane, Admit{{context_.number, number}, admission.context, {}}});
      found->second.legs.push_back({i, admission.topics[i].name, admission.cursor, admission.topics[i].place.appended});
    }
  }
  for (const auto& [lane, admit] : admits) admission.waiting.push_back(lane);
  admission.resumed = !admission.cursor.empty();
  admission.deadline_ms = context_.now_ms + kVerdictMs;
  for (auto& [lane, admit] : admits)
    if (!context_.posts.try_post(lane, std::move(admit))) return false;  // verdicts of the others find nobody
  admissions_.emplace(number, std::move(admission));
  return true;
}

void Streams::on(std::uint16_t lane, Verdict& verdict) {
  const auto found = admissions_.find(verdict.request.number);
  if (found == admissions_.end()) return;
  Admission& admission = found->second;
  for (Verdict::Leg& leg : verdict.legs) {
    AdmittedTopic& topic = admission.topics[leg.leg];
    admission.resumed = admission.resumed && leg.resume == Resume::kExact;
    admission.finished = admission.finished && leg.finished;
    if (topic.resume == Resume::kFresh || leg.resume != Resume::kExact) topic.resume = leg.resume;
    if (leg.status == SC_OK) {
      topic.view = std::move(leg.text);
    } else if (admission.status == SC_OK) {
      admission.status = leg.status;
      admission.reason = leg.text.empty() ? "'" + topic.name + "' is not for you" : std::move(leg.text);
    }
  }
  std::erase(admission.waiting, lane);
  if (!admission.waiting.empty()) return;
  Admission done = std::move(admission);
  admissions_.erase(found);
  finish(std::move(done));
}

void Streams::finish(Admission admission) {
  const bool opening = admission.connection != nullptr;
  Session* session = find(admission.session);
  // A session that began to close meanwhile takes nothing new: what it entered now, nobody would take off again.
  if (session == nullptr || session->stage != (opening ? Session::Stage::kOpening : Session::Stage::kOpen)) return;
  guarded(admission.session.slot, [&] { conclude(admission.session.slot, admission); });
}

void Streams::conclude(std::uint32_t slot, Admission& admission) {
  const bool opening = admission.connection != nullptr;
  if (!opening) --sessions_[slot].details->asked;
  if (admission.status != SC_OK) {
    if (opening) return refuse_stream(slot, admission);
    const auto [status, reason] = refusal_of(admission.status, admission.reason);
    return answer(slot, admission.ref, admission.status, problem_json(status, reason));
  }
  if (opening) return start_stream(slot, admission);
  answer(slot, admission.ref, SC_OK, admission.resumed ? R"({"resumed":true})" : R"({"resumed":false})");
  subscribe(slot, admission);
}

void Streams::refuse_stream(std::uint32_t slot, const Admission& admission) {
  const auto [status, reason] = refusal_of(admission.status, admission.reason);
  destroy(slot, {});
  admission.connection->respond(status == 503 ? busy(reason, admission.retry_after_s) : problem(status, reason));
}

void Streams::start_stream(std::uint32_t slot, Admission& admission) {
  Session& session = sessions_[slot];
  TransportInstance& transport = transport_of(session);
  if (admission.finished && !admission.topics.empty() && transport.plugin().manifest.upgrade.empty()) {
    // What a reconnecting EventSource takes for "come back no more" (HTML, 9.2.1).
    destroy(slot, {});
    return admission.connection->respond({204, {}, {}, {}, false});
  }
  StringSink head;
  const sc_status status = guard_of(session)("head", [&](const sc_sink*) {
    return transport.table().head(transport.self(), &session.plugin_session, head.get());
  });
  if (status != SC_OK || admission.head_only || admission.connection->gone() || context_.draining) {
    const bool ok = status == SC_OK && admission.head_only;
    destroy(slot, {});
    return admission.connection->respond(ok ? HttpResponse{200, "text/event-stream", {}, {}, true}
                                            : problem(503, "The stream could not be opened: try again."));
  }
  let_page_read(head.text(), admission.connection->page());
  std::string bytes_after;
  admission.connection->note_answer(status_of_head(head.text()));
  session.fd = admission.connection->release(session.ticket, bytes_after);
  session.stage = Session::Stage::kOpen;
  session.sent = session.heard = session.pinged = context_.now;
  if (takes_commands(session)) session.request = requests_.keep(*admission.context);
  if (const auto age = static_cast<std::int64_t>(settings_of(session).max_age_ms); age != 0) {
    // Spread over the last fifth, so that clients that came together do not come back together.
    thread_local std::minstd_rand random(std::random_device{}());
    expire_in(session, age - static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(age / 5 + 1)));
  }
  context_.stats.transports[session.transport].sessions.add(1);
  context_.stats.transports[session.transport].opened.add();
  add_to_epoll(session, slot);
  push_bytes(slot, head.text());

  std::string topics;
  for (const AdmittedTopic& topic : admission.topics) topics += (topics.empty() ? "" : ",") + json_quote(topic.name);
  push_control(slot, R"({"type":"connected","topics":[)" + topics + R"(],"session":")" + session_name(session.number) +
                         R"(","resumed":)" + (admission.resumed ? "true}" : "false}"));
  const auto ref = admission.session;
  subscribe(slot, admission);
  log_.write(transport.id(), context_.now, [&] {
    return "session " + session_name(session.number) + " connected from " + admission.context->remote + " to " + names(admission.topics);
  });
  if (!bytes_after.empty() && find(ref) != nullptr) on_bytes(slot, bytes_after);
}

// ---- leaving

void Streams::close_all() {
  for (std::uint32_t slot = 0; slot < sessions_.size(); ++slot)
    if (sessions_[slot].stage == Session::Stage::kOpen) guarded(slot, [&] { close(slot, SC_CLOSE_SHUTDOWN, "the host stops"); });
  flush();
}

void Streams::close(std::uint32_t slot, std::uint32_t reason, std::string_view text) {
  Session& session = sessions_[slot];
  if (session.stage != Session::Stage::kOpen) return;
  session.ended_by = ended_by(reason);
  if (reason == SC_CLOSE_GONE || reason == SC_CLOSE_SLOW) return destroy(slot, text);
  std::uint32_t retry_ms = 0;
  if (reason == SC_CLOSE_SHUTDOWN || reason == SC_CLOSE_EXPIRED) {
    thread_local std::minstd_rand random(std::random_device{}());
    retry_ms = 500 + static_cast<std::uint32_t>(random() % 4500);
    push_control(slot, R"({"type":"closing","reason":)" + json_quote(text) + R"(,"retry":)" + std::to_string(retry_ms) + "}");
  }
  TransportInstance& transport = transport_of(session);
  StringSink last;
  guard_of(session)("close", [&](const sc_sink*) {
    transport.table().close(transport.self(), &session.plugin_session, reason, str(text), retry_ms, last.get());
    return SC_OK;
  });
  session.plugin_session = nullptr;
  session.plugin_open = false;
  push_bytes(slot, last.text());
  leave_topics(slot);
  session.stage = Session::Stage::kClosing;
  expire_in(session, kLingerMs);
  log_.write(transport.id(), context_.now, [&] { return "session " + session_name(session.number) + " closing: " + std::string(text); });
  mark_dirty(session, slot);
}

void Streams::on_thrown(const SessionRef& ref) {
  taken_.clear();
  Session* session = find(ref);
  if (session == nullptr) return;
  session->ended_by = EndedBy::kError;
  const int fd = session->fd;
  if (context_.turns([&] { destroy(ref.slot, fd < 0 ? "" : "the host failed at it"); })) return;
  if (session->fd >= 0) ::shutdown(session->fd, SHUT_RDWR);  // its end is noticed like that of any other, and destroys what is left
}

void Streams::lose(std::uint16_t lane) {
  for (std::uint32_t slot = 0; slot < sessions_.size(); ++slot) {
    const Session& session = sessions_[slot];
    if (session.stage != Session::Stage::kOpen) continue;
    if (std::ranges::find(session.legs(), lane, &Leg::lane) != session.legs().end()) on_thrown(ref_of(slot));
  }
}

// Frees the slot at once. `why` empty = the session never came to stream.
void Streams::destroy(std::uint32_t slot, std::string_view why) {
  Session& session = sessions_[slot];
  leave_topics(slot);
  TransportInstance& transport = transport_of(session);
  if (session.plugin_open) {
    StringSink unsent;
    guard_of(session)("close", [&](const sc_sink*) {
      transport.table().close(transport.self(), &session.plugin_session, SC_CLOSE_GONE, str(why), 0, unsent.get());
      return SC_OK;
    });
  }
  if (session.fd >= 0) {
    context_.stats.count_end(session.transport, session.ended_by, session.emitter.waiting());
    if (session.details && session.details->slow) waiting_change_ -= static_cast<std::int64_t>(session.details->slow->bytes);
    ::close(std::exchange(session.fd, -1));
    const auto line = [&] {
      return "session " + session_name(session.number) + " disconnected: " + std::string(why.empty() ? "closed" : why) + "; " +
             std::to_string(session.frames) + " frames, " + std::to_string(session.bytes) + " bytes, " +
             std::to_string((context_.now - session.opened) * kTenthMs) + " ms";
    };
    context_.turns([&] { log_.write(transport.id(), context_.now, line); });  // without memory for it the slot is given back all the same
  }
  if (session.details) context_.stats.details.add(-1);
  sessions_.give_back(slot);
}

}  // namespace statecast::host

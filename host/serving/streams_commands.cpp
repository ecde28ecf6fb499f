#include <algorithm>

#include "host/serving/remote.hpp"
#include "host/serving/streams.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

constexpr std::string_view kOneWay = "Only a transport that starts by an upgrade takes commands about topics and tokens: name the topics in the request.";

}  // namespace

Streams::Commands::Commands() {
  table.size = sizeof table;
  table.ctx = &taken;
  static constexpr auto add = [](void* ctx, Command command) {
    static_cast<std::vector<Command>*>(ctx)->push_back(std::move(command));
  };
  table.subscribe = [](void* ctx, std::uint64_t ref, sc_str topic, sc_str cursor) {
    add(ctx, {Command::Kind::kSubscribe, ref, std::string(view(topic)), std::string(view(cursor))});
  };
  table.unsubscribe = [](void* ctx, std::uint64_t ref, sc_str topic) {
    add(ctx, {Command::Kind::kUnsubscribe, ref, std::string(view(topic)), {}});
  };
  table.publish = [](void* ctx, std::uint64_t ref, sc_str event) {
    add(ctx, {Command::Kind::kPublish, ref, std::string(view(event)), {}});
  };
  table.renew = [](void* ctx, std::uint64_t ref, sc_str token) {
    add(ctx, {Command::Kind::kRenew, ref, std::string(view(token)), {}});
  };
  table.pong = [](void* ctx) { add(ctx, {Command::Kind::kPong, 0, {}, {}}); };
  table.close = [](void* ctx, std::uint32_t, sc_str reason) { add(ctx, {Command::Kind::kClose, 0, std::string(view(reason)), {}}); };
}

void Streams::on_command(std::uint32_t slot, const Command& command) {
  Session& session = sessions_[slot];
  switch (command.kind) {
    case Command::Kind::kSubscribe: return on_subscribe_command(slot, command);
    case Command::Kind::kUnsubscribe: return on_unsubscribe_command(slot, command);
    case Command::Kind::kPublish:
      if (!session.may_publish)
        return answer(slot, command.ref, SC_DENIED, problem_json(403, "Publishing needs the role staff, admin or publisher."));
      return publisher_.publish(ref_of(slot), command.ref, command.text);
    case Command::Kind::kRenew: {
      auto identity = context_.access.identify("Bearer " + command.text, "");
      if (!identity.ok) return answer(slot, command.ref, SC_DENIED, problem_json(401, identity.reason));
      // What is subscribed stays as it was admitted; what comes is judged by the new claims.
      if (!session.request) return answer(slot, command.ref, SC_UNSUPPORTED, problem_json(400, kOneWay));
      session.may_publish = identity.may_publish;
      session.request = requests_.keep(*session.request.context(session.number, {})->with_claims(std::move(identity.claims)));
      return answer(slot, command.ref, SC_OK, "{}");
    }
    case Command::Kind::kPong: session.heard = context_.now; return;
    case Command::Kind::kClose:
      close(slot, SC_CLOSE_ENDED, command.text);
      session.ended_by = EndedBy::kClient;
      return;
  }
}

void Streams::on_subscribe_command(std::uint32_t slot, const Command& command) {
  Session& session = sessions_[slot];
  if (!session.request) return answer(slot, command.ref, SC_UNSUPPORTED, problem_json(400, kOneWay));
  const auto topics = topics_of(session);
  const std::uint32_t waiting = session.details ? session.details->asked : 0;
  const auto same = [&](const std::string& name) { return name == command.text; };
  const bool subscribed = std::ranges::find(topics, topics_.find(command.text)) != topics.end();
  const bool asked = waiting != 0 && std::ranges::any_of(admissions_, [&](const auto& entry) {
    return entry.second.session == ref_of(slot) && std::ranges::any_of(entry.second.topics, same, &AdmittedTopic::name);
  });
  if (subscribed || asked) return answer(slot, command.ref, SC_REJECTED, problem_json(409, "This session is subscribed to '" + excerpt(command.text) + "' already."));
  if (topics.size() + waiting >= context_.config.limits.topics_per_session)
    return answer(slot, command.ref, SC_BUSY, problem_json(429, "A session may have " + std::to_string(context_.config.limits.topics_per_session) + " topics (limits.topics_per_session): unsubscribe from one first."));
  Admission admission;
  admission.session = ref_of(slot);
  admission.context = session.request.context(session.number, remote_of(session.fd));
  admission.ref = command.ref;
  admission.cursor = command.cursor;
  std::string why;
  if (const unsigned status = resolve(session, command.text, admission.topics.emplace_back(), why))
    return answer(slot, command.ref, status == 503 ? SC_BUSY : SC_UNKNOWN, problem_json(status, why));
  ++details_of(session).asked;
  if (post_admits(std::move(admission))) return;
  --session.details->asked;
  answer(slot, command.ref, SC_BUSY, problem_json(503, "A state that this topic needs has no room for another request now: try again."));
}

void Streams::on_unsubscribe_command(std::uint32_t slot, const Command& command) {
  const auto topics = topics_of(sessions_[slot]);
  const auto topic = topics_.find(command.text);
  if (std::ranges::find(topics, topic) == topics.end())
    return answer(slot, command.ref, SC_UNKNOWN, problem_json(404, "This session is not subscribed to '" + excerpt(command.text) + "'."));
  remove_topic(slot, topic);
  answer(slot, command.ref, SC_OK, "{}");
}

void Streams::on_published(const SessionRef& ref, std::uint64_t command, sc_status status, std::string_view json) {
  if (find(ref) != nullptr) answer(ref.slot, command, status, json);
}

void Streams::answer(std::uint32_t slot, std::uint64_t ref, sc_status status, std::string_view json) {
  Session& session = sessions_[slot];
  if (session.stage != Session::Stage::kOpen) return;
  TransportInstance& transport = transport_of(session);
  StringSink out;
  guard_of(session)("answer", [&](const sc_sink*) {
    return transport.table().answer(transport.self(), &session.plugin_session, ref, status, str(json), out.get());
  });
  push_bytes(slot, out.text());
}

}  // namespace statecast::host

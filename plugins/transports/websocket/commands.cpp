#include "plugins/transports/websocket/commands.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <statecast/repeated_member.hpp>
#include <statecast/shown_text.hpp>
#include <stdexcept>

namespace statecast::websocket {
namespace {

// What clients send is looked up by name; nlohmann's ordered form takes quadratic time for an object of many members.
using Received = nlohmann::json;
using Answer = nlohmann::ordered_json;

constexpr std::size_t kMaxTopic = 256, kMaxId = 128;  // bytes; both are kept until the answer

constexpr std::string_view kNotJson =
    R"(the message is not JSON: send one object such as {"action":"subscribe","topic":"orders/o-1"})";
constexpr std::string_view kNotObject =
    R"(the message is not a JSON object: send one such as {"action":"subscribe","topic":"orders/o-1"})";
static_assert(kDeepestDocument == 66, "as kTooDeep says");
constexpr std::string_view kTooDeep = "the message is nested deeper than 66 levels: send a flatter one";
constexpr std::string_view kBadAction = "'action' must be one of subscribe, unsubscribe, publish, renew, ping";
constexpr std::string_view kBadId = "'id' must be a number or a string of at most 128 bytes";
constexpr std::string_view kBadTopic = "'topic' must be a string of 1 to 256 bytes, such as orders/o-1";
constexpr std::string_view kBadCursor =
    "'last_event_id' must be a string: the 'cursor' of the last message that arrived";
constexpr std::string_view kBadEvent =
    "'event' must be an object: a CloudEvent, or its short form with type, subject and data";
constexpr std::string_view kBadToken = "'token' must be a string that is not empty";

// What is wrong with a message; caught in read_command.
struct Problem : std::runtime_error {
  explicit Problem(std::string_view text) : std::runtime_error(std::string(text)) {}
};

struct ActionNames {
  Action action;
  std::string_view name, done;  // "subscribe", "subscribed"
};
constexpr std::array<ActionNames, 5> kActions = {{{Action::subscribe, "subscribe", "subscribed"},
                                                  {Action::unsubscribe, "unsubscribe", "unsubscribed"},
                                                  {Action::publish, "publish", "published"},
                                                  {Action::renew, "renew", "renewed"},
                                                  {Action::ping, "ping", "pong"}}};

ActionNames names_of(Action action) {
  const auto found = std::ranges::find(kActions, action, &ActionNames::action);
  return found == kActions.end() ? ActionNames{Action::unknown, {}, {}} : *found;
}

Received parse_object(std::string_view text) {
  const auto limit_depth = [](int enclosing, Received::parse_event_t event, Received&) {
    const bool opens = event == Received::parse_event_t::object_start || event == Received::parse_event_t::array_start;
    if (opens && enclosing >= static_cast<int>(kDeepestDocument)) throw Problem(kTooDeep);
    return true;
  };
  Received json = Received::parse(text, limit_depth, false);
  if (json.is_discarded()) throw Problem(kNotJson);
  if (!json.is_object()) throw Problem(kNotObject);
  if (const auto twice = repeated_member(text)) throw Problem("the member '" + *twice + "' is there twice: which of the two counts is not for us to say");
  return json;
}

// The string member `name`, empty when absent.
std::string text_member(const Received& object, const char* name, std::string_view problem) {
  const auto member = object.find(name);
  if (member == object.end()) return {};
  if (!member->is_string()) throw Problem(problem);
  return member->get<std::string>();
}

Action read_action(const Received& object) {
  const std::string name = text_member(object, "action", kBadAction);
  const auto found = std::ranges::find(kActions, name, &ActionNames::name);
  if (found == kActions.end()) throw Problem(kBadAction);
  return found->action;
}

std::string read_id(const Received& object) {
  const auto id = object.find("id");
  if (id == object.end()) return {};
  const bool short_text = id->is_string() && id->get_ref<const std::string&>().size() <= kMaxId;
  if (!short_text && !id->is_number()) throw Problem(kBadId);
  return id->dump();
}

// STOMP clients say /topic/orders/o-1, and mean the same topic.
std::string read_topic(const Received& object) {
  std::string topic = text_member(object, "topic", kBadTopic);
  for (const std::string_view prefix : {"/topic/", "topic/"}) {
    if (!topic.starts_with(prefix)) continue;
    topic.erase(0, prefix.size());
    break;
  }
  if (topic.empty() || topic.size() > kMaxTopic) throw Problem(kBadTopic);
  return topic;
}

// As it was written: the numbers and the order of its members are the publisher's.
std::string read_event(const Received& object, std::string_view text) {
  const auto event = object.find("event");
  if (event == object.end() || !event->is_object()) throw Problem(kBadEvent);
  return std::string(written_member(text, "event").value_or(std::string_view()));
}

std::string read_token(const Received& object) {
  std::string token = text_member(object, "token", kBadToken);
  if (token.empty()) throw Problem(kBadToken);
  return token;
}

// The id comes first, so that whatever else is wrong can be told under it.
void read_members(std::string_view text, Command& command) {
  const Received object = parse_object(text);
  command.id = read_id(object);
  command.action = read_action(object);
  switch (command.action) {
    case Action::subscribe:
      command.topic = read_topic(object);
      command.last_event_id = text_member(object, "last_event_id", kBadCursor);
      break;
    case Action::unsubscribe:
      command.topic = read_topic(object);
      break;
    case Action::publish:
      command.event = read_event(object, text);
      break;
    case Action::renew:
      command.token = read_token(object);
      break;
    case Action::ping:
    case Action::unknown:
      break;
  }
}

Answer error_head(Action action, const std::string& topic) {
  Answer message = {{"type", "error"}};
  if (action != Action::unknown) message["action"] = names_of(action).name;
  if (!topic.empty()) message["topic"] = topic;
  return message;
}

Answer done_head(Action action, const std::string& topic) {
  Answer message = {{"type", names_of(action).done}};
  if (!topic.empty()) message["topic"] = topic;
  return message;
}

std::string with_id(Answer message, const std::string& id) {
  if (!id.empty()) message["id"] = Answer::parse(id);
  return message.dump();
}

// The names that the protocol itself gives a meaning stay its own.
void merge_result(std::string_view result, Answer& message) {
  const Answer members = Answer::parse(result, nullptr, false);
  if (!members.is_object()) return;
  for (const auto& [name, value] : members.items()) {
    if (name != "id" && !message.contains(name)) message[name] = value;
  }
}

}  // namespace

Command read_command(std::string_view text) {
  Command command;
  try {
    read_members(text, command);
  } catch (const Problem& problem) {
    command.problem = problem.what();
  }
  return command;
}

std::string pong_message(const Command& command) { return with_id(done_head(Action::ping, {}), command.id); }

std::string error_message(const Command& command, int status, std::string_view title, std::string_view detail) {
  Answer message = error_head(command.action, command.topic);
  message["status"] = status;
  message["title"] = title;
  message["detail"] = escape_unseen(detail);
  return with_id(std::move(message), command.id);
}

std::uint64_t PendingRequests::add(const Command& command) {
  waiting_.push_back({++last_ref_, command.action, command.topic, command.id});
  return last_ref_;
}

std::string PendingRequests::answer(std::uint64_t ref, sc_status status, std::string_view result) {
  const auto found = std::ranges::lower_bound(waiting_, ref, {}, &Request::ref);
  if (found == waiting_.end() || found->ref != ref) return {};
  const Request request = std::move(*found);
  waiting_.erase(found);
  if (waiting_.empty()) waiting_.shrink_to_fit();
  Answer message = (status == SC_OK ? done_head : error_head)(request.action, request.topic);
  merge_result(result, message);
  return with_id(std::move(message), request.id);
}

}  // namespace statecast::websocket

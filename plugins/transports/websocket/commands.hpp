// What clients say over a WebSocket, {"action":"subscribe","topic":"orders/o-1","id":1}, and what they are told.
#pragma once

#include <cstdint>
#include <statecast/types.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace statecast::websocket {

enum class Action : std::uint8_t { unknown, subscribe, unsubscribe, publish, renew, ping };

// One text message of a client, read. When `problem` is set, only what was read before it counts.
struct Command {
  Action action = Action::unknown;
  std::string id;             // JSON text of the client's own number or name for the command; empty = none
  std::string topic;          // subscribe, unsubscribe: without a leading "/topic/"
  std::string last_event_id;  // subscribe; empty = from now
  std::string event;          // publish: JSON object
  std::string token;          // renew
  std::string problem;        // a sentence for the client: what is wrong and what to do
};

// Never fails: what cannot be read has a `problem`.
Command read_command(std::string_view text);

// {"type":"pong","id":...}
std::string pong_message(const Command& command);

// {"type":"error","action":...,"topic":...,"status":...,"title":...,"detail":...,"id":...}
std::string error_message(const Command& command, int status, std::string_view title, std::string_view detail);

// The commands of one session that the host has not answered yet, at most kMost, each under a number of its own.
// Owned by the session, used on its shard; without memory while nothing waits.
class PendingRequests {
 public:
  static constexpr std::size_t kMost = 1000;

  bool empty() const { return waiting_.empty(); }
  bool full() const { return waiting_.size() >= kMost; }

  // Returns the number by which the host will answer.
  std::uint64_t add(const Command& command);

  // Forgets the request and returns the client's answer: the host's `result`, a JSON object, with the command's type,
  // topic and id around it. Empty when no such request waits.
  std::string answer(std::uint64_t ref, sc_status status, std::string_view result);

 private:
  struct Request {
    std::uint64_t ref;
    Action action;
    std::string topic, id;
  };

  std::vector<Request> waiting_;  // in ascending order of ref
  std::uint64_t last_ref_ = 0;
};

}  // namespace statecast::websocket

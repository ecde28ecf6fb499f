// Follows topics of a host by SSE for as long as it takes: reconnects by itself, resumes where it was, and says what
// happened to the connection in between.
//
// Owned by a command. [main]
#pragma once

#include <set>
#include <string>
#include <vector>

#include "host/cli/client/backoff.hpp"
#include "host/cli/client/http_client.hpp"
#include "host/cli/client/sse_parser.hpp"

namespace statecast::host::client {

class Subscription {
 public:
  struct Options {
    std::vector<std::string> topics;
    std::string cursor;                      // resume after this; empty = begin with the current values
    std::chrono::milliseconds silence{60'000};  // a connection without a byte for so long is dead
  };

  // What hears of it.
  class Listener {
   public:
    virtual ~Listener() = default;
    // A message of an entity, as JSON. False = no more of them.
    virtual bool on_message(std::string_view json) = 0;
    // What is worth telling about the connection or a topic: "orders/all starts anew: the cursor is of another history".
    virtual void on_notice(const std::string& text) = 0;
  };

  enum class Outcome {
    kEnough,  // the listener wants no more
    kOver,    // every topic has come to its end
    kEnded,   // the command is to end (ClientLoop::end)
  };

  Subscription(ClientLoop& loop, HttpClient& client, Options options, Listener& listener, Backoff backoff = Backoff());

  // An error when the host cannot be reached at the first try, or refuses for good.
  Result<Outcome> run();

 private:
  enum class Next { kAgain, kEnough, kOver };

  Request request() const;
  // One connection from its beginning to its end.
  Result<Next> follow();
  Result<Next> on_failure(const Failure& failure);
  Result<Next> on_refusal(const Response& response);
  Next read();
  Next on_data(std::string_view json);
  // True for what the host says about the stream rather than about an entity.
  bool on_control(std::string_view json, Next& next);
  void on_connected(bool resumed);
  void lose(const std::string& why);

  ClientLoop& loop_;
  HttpClient& client_;
  const Options options_;
  Listener& listener_;
  Backoff backoff_;
  SseParser parser_;
  std::chrono::milliseconds least_wait_ = Backoff::kFirst;
  bool ever_connected_ = false, lost_ = false;
  std::string closing_;            // why the host closes, once it said so
  std::set<std::string> over_;     // topics that have ended
};

}  // namespace statecast::host::client

// Publishes batches of events, each acknowledged before the next, and again after a failure that may pass: every event has
// its id, so that what arrives twice is stored once.
//
// Owned by the publish command. [main]
#pragma once

#include <functional>
#include <span>

#include "host/cli/client/backoff.hpp"
#include "host/cli/client/http_client.hpp"
#include "host/cli/event_lines.hpp"

namespace statecast::host {

class Publisher {
 public:
  struct Options {
    std::uint64_t wait_s = 0;                    // for the states' verdicts
    std::chrono::milliseconds timeout{60'000};   // for one batch, with all its tries
    std::function<std::string(std::size_t)> place;    // what messages call the event of a line
    std::function<void(const std::string&)> notice;   // told what happens in between
  };
  struct Counts {
    std::uint64_t published = 0;  // acknowledged
    std::uint64_t known = 0;      // of these, there before
    std::uint64_t rejected = 0;   // of these, by a state
    std::uint64_t undecided = 0;  // batches of which not every verdict came in time
  };

  Publisher(client::ClientLoop& loop, client::HttpClient& client, Options options) : loop_(loop), client_(client), options_(std::move(options)) {}

  // The error says which event is wrong; those before it are published. Also when the command is to end.
  Result<void> publish(std::span<const EventLine> batch);

  const Counts& counts() const { return counts_; }

 private:
  client::Request request(std::span<const EventLine> batch) const;
  Result<void> on_answer(const client::Response& response, std::span<const EventLine> batch, bool repeated);
  Result<void> on_refusal(const client::Response& response, std::span<const EventLine> batch);
  void on_accepted(const client::Response& response, std::span<const EventLine> batch, bool repeated);

  client::ClientLoop& loop_;
  client::HttpClient& client_;
  const Options options_;
  client::Backoff backoff_;
  Counts counts_;
  bool reached_ = false;  // the host, at least once
};

}  // namespace statecast::host

// Messages of appended topics that are no longer in memory, for those on a lane who need them: asked of the store, handed
// over in a later turn. At most kUnderWay requests are with the store; the others wait in order. Nobody waits for the disk.
//
// Owned by its lane. [lane]
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "host/streaming/messages.hpp"

namespace statecast::host {

class Store;

class OlderMessages {
 public:
  static constexpr std::size_t kUnderWay = 16;
  static constexpr std::uint32_t kAtOnce = 256;  // messages an answer has at most

  using Done = std::function<void(Fetched&)>;

  OlderMessages(std::uint16_t lane, const std::string& state, Store* store) : lane_(lane), state_(state), store_(store) {}

  // Asks for the messages of a topic from place `from` and before `end`: those from `from` on, as many as fit into one
  // answer. `done` gets it in a later step(), which may ask again. The number of the request.
  std::uint64_t ask(const std::string& topic, std::uint64_t from, std::uint64_t end, Done done);
  // The answer is not needed any more.
  void forget(std::uint64_t request);

  // An answer came; the next step hands it over.
  void on(Fetched& fetched) { arrived_.push_back(std::move(fetched)); }
  // Hands over what came, and asks the store for more.
  void step();

  // Whether the store had no room: step again soon.
  bool held_up() const { return held_up_; }
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t under_way() const { return under_way_.size(); }

 private:
  struct Asked {
    std::string topic;
    std::uint64_t from, end;
    Done done;
  };
  void hand_over(Fetched& fetched);

  const std::uint16_t lane_;
  const std::string state_;  // its id
  Store* const store_;
  std::uint64_t requests_ = 0;
  std::map<std::uint64_t, Asked> waiting_;  // one for each group of a session, and each request for a value
  std::map<std::uint64_t, Done> under_way_;  // empty = forgotten
  std::deque<Fetched> arrived_;
  bool held_up_ = false, failing_ = false;
};

}  // namespace statecast::host

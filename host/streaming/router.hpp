// Which lane gets which event: by type to the states that consume it, by partition key to one of a state's lanes.
//
// Built once by StreamService, then read-only. [any]
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "host/streaming/lane.hpp"

namespace statecast::host {

// FNV-1a, 64 bits: the same on every host, since cursors name partitions.
std::uint64_t partition_hash(std::string_view key);

class Router {
 public:
  // The lanes of one state, in order of partition, and what it consumes: type -> JSON pointer to the partition key. A
  // type's own pointer counts before that of kEveryType.
  void add_state(const std::vector<Manifest::Consumes>& consumes, std::vector<Lane*> lanes);

  // Calls take(lane's place in lanes()) for each lane that gets the event.
  template <class Take>
  void route(const sc_event& event, Take&& take) const {
    for (const StateRoute& state : states_) {
      auto key = state.keys.find(view(event.type));
      if (key == state.keys.end()) key = state.keys.find(kEveryType);
      if (key != state.keys.end()) take(state.first + partition(event, key->second, state.count));
    }
  }

  const std::vector<Lane*>& lanes() const { return lanes_; }

 private:
  struct StateRoute {
    std::unordered_map<std::string, std::string, StringHash, std::equal_to<>> keys;
    std::size_t first, count;
  };
  static std::size_t partition(const sc_event& event, const std::string& pointer, std::size_t count);

  std::vector<StateRoute> states_;
  std::vector<Lane*> lanes_;
};

}  // namespace statecast::host

#include "host/streaming/router.hpp"

#include "host/streaming/json.hpp"

namespace statecast::host {

std::uint64_t partition_hash(std::string_view key) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const unsigned char byte : key) hash = (hash ^ byte) * 1099511628211ull;
  return hash;
}

void Router::add_state(const std::vector<Manifest::Consumes>& consumes, std::vector<Lane*> lanes) {
  StateRoute& route = states_.emplace_back();
  route.first = lanes_.size();
  route.count = lanes.size();
  for (const auto& what : consumes) route.keys.emplace(what.type, what.key);
  lanes_.insert(lanes_.end(), lanes.begin(), lanes.end());
}

std::size_t Router::partition(const sc_event& event, const std::string& pointer, std::size_t count) {
  if (count == 1) return 0;
  if (pointer == "/subject") return partition_hash(view(event.subject)) % count;
  constexpr std::string_view kData = "/data";
  // An event without its key is for the state to reject: any partition will do.
  const auto key = json_text_at(view(event.data), std::string_view(pointer).substr(kData.size()));
  return key ? partition_hash(*key) % count : 0;
}

}  // namespace statecast::host

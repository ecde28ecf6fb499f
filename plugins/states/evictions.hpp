// What a State evicted before its end, because it was idle for long or there was too much: counted, told in the log the first
// time for each reason, and remembered for a while, so that who comes with an update is told why.
//
// Metric, for orders: orders_evicted. Owned by a State, on its lane.
#pragma once

#include <cstdint>
#include <deque>
#include <statecast/types.hpp>
#include <string>
#include <string_view>
#include <unordered_set>

namespace statecast {

class Evictions {
 public:
  // `kind` names the entities: "orders". Within the State's constructor.
  Evictions(const Host& host, std::string_view kind);

  // `why` is the setting that asked for it: "keep_idle".
  void note(std::string_view id, std::string_view why);
  void note_back(std::string_view id);
  // Whether it is among the last that went, and has not come back.
  bool has(std::string_view id) const { return !gone_.empty() && gone_.contains(std::string(id)); }

 private:
  static constexpr std::size_t kRemembered = 4096;

  const Host host_;
  const std::string kind_;
  const std::uint32_t metric_;
  std::unordered_set<std::string> gone_, told_;  // ids; reasons
  std::deque<std::string> in_order_;             // ids; some have come back
};

}  // namespace statecast

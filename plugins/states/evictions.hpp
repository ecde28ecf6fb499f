// What a State evicted before its end, because it was idle for long or there was too much: counted, and told in the log the first
// time for each reason.
//
// Metric, for orders: orders_evicted. Owned by a State, on its lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <statecast/types.hpp>
#include <string>
#include <string_view>

#include "plugins/states/bound.hpp"

namespace statecast {

class Evictions {
 public:
  // How many go in one call of the State: the rest in the calls that follow, so that none takes long.
  static constexpr std::size_t kAtOnce = 10'000;

  // `kind` names the entities: "orders". Within the State's constructor.
  Evictions(const Host& host, std::string_view kind);

  // `why` is the setting that asked for it: "keep_idle".
  void note(std::string_view id, std::string_view why);

  // Calls `evict(key, why)` for what `next()` gives, which may be nothing, while there is more than the bound allows.
  template <class Next, class Evict>
  void make_room(const Bound& bound, Next&& next, Evict&& evict) {
    for (std::size_t left = kAtOnce; bound.exceeded() && left > 0; --left) {
      const std::optional<std::string_view> key = next();
      if (!key) return;
      evict(*key, bound.too_many() ? "max_" + kind_ : "max_memory");
    }
  }

 private:
  const Host host_;
  const std::string kind_;
  const std::uint32_t metric_;
  std::set<std::string, std::less<>> told_;  // reasons
};

}  // namespace statecast

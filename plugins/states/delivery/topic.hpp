// The topics of a DeliveryState: runs/<id>, runs/all, drivers/<id> and drivers/all; and its keys.
//
// A run's or driver's key is the topic of its own, so that a run and a driver of one id do not collide, and a report of
// a change needs no text to be made.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace statecast::delivery {

inline constexpr std::string_view kAllName = "all";
inline constexpr std::string_view kRuns = "runs/", kDrivers = "drivers/", kOrders = "orders/";
inline constexpr std::string_view kAllRuns = "runs/all", kAllDrivers = "drivers/all";

struct Topic {
  enum class Kind { run, all_runs, driver, all_drivers };
  Kind kind;
  std::string_view id;  // of the run or driver; a view of the topic

  // Nothing = no topic of this state.
  static std::optional<Topic> parse(std::string_view topic);
};

inline std::string key_of(std::string_view prefix, std::string_view id) { return std::string(prefix).append(id); }

// The id in a key that begins with the prefix; nothing = another kind of key.
std::optional<std::string_view> id_in(std::string_view key, std::string_view prefix);

}  // namespace statecast::delivery

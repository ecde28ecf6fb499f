// The statuses that an order may have, and which may follow which.
//
// Owned by an OrderState, never changes. Which statuses there are is the operator's choice; see settings.hpp.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace statecast::order {

class Lifecycle {
 public:
  using Transitions = std::map<std::string, std::vector<std::string>, std::less<>>;

  // `next` names every status and those that may follow it; throws Rejection when it contradicts itself or `initial`.
  Lifecycle(Transitions next, std::string initial);

  const std::string& initial() const { return initial_; }

  // Throws Rejection when it is no status.
  void check_status(std::string_view status) const;
  // Throws Rejection when `to` is no status, or may not follow `from`. A status may always be repeated.
  void check_step(std::string_view from, std::string_view to) const;

  // Whether an order ends with this status: no other may follow.
  bool is_final(std::string_view status) const { return followers(status).empty(); }

 private:
  std::span<const std::string> followers(std::string_view status) const;
  std::string statuses() const;

  Transitions next_;
  std::string initial_;
};

}  // namespace statecast::order

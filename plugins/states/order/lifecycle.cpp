#include "plugins/states/order/lifecycle.hpp"

#include <algorithm>

#include "plugins/states/rejection.hpp"

namespace statecast::order {
namespace {

std::string joined(std::span<const std::string> items) {
  std::string list;
  for (const std::string& item : items) list += (list.empty() ? "" : ", ") + item;
  return list;
}

}  // namespace

Lifecycle::Lifecycle(Transitions next, std::string initial) : next_(std::move(next)), initial_(std::move(initial)) {
  if (next_.empty()) throw Rejection("lifecycle: there must be at least one status");
  if (next_.contains("")) throw Rejection("lifecycle: a status must not be empty");
  for (const auto& [status, followers] : next_)
    for (const std::string& follower : followers)
      if (!next_.contains(follower))
        throw Rejection("lifecycle: " + status + " leads to '" + follower +
                        "', which is no status of the lifecycle; add '" + follower + ": []' if orders end there");
  if (!next_.contains(initial_))
    throw Rejection("initial: '" + initial_ + "' is no status of the lifecycle, which has " + statuses());
}

void Lifecycle::check_status(std::string_view status) const {
  if (!next_.contains(status)) throw Rejection("data.status must be one of " + statuses());
}

void Lifecycle::check_step(std::string_view from, std::string_view to) const {
  if (from == to) return;
  check_status(to);
  const auto allowed = followers(from);
  if (std::ranges::find(allowed, to) != allowed.end()) return;
  throw Rejection("an order cannot go from " + std::string(from) + " to " + std::string(to) + ": from " +
                  std::string(from) + " it can go to " + (allowed.empty() ? "no other status" : joined(allowed)));
}

// An order saved under another lifecycle may be in a status that this one lacks: there it stays.
std::span<const std::string> Lifecycle::followers(std::string_view status) const {
  const auto found = next_.find(status);
  if (found == next_.end()) return {};
  return found->second;
}

std::string Lifecycle::statuses() const {
  std::vector<std::string> names;
  for (const auto& [status, _] : next_) names.push_back(status);
  return joined(names);
}

}  // namespace statecast::order

#include "plugins/states/bound.hpp"

#include <string>

namespace statecast {

Bound::Bound(const Host& host, std::string_view kind, const Limits& limits) : host_(host), limits_(limits) {
  const std::string name(kind);
  count_metric_ = host_.gauge(name, "How many " + name + " the state holds.");
  bytes_metric_ = host_.gauge(name + "_bytes", "What the " + name + " of the state take in memory, about.");
  host_.add(host_.gauge(name + "_limit", "The most " + name + " that the state holds."), static_cast<double>(limits_.count));
  host_.add(host_.gauge(name + "_bytes_limit", "The most that the " + name + " of the state may take."), static_cast<double>(limits_.bytes));
}

void Bound::enter(std::size_t bytes) {
  ++count_;
  host_.add(count_metric_, 1);
  resize(0, bytes);
}

void Bound::leave(std::size_t bytes) {
  --count_;
  host_.add(count_metric_, -1);
  resize(bytes, 0);
}

void Bound::resize(std::size_t before, std::size_t after) {
  if (before == after) return;
  bytes_ = bytes_ - before + after;
  host_.add(bytes_metric_, static_cast<double>(after) - static_cast<double>(before));
}

}  // namespace statecast

#include "plugins/states/evictions.hpp"

namespace statecast {

Evictions::Evictions(const Host& host, std::string_view kind)
    : host_(host), kind_(kind), metric_(host.counter(kind_ + "_evicted", "Evicted " + kind_ + " that were idle for long, or too many.")) {}

void Evictions::note(std::string_view id, std::string_view why) {
  host_.add(metric_, 1);
  if (gone_.emplace(id).second) in_order_.emplace_back(id);
  if (in_order_.size() > kRemembered) {
    gone_.erase(in_order_.front());
    in_order_.pop_front();
  }
  if (!told_.emplace(why).second) return;
  host_.warning(kind_ + " are evicted because of " + std::string(why) + ", '" + std::string(id) + "' first: the metric " + kind_ +
                "_evicted says how many follow, and their events stay in the log (statecast log dump)");
}

void Evictions::note_back(std::string_view id) {
  if (!gone_.empty()) gone_.erase(std::string(id));
}

}  // namespace statecast

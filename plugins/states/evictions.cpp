#include "plugins/states/evictions.hpp"

namespace statecast {

Evictions::Evictions(const Host& host, std::string_view kind)
    : host_(host), kind_(kind), metric_(host.counter(kind_ + "_evicted", "Evicted " + kind_ + " that were idle for long, or too many.")) {}

void Evictions::note(std::string_view id, std::string_view why) {
  host_.add(metric_, 1);
  if (told_.contains(why)) return;
  told_.emplace(why);
  host_.warning(kind_ + " are evicted because of " + std::string(why) + ", '" + std::string(id) + "' first: the metric " + kind_ +
                "_evicted says how many follow, and their events stay in the log (statecast log dump)");
}

}  // namespace statecast

// Plugins for the micro-benches: those that are shipped, loaded as a host loads them, and one State that does nothing.
#pragma once

#include <memory>
#include <string_view>

#include "host/streaming/instances.hpp"

namespace statecast::bench {

// Ends the program: what a bench measures must be right.
void expect(bool right, std::string_view what);

// From the folder that STATECAST_PLUGINS names, under the id `type` and with the settings that are the default.
std::unique_ptr<host::StateInstance> make_state(std::string_view type);
std::unique_ptr<host::TransportInstance> make_transport(std::string_view type);

std::unique_ptr<host::StateInstance> make_empty_state();

// Takes what a State reports, and ends the program when it rejects an event.
class Reports {
 public:
  Reports();
  const sc_changes& table() const { return table_; }
  std::size_t updated() const { return updated_; }

 private:
  sc_changes table_{};
  std::size_t updated_ = 0;
};

}  // namespace statecast::bench
